//! Access control: which requests are allowed. Decides on the request's head alone; reads no call and
//! no database.

mod host;
mod session;

use std::sync::Arc;

use http::{
    HeaderMap, Method, Uri,
    header::{AUTHORIZATION, HOST, ORIGIN},
};
use shared::path;

use self::host::{is_loopback, is_same};
pub use self::session::Sessions;
pub(crate) use self::session::{cookie, set_cookie};
use crate::{clock::Clock, config::AdminToken};

/// The access rules of this server.
pub struct Access {
    /// Set where there is a token: everything but the open paths then needs it, or a session.
    sessions: Option<Sessions>,
    public_playback: bool,
}

/// What a request may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Everything.
    Everything {
        /// Whether a browser session allows it, not the token or a loopback address.
        by_session: bool,
    },
    /// Playback of a call whose id the client knows.
    Playback,
    /// The open paths only.
    Open,
}

/// Why a request is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// A token or a session is needed.
    Unauthorized,
    /// Its `Host` is not this machine.
    ForeignHost,
    /// Another site made the browser send it.
    ForeignOrigin,
}

impl Access {
    /// Rules with this token, or for this machine only.
    pub fn new(token: Option<AdminToken>, public_playback: bool, clock: Arc<dyn Clock>) -> Self {
        Self { sessions: token.map(|token| Sessions::new(token, clock)), public_playback }
    }

    /// The browser sessions, where there is a token to sign in with.
    pub fn sessions(&self) -> Option<&Sessions> {
        self.sessions.as_ref()
    }

    /// Decides on one request.
    pub fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Grant, Denial> {
        let host =
            uri.authority().map(http::uri::Authority::as_str).or_else(|| text(headers, HOST));
        let changes = !method.is_safe();
        let Some(sessions) = &self.sessions else {
            // DNS rebinding: a foreign page may resolve its own name to this machine.
            if !host.is_some_and(is_loopback) {
                return Err(Denial::ForeignHost);
            }
            if changes && !is_own_origin(host, headers) {
                return Err(Denial::ForeignOrigin);
            }
            return Ok(Grant::Everything { by_session: false });
        };
        if bearer(headers).is_some_and(|token| sessions.is_token(token)) {
            return Ok(Grant::Everything { by_session: false });
        }
        // The browser adds a session by itself, so a foreign page could use it.
        if changes && !is_own_origin(host, headers) {
            return Err(Denial::ForeignOrigin);
        }
        if sessions.is_signed_in(headers) {
            Ok(Grant::Everything { by_session: true })
        } else if is_open(uri.path()) {
            Ok(Grant::Open)
        } else if self.public_playback && method.is_safe() && is_playback(uri.path()) {
            Ok(Grant::Playback)
        } else {
            Err(Denial::Unauthorized)
        }
    }
}

/// Not made by another site's page (Fetch Standard: `Origin` is sent with every changing request).
/// Programs send no `Origin`.
fn is_own_origin(host: Option<&str>, headers: &HeaderMap) -> bool {
    let origins: Vec<_> = headers.get_all(ORIGIN).iter().collect();
    match origins[..] {
        [] => true,
        [origin] => {
            host.zip(origin.to_str().ok()).is_some_and(|(host, origin)| is_same(origin, host))
        }
        _ => false,
    }
}

/// Health, the site's own files and the way in.
fn is_open(path: &str) -> bool {
    [path::HEALTHZ, path::READYZ, path::SIGN_IN, path::SIGN_OUT].contains(&path)
        || app::STATIC_FILES.contains(&path)
        || path.starts_with("/pkg/")
}

/// What public playback opens. Whether such a route is there is the router's business.
fn is_playback(path: &str) -> bool {
    let below = |prefix: &str| {
        path.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
    };
    let routes =
        ["/api/recordings/file/", "/api/recordings/peaks/", "/api/calls/", path::BELOW_EMBED];
    routes.into_iter().any(below)
}

/// `Authorization: Bearer …` (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
