//! How an event joins what is known. Pure: any order and any number of repeats of a call's events
//! end in the same facts, and an event never takes away what it does not know.

use std::cmp::Reverse;

use super::{
    event::{CallFacts, RecordingFacts},
    url_change::{UrlChange, expiry, url_change},
};
use crate::recording_url::RecordingUrl;

impl CallFacts {
    /// Joins what an event says. Where both know something else, the earlier start wins, because
    /// the first leg's parties are the call's; a call is as long as the longest word of it.
    #[must_use]
    pub fn merged(self, news: Self) -> Self {
        let (first, then) = if key(&news) < key(&self) { (news, self) } else { (self, news) };
        Self {
            direction: first.direction.or(then.direction),
            from: first.from.or(then.from),
            to: first.to.or(then.to),
            started_at: first.started_at.or(then.started_at),
            duration_seconds: first.duration_seconds.max(then.duration_seconds),
        }
    }
}

/// What decides between two words of the same: known starts first, earlier ones first, then any
/// fixed order.
fn key(facts: &CallFacts) -> impl Ord + use<> {
    let CallFacts { direction, from, to, started_at, duration_seconds: _ } = facts;
    let known = (from.is_none(), from.clone(), to.is_none(), to.clone());
    let direction = direction.map(|direction| Reverse(direction.as_str()));
    (started_at.is_none(), *started_at, known, direction.is_none(), direction)
}

impl RecordingFacts {
    /// Joins what an event says.
    #[must_use]
    pub fn merged(self, news: Self) -> Self {
        Self {
            progress: self.progress.max(news.progress),
            url: better(self.url, news.url),
            started_at: least(self.started_at, news.started_at),
            duration_seconds: self.duration_seconds.max(news.duration_seconds),
            channels: self.channels.max(news.channels),
            track: least(self.track, news.track),
        }
    }

    /// What changes about the URL when `news` has come.
    pub fn url_change(&self, news: &Self) -> UrlChange {
        let joined = better(self.url.clone(), news.url.clone());
        match (&self.url, joined) {
            (Some(old), Some(new)) => url_change(old, &new, true),
            (None, Some(_)) => UrlChange::Media,
            (_, None) => UrlChange::Same,
        }
    }
}

/// The URL that works longer; of two that do not say, any fixed one.
fn better(one: Option<RecordingUrl>, other: Option<RecordingUrl>) -> Option<RecordingUrl> {
    let key = |url: &RecordingUrl| (expiry(url), url.as_str().to_owned());
    match (one, other) {
        (Some(one), Some(other)) => Some(if key(&other) > key(&one) { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// The lesser of what is known.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{model::Direction, sources::event::Progress};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn recordings() -> impl Strategy<Value = RecordingFacts> {
        let progress = prop::sample::select(vec![
            Progress::InProgress,
            Progress::Failed("32021".to_owned()),
            Progress::Failed(String::new()),
            Progress::Absent,
            Progress::Completed,
        ]);
        let url = (0..3_i64, 0..2_u8).prop_map(|(date, file)| {
            let date = format!("2026030{}T120000Z", date + 1);
            format!("https://a.b/{file}.wav?X-Amz-Date={date}&X-Amz-Expires=600").parse().unwrap()
        });
        (
            prop::option::of(progress),
            prop::option::of(url),
            prop::option::of((0..9_i64).prop_map(at)),
            prop::option::of(0..9_u32),
            prop::option::of(1..3_u8),
            prop::option::of("(in|out)bound"),
        )
            .prop_map(|(progress, url, started_at, duration_seconds, channels, track)| {
                RecordingFacts { progress, url, started_at, duration_seconds, channels, track }
            })
    }

    /// An event of a call names all of a leg, or nothing.
    fn calls() -> impl Strategy<Value = CallFacts> {
        let leg = (0..4_i64).prop_map(|leg| CallFacts {
            direction: Some(if leg == 0 { Direction::Inbound } else { Direction::Outbound }),
            from: Some(format!("+1555010{leg}")),
            to: Some(format!("+1555020{leg}")),
            started_at: Some(at(100 + leg)),
            duration_seconds: None,
        });
        (prop_oneof![leg, Just(CallFacts::default())], prop::option::of(0..90_u32))
            .prop_map(|(facts, duration_seconds)| CallFacts { duration_seconds, ..facts })
    }

    /// Events, and the same in another order with some of them twice.
    fn shuffled<T: Clone + std::fmt::Debug + 'static>(
        one: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
        prop::collection::vec(one, 1..7).prop_flat_map(|events| {
            let repeats = prop::collection::vec(prop::sample::select(events.clone()), 0..5);
            let all = repeats.prop_map({
                let events = events.clone();
                move |repeats| [events.clone(), repeats].concat()
            });
            (Just(events), all.prop_shuffle())
        })
    }

    proptest! {
        #[test]
        fn any_order_and_any_repeats_end_in_the_same_recording((events, other) in shuffled(recordings())) {
            let fold = |events: Vec<_>| events.into_iter().fold(RecordingFacts::default(), RecordingFacts::merged);
            prop_assert_eq!(fold(events), fold(other));
        }

        #[test]
        fn any_order_and_any_repeats_end_in_the_same_call((events, other) in shuffled(calls())) {
            let fold = |events: Vec<_>| events.into_iter().fold(CallFacts::default(), CallFacts::merged);
            prop_assert_eq!(fold(events), fold(other));
        }

        #[test]
        fn what_is_known_stays_known(known in recordings(), news in recordings()) {
            let joined = known.clone().merged(news.clone());
            prop_assert!(joined.progress >= known.progress);
            for (before, after) in [
                (known.url.is_some(), joined.url.is_some()),
                (known.started_at.is_some(), joined.started_at.is_some()),
                (known.duration_seconds.is_some(), joined.duration_seconds.is_some()),
                (known.channels.is_some(), joined.channels.is_some()),
                (known.track.is_some(), joined.track.is_some()),
            ] {
                prop_assert!(after || !before);
            }
            let same_file = known.url.as_ref().zip(news.url.as_ref()).is_some_and(|(old, new)| old.url().path() == new.url().path());
            prop_assert!(!same_file || known.url_change(&news) != UrlChange::Media);
        }
    }
}
