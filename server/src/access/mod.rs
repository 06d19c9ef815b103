//! Access control: which requests are allowed. Decides on the request's head alone; reads no call and
//! no database.

mod host;
pub mod link;
mod linked;
pub mod scope;
mod session;

use std::sync::Arc;

use http::{
    HeaderMap, Method, Uri,
    header::{AUTHORIZATION, HOST, ORIGIN},
};
use shared::path;

pub(crate) use self::linked::parameter;
pub use self::linked::{LONGEST_LINK, Links};
pub use self::session::Sessions;
pub(crate) use self::session::{cookie, set_cookie};
use self::{
    host::{is_loopback, is_same},
    link::{Link, LinkError},
};
use crate::{
    clock::Clock,
    config::{AdminToken, PublicUrl},
};

/// The access rules of this server.
pub struct Access {
    /// Set where there is a token: everything but the open paths then needs it, or a session.
    sessions: Option<Sessions>,
    public_playback: bool,
    links: Links,
    public_url: Option<PublicUrl>,
}

/// What a request may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Everything.
    Everything {
        /// Whether a browser session allows it, not the token or a loopback address.
        by_session: bool,
    },
    /// What a signed link opens.
    Link(Arc<Link>),
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
    /// It came through a proxy, and this server has no token: it serves this machine alone.
    Proxied,
    /// Its signed link opens something else, or nothing.
    LinkInvalid,
    /// Its signed link has expired.
    LinkExpired,
}

impl From<LinkError> for Denial {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Invalid => Self::LinkInvalid,
            LinkError::Expired => Self::LinkExpired,
        }
    }
}

impl Access {
    /// Rules with this token, or for this machine only.
    pub fn new(token: Option<AdminToken>, public_playback: bool, clock: Arc<dyn Clock>) -> Self {
        let links = Links::new(link::LinkKeys::default(), clock.clone());
        let sessions = token.map(|token| Sessions::new(token, clock));
        Self { sessions, public_playback, links, public_url: None }
    }

    /// The same, with signed links.
    #[must_use]
    pub fn with_links(self, links: Links) -> Self {
        Self { links, ..self }
    }

    /// The same, reached at this address: it decides what is the own origin, whatever `Host` says.
    #[must_use]
    pub fn with_public_url(self, public_url: Option<PublicUrl>) -> Self {
        Self { public_url, ..self }
    }

    /// Whether the browser's connection is encrypted: by the public address, or as the proxy says.
    pub fn is_secure(&self, proxy_says_so: bool) -> bool {
        proxy_says_so || self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// The signed links.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// The address under which browsers reach the server, where it is set.
    pub fn public_url(&self) -> Option<&PublicUrl> {
        self.public_url.as_ref()
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
            if PROXY_HEADERS.iter().any(|name| headers.contains_key(*name)) {
                return Err(Denial::Proxied);
            }
            if changes && !self.is_own_origin(host, headers) {
                return Err(Denial::ForeignOrigin);
            }
            let link = self.links.check(method, uri, bearer(headers))?;
            return Ok(link.map_or(Grant::Everything { by_session: false }, Grant::Link));
        };
        if bearer(headers).is_some_and(|token| sessions.is_token(token)) {
            return Ok(Grant::Everything { by_session: false });
        }
        // The browser adds a session by itself, so a foreign page could use it.
        if changes && !self.is_own_origin(host, headers) {
            return Err(Denial::ForeignOrigin);
        }
        if sessions.is_signed_in(headers) {
            return Ok(Grant::Everything { by_session: true });
        }
        if let Some(link) = self.links.check(method, uri, bearer(headers))? {
            return Ok(Grant::Link(link));
        }
        if is_open(uri.path()) {
            Ok(Grant::Open)
        } else if self.public_playback && method.is_safe() && is_playback(uri.path()) {
            Ok(Grant::Playback)
        } else {
            Err(Denial::Unauthorized)
        }
    }

    /// Whether the request was not made by another site's page. Browsers send `Origin` with every changing
    /// request (Fetch Standard, section 3.2), programs send none. Where the public address is set, it
    /// decides and `Host` does not count: a proxy may replace it.
    fn is_own_origin(&self, host: Option<&str>, headers: &HeaderMap) -> bool {
        let origins: Vec<_> = headers.get_all(ORIGIN).iter().collect();
        match (&origins[..], &self.public_url) {
            ([], None) => true,
            ([], Some(_)) => match text(headers, SEC_FETCH_SITE) {
                None => !headers.contains_key(SEC_FETCH_SITE),
                Some(site) => matches!(site, "same-origin" | "none"),
            },
            ([origin], Some(public)) => {
                origin.to_str().is_ok_and(|origin| public.is_origin(origin))
            }
            ([origin], None) => {
                host.zip(origin.to_str().ok()).is_some_and(|(host, origin)| is_same(origin, host))
            }
            _ => false,
        }
    }
}

/// Where a request comes from, as the browser says (W3C Fetch Metadata Request Headers).
const SEC_FETCH_SITE: http::HeaderName = http::HeaderName::from_static("sec-fetch-site");

/// What proxies add (RFC 7239, RFC 9110 section 7.6.3, and the usual older fields).
const PROXY_HEADERS: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

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
