//! Checks the signed link of a request: the token in its address or its `Authorization`, against the path
//! that it asks for.

use std::{sync::Arc, time::Duration};

use http::{Method, Uri};
use jiff::Timestamp;
use shared::path;

use super::{
    link::{Link, LinkError, LinkKey, LinkKeys},
    scope::Scope,
};
use crate::clock::Clock;

/// How far ahead a link may expire.
pub const LONGEST_LINK: Duration = Duration::from_hours(7 * 24);

/// The signed links of this server.
pub struct Links {
    keys: LinkKeys,
    clock: Arc<dyn Clock>,
}

/// What a path with a link asks for.
struct Target<'a> {
    call_sid: &'a str,
    /// Whether the path takes a playback grant too: the audio and the waveform.
    is_media: bool,
}

impl Links {
    /// Links signed with these keys.
    pub fn new(keys: LinkKeys, clock: Arc<dyn Clock>) -> Self {
        Self { keys, clock }
    }

    /// The key that signs new links, where one is set.
    pub fn signing_key(&self) -> Option<&LinkKey> {
        self.keys.signing()
    }

    /// The key that signed a link.
    pub fn key_of(&self, link: &Link) -> Option<&LinkKey> {
        self.keys.find(&link.kid)
    }

    /// The clock that links expire by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The link of a request; nothing where it carries none, or no key is set. A bearer token counts where
    /// it has the three parts of a JWT.
    pub(super) fn check(
        &self,
        method: &Method,
        uri: &Uri,
        bearer: Option<&str>,
    ) -> Result<Option<Arc<Link>>, LinkError> {
        let Some(target) = target(uri.path()).filter(|_| self.keys.signing().is_some()) else {
            return Ok(None);
        };
        let bearer = bearer.filter(|token| token.matches('.').count() == 2);
        let now = self.clock.now();
        let grant = parameter(uri, "grant").filter(|_| target.is_media);
        let link = if let Some(grant) = grant {
            Link::verify_grant(&grant, &self.keys, now)?
        } else if let Some(token) = parameter(uri, "token").or(bearer.map(str::to_owned)) {
            Link::verify(&token, &self.keys, now, LONGEST_LINK)?
        } else {
            return Ok(None);
        };
        if method.is_safe() && opens(&link, &target, uri) {
            Ok(Some(Arc::new(link)))
        } else {
            Err(LinkError::Invalid)
        }
    }
}

/// Whether a link opens what the address asks for: the call, the part, and saving to a file.
fn opens(link: &Link, target: &Target<'_>, uri: &Uri) -> bool {
    let is_call = link.call_sid.as_str() == target.call_sid;
    let asked = parameter(uri, "part").map_or(Some(1), |part| part.parse().ok());
    let is_part = link.part.is_none_or(|part| asked == Some(part));
    let is_set = |name| parameter(uri, name).is_some_and(|value| matches!(&*value, "1" | "true"));
    let saves = target.is_media && (is_set("download") || is_set("original"));
    let scope = if saves { Scope::Download } else { Scope::Listen };
    is_call && is_part && link.scopes.allow(scope)
}

fn target(path: &str) -> Option<Target<'_>> {
    let below = |pattern: &str| {
        let prefix = pattern.strip_suffix("{call_sid}")?;
        path.strip_prefix(prefix).filter(|rest| !rest.is_empty() && !rest.contains('/'))
    };
    let media = [path::FILE, path::PEAKS].into_iter().find_map(below);
    let page = || [path::EMBED, path::CALL_PAGE].into_iter().find_map(below);
    let is_media = media.is_some();
    media.or_else(page).map(|call_sid| Target { call_sid, is_media })
}

/// The first parameter of this name in the query string.
pub(crate) fn parameter(uri: &Uri, wanted: &str) -> Option<String> {
    let query = url::form_urlencoded::parse(uri.query()?.as_bytes());
    query.into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}
