//! A request for a signed link, parsed once into [`LinkInput`].

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use shared::{CallSid, body::LinkBody, path};
use url::Url;

use crate::{
    access::{
        LONGEST_LINK,
        link::{LONGEST_NAME, Link, LinkKey, is_name},
        scope::{Scope, Scopes},
    },
    clock::later,
    config::PublicUrl,
};

/// How long a link lasts where the request does not say.
const DEFAULT_LASTS: u64 = 60 * 60;

/// What a link is to open, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkInput {
    /// `listen`, `download` or both.
    pub scopes: Scopes,
    /// From now on.
    pub lasts: Duration,
    /// One part, or every part.
    pub part: Option<u32>,
    /// The person whom the audit names.
    pub by: Option<String>,
    /// The only site that may frame the player.
    pub origin: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Body {
    scope: Option<String>,
    expires_in: Option<u64>,
    part: Option<u32>,
    by: Option<String>,
    origin: Option<String>,
}

impl LinkInput {
    /// From the text of one JSON object. An error names the field, and what would do.
    pub fn from_json(text: &[u8]) -> Result<Self, String> {
        let body: Body = if text.trim_ascii().is_empty() {
            Body::default()
        } else {
            serde_json::from_slice(text).map_err(|error| format!("the body is no link: {error}"))?
        };
        Self::new(body.scope.as_deref(), body.expires_in, body.part, body.by, body.origin)
    }

    /// From the single fields, as the command line has them too.
    pub fn new(
        scope: Option<&str>,
        expires_in: Option<u64>,
        part: Option<u32>,
        by: Option<String>,
        origin: Option<String>,
    ) -> Result<Self, String> {
        let words = scope.unwrap_or("listen").split([',', ' ']).filter(|word| !word.is_empty());
        let scopes: Scopes = words
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("scope: {error}"))?;
        let is_playback = |scope| matches!(scope, Scope::Listen | Scope::Download);
        if scopes.is_empty() || !scopes.iter().all(is_playback) {
            return Err("scope is listen, download or both, comma-separated".to_owned());
        }
        let seconds = expires_in.unwrap_or(DEFAULT_LASTS);
        let longest = LONGEST_LINK.as_secs();
        if !(1..=longest).contains(&seconds) {
            return Err(format!("expires_in is a number of seconds from 1 to {longest}"));
        }
        if part == Some(0) {
            return Err("part counts from 1".to_owned());
        }
        if by.as_ref().is_some_and(|by| !is_name(by)) {
            return Err(format!("by is 1 to {LONGEST_NAME} characters without control characters"));
        }
        let origin = origin.map(|origin| parse_origin(&origin)).transpose()?;
        Ok(Self { scopes, lasts: Duration::from_secs(seconds), part, by, origin })
    }
}

impl LinkInput {
    /// The link that begins `now`.
    pub fn into_link(self, call_sid: CallSid, key: &LinkKey, now: Timestamp) -> Link {
        Link {
            kid: key.kid().to_owned(),
            call_sid,
            part: self.part,
            scopes: self.scopes,
            // A token has whole seconds.
            expires_at: whole_seconds(later(now, self.lasts)),
            not_before: None,
            origin: self.origin,
            by: self.by,
        }
    }
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// What the caller gets: the player's address, the token and its end.
pub fn link_body(link: &Link, key: &LinkKey, public_url: Option<&PublicUrl>) -> LinkBody {
    let token = link.sign(key);
    let address = format!("{}?token={token}", path::embed(&link.call_sid));
    let url = public_url.map_or(address.clone(), |public| public.join(&address));
    LinkBody { url, token, expires_at: link.expires_at.to_string() }
}

fn parse_origin(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    let origin = url.map(|url| url.origin().ascii_serialization());
    let is_bare = |origin: &String| text.trim_end_matches('/').eq_ignore_ascii_case(origin);
    origin.filter(is_bare).ok_or_else(|| {
        "origin is scheme, host and port of the page around, such as https://crm.example.com".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_listening_for_an_hour_unless_the_request_says_otherwise() {
        for empty in ["", "{}"] {
            let link = LinkInput::from_json(empty.as_bytes()).unwrap();
            assert_eq!((link.scopes.to_string(), link.lasts.as_secs()), ("listen".into(), 3_600));
        }
        let body = r#"{"scope":"listen download","expires_in":60,"part":2,"by":"Dana",
                       "origin":"https://crm.example.com/"}"#;
        let link = LinkInput::from_json(body.as_bytes()).unwrap();
        assert_eq!((link.scopes.to_string(), link.part), ("listen,download".into(), Some(2)));
        assert_eq!(link.origin.as_deref(), Some("https://crm.example.com"));
    }

    #[test]
    fn each_wrong_field_is_named() {
        for (body, says) in [
            (r#"{"scope":"admin"}"#, "scope is listen"),
            (r#"{"scope":"hear"}"#, "`hear` is no scope"),
            (r#"{"expires_in":0}"#, "expires_in is"),
            (r#"{"expires_in":604801}"#, "expires_in is"),
            (r#"{"part":0}"#, "part counts from 1"),
            (r#"{"by":""}"#, "by is 1 to 128"),
            (r#"{"origin":"https://crm.example.com/page"}"#, "origin is scheme"),
            (r#"{"origin":"crm.example.com"}"#, "origin is scheme"),
            (r#"{"call":"x"}"#, "unknown field `call`"),
            ("[", "the body is no link"),
        ] {
            let error = LinkInput::from_json(body.as_bytes()).unwrap_err();
            assert!(error.contains(says), "{body}: {error}");
        }
    }
}
