//! Callbacks of the configured sources: who they are from, what they say, what becomes of them.
//! Judging one is pure; the store and the service that fetches are the caller's.

use std::collections::BTreeMap;

use http::HeaderMap;
use webhook::{Callback, CallbackUrl, Refused};

use super::{
    apply::Origin,
    event::{self, Event, NotUnderstood, Reading},
};
use crate::config::{PublicUrl, SourceSettings};

/// The sources that callbacks may come from.
#[derive(Debug, Default)]
pub struct Intake(BTreeMap<String, Source>);

#[derive(Debug)]
struct Source {
    settings: SourceSettings,
    /// Where the provider sends its callbacks, without a query.
    address: String,
}

/// What a callback is.
#[derive(Debug)]
pub enum Received {
    /// For no source that is configured.
    UnknownSource,
    /// Not from the provider.
    Refused(Refused),
    /// From the provider, and not readable.
    NotUnderstood(NotUnderstood),
    /// About something that is of no interest here.
    Ignored(&'static str),
    /// It says something.
    Event(Origin, Box<Event>),
}

impl Intake {
    /// Of the configured sources; the settings have made sure that there is a public URL.
    pub fn new(public_url: Option<&PublicUrl>, sources: &[SourceSettings]) -> Self {
        let Some(public_url) = public_url else { return Self::default() };
        let source = |settings: &SourceSettings| {
            let address = public_url.join(&settings.name.path());
            (settings.name.as_str().to_owned(), Source { settings: settings.clone(), address })
        };
        Self(sources.iter().map(source).collect())
    }

    /// Judges a callback. `now` is in seconds since 1970.
    pub fn judge(
        &self,
        name: &str,
        headers: &HeaderMap,
        query: Option<&str>,
        body: &[u8],
        now: i64,
    ) -> Received {
        let Some(Source { settings, address }) = self.0.get(name) else {
            return Received::UnknownSource;
        };
        let url = CallbackUrl::new(address.as_str(), query);
        let callback = Callback { headers, body, url: &url };
        let verified = match settings.verifier.verify(&callback, now) {
            Ok(verified) => verified,
            Err(refused) => return Received::Refused(refused),
        };
        match event::read(settings.kind, settings.media, body, verified.event_id) {
            Ok(Reading::Event(event)) => Received::Event(origin(settings), event),
            Ok(Reading::Ignored(why)) => Received::Ignored(why),
            Err(why) => Received::NotUnderstood(why),
        }
    }
}

/// Which source says something.
pub fn origin(settings: &SourceSettings) -> Origin {
    Origin {
        source: settings.name.as_str().to_owned(),
        kind: settings.kind,
        team: settings.team.clone(),
        account: settings.account.clone(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use webhook::{Rotating, Secret, Verifier};

    use super::*;
    use crate::{
        config::{Position, SourceName},
        sources::event::{Kind, Media},
    };

    fn intake() -> Intake {
        let settings = SourceSettings {
            name: SourceName::parse("main").unwrap(),
            kind: Kind::Bandwidth,
            team: Some("support".to_owned()),
            account: Some("55".to_owned()),
            verifier: Verifier::Basic(Rotating::new(Secret::new("user:pass"), None)),
            media: Media::Wav,
            reconcile: None,
            at: Position { line: 1, column: 1 },
        };
        Intake::new(Some(&"https://calls.example.com".parse().unwrap()), &[settings])
    }

    fn judge(name: &str, authorization: &'static str, body: &str) -> Received {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static(authorization));
        intake().judge(name, &headers, None, body.as_bytes(), 0)
    }

    #[test]
    fn a_callback_is_for_a_source_genuine_and_readable_or_named_as_what_it_is_not() {
        let right = "Basic dXNlcjpwYXNz";
        let body = r#"{"eventType": "recordingAvailable", "callId": "c-1", "recordingId": "r-1", "mediaUrl": "https://a.b/c"}"#;
        assert!(matches!(judge("other", right, body), Received::UnknownSource));
        assert!(matches!(judge("main", "Basic AAAA", body), Received::Refused(_)));
        assert!(matches!(judge("main", right, "{"), Received::NotUnderstood(_)));
        assert!(matches!(judge("main", right, r#"{"eventType": "gather"}"#), Received::Ignored(_)));
        let Received::Event(origin, event) = judge("main", right, body) else { panic!() };
        assert_eq!((origin.source.as_str(), origin.team.as_deref()), ("main", Some("support")));
        assert_eq!(event.call.call_sid.as_str(), "c-1");
    }
}
