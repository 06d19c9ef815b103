//! What an event changes in the rows of its call and recording. Pure: known rows and an event come
//! in, the rows as they should be come out. The store carries it out in one transaction.

use jiff::Timestamp;

use super::{
    event::{CallFacts, Kind, Progress, RecordingFacts, RecordingNews},
    url_change::{UrlChange, expiry, url_change},
};

/// Which source says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its name.
    pub source: String,
    /// Its kind.
    pub kind: Kind,
    /// The team of its calls.
    pub team: Option<String>,
    /// The configured account.
    pub account: Option<String>,
}

impl Origin {
    /// The account that a recording is unique in, with the kind before it. Without an account of
    /// the provider's it is the source.
    pub fn account_of(&self, recording: &RecordingNews) -> String {
        let account = match recording.account.as_str() {
            "" => self.account.as_deref().unwrap_or(&self.source),
            account => account,
        };
        format!("{}:{account}", self.kind.as_str())
    }
}

/// A call's row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownCall {
    /// What it says.
    pub facts: CallFacts,
    /// Whether the API registered it: then events add, and change nothing.
    pub is_of_the_api: bool,
}

impl KnownCall {
    /// The call, once an event has come.
    #[must_use]
    pub fn with(self, news: CallFacts) -> CallFacts {
        if self.is_of_the_api { self.facts.or(news) } else { self.facts.merged(news) }
    }
}

/// How a recording stands here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not fetched yet.
    #[default]
    Pending,
    /// Bytes are kept here.
    Kept,
    /// Nothing was recorded.
    Empty,
    /// The provider no longer had it.
    Gone,
    /// Deleted here, for good.
    Deleted,
}

/// A recording's row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownRecording {
    /// What it says.
    pub facts: RecordingFacts,
    /// How it stands.
    pub state: State,
    /// Whether the API set its URL: then events change only its signature.
    pub is_url_of_the_api: bool,
}

/// A recording's row as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it says.
    pub facts: RecordingFacts,
    /// How it stands.
    pub state: State,
    /// What the change means for the run that is under way.
    pub url: UrlChange,
    /// When the URL ends.
    pub url_expires_at: Option<Timestamp>,
    /// Whether it should be fetched.
    pub fetch: bool,
}

impl KnownRecording {
    /// The recording, once an event has come; `None` where nothing changes.
    pub fn with(self, news: RecordingFacts) -> Option<Change> {
        if self.state == State::Deleted {
            return None;
        }
        let news = RecordingFacts { url: news.url.filter(|url| self.takes(url)), ..news };
        let url = self.facts.url_change(&news);
        let facts = self.facts.clone().merged(news);
        let has_media = facts.url.is_some();
        let state = match self.state {
            // What was gone may be there again under another address, and what was absent may come.
            State::Gone | State::Empty if url != UrlChange::Same => State::Pending,
            State::Pending if facts.progress == Some(Progress::Absent) && !has_media => {
                State::Empty
            }
            state => state,
        };
        let fetch = has_media && state == State::Pending && url != UrlChange::Same;
        let ends = facts.url.as_ref().and_then(expiry);
        let url_expires_at = ends.and_then(|second| Timestamp::from_second(second).ok());
        let change = Change { facts, state, url, url_expires_at, fetch };
        let is_same = change.facts == self.facts && change.state == self.state;
        (!is_same).then_some(change)
    }

    fn takes(&self, url: &crate::recording_url::RecordingUrl) -> bool {
        match &self.facts.url {
            Some(known) if self.is_url_of_the_api => {
                url_change(known, url, true) == UrlChange::Signature
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(progress: Progress, url: Option<&str>) -> RecordingFacts {
        let url = url.map(|url| url.parse().unwrap());
        RecordingFacts { progress: Some(progress), url, ..RecordingFacts::default() }
    }

    const URL: &str = "https://a.b/RE1.wav?X-Amz-Date=20260301T120000Z&X-Amz-Expires=600";
    const FRESH: &str = "https://a.b/RE1.wav?X-Amz-Date=20260301T121000Z&X-Amz-Expires=600";

    fn known(state: State, facts: RecordingFacts) -> KnownRecording {
        KnownRecording { facts, state, is_url_of_the_api: false }
    }

    #[test]
    fn a_completed_recording_is_fetched_once() {
        let completed = facts(Progress::Completed, Some(URL));
        let change = KnownRecording::default().with(completed.clone()).unwrap();
        assert!(change.fetch && change.url == UrlChange::Media);
        assert_eq!(change.url_expires_at, Some("2026-03-01T12:10:00Z".parse().unwrap()));
        assert_eq!(known(State::Pending, completed.clone()).with(completed), None);
    }

    #[test]
    fn absent_and_failed_never_take_a_recording_away() {
        let completed = facts(Progress::Completed, Some(URL));
        for late in [Progress::Absent, Progress::Failed("32021".to_owned()), Progress::InProgress] {
            for state in [State::Pending, State::Kept, State::Gone] {
                assert_eq!(known(state, completed.clone()).with(facts(late.clone(), None)), None);
            }
        }
        let absent = KnownRecording::default().with(facts(Progress::Absent, None)).unwrap();
        assert_eq!((absent.state, absent.fetch), (State::Empty, false));
        let came = known(State::Empty, absent.facts).with(completed).unwrap();
        assert_eq!((came.state, came.fetch), (State::Pending, true));
    }

    #[test]
    fn a_fresh_signature_is_no_other_recording() {
        let change = |state| {
            known(state, facts(Progress::Completed, Some(URL)))
                .with(facts(Progress::Completed, Some(FRESH)))
                .unwrap()
        };
        assert_eq!(
            (change(State::Pending).url, change(State::Pending).fetch),
            (UrlChange::Signature, true)
        );
        assert_eq!((change(State::Kept).state, change(State::Kept).fetch), (State::Kept, false));
        assert_eq!((change(State::Gone).state, change(State::Gone).fetch), (State::Pending, true));
        let older = known(State::Pending, facts(Progress::Completed, Some(FRESH)))
            .with(facts(Progress::Completed, Some(URL)));
        assert_eq!(older, None);
    }

    #[test]
    fn what_the_api_said_stands() {
        let of_api = KnownRecording {
            is_url_of_the_api: true,
            ..known(State::Pending, facts(Progress::Completed, Some("https://z.b/own.wav")))
        };
        assert_eq!(of_api.with(facts(Progress::Completed, Some(URL))), None);
        let call = KnownCall {
            facts: CallFacts { from: Some("Dana".to_owned()), ..CallFacts::default() },
            is_of_the_api: true,
        };
        let news = CallFacts {
            from: Some("+15550100".to_owned()),
            to: Some("+15550200".to_owned()),
            started_at: Some(Timestamp::UNIX_EPOCH),
            ..CallFacts::default()
        };
        let joined = call.with(news);
        assert_eq!(
            (joined.from.as_deref(), joined.to.as_deref()),
            (Some("Dana"), Some("+15550200"))
        );
        assert_eq!(joined.started_at, Some(Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn a_deleted_recording_stays_deleted() {
        assert_eq!(
            known(State::Deleted, RecordingFacts::default())
                .with(facts(Progress::Completed, Some(URL))),
            None
        );
    }
}
