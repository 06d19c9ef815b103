//! The browser session: a cookie with its expiry, signed with the token. Nothing is stored, so every
//! server of an installation can check it, and a new token ends all sessions.

use std::{sync::Arc, time::Duration};

use cookie::{Cookie, SameSite};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header::COOKIE};
use jiff::Timestamp;
use sha2::Sha256;

use crate::{
    clock::{Clock, later},
    config::AdminToken,
    model::Sha256Hex,
};

const NAME: &str = "tapedeck_session";
const LASTS: Duration = Duration::from_hours(30 * 24);

/// Makes and checks the cookies of browser sessions.
pub struct Sessions {
    token: AdminToken,
    clock: Arc<dyn Clock>,
}

impl Sessions {
    pub(super) fn new(token: AdminToken, clock: Arc<dyn Clock>) -> Self {
        Self { token, clock }
    }

    /// Whether this is the token. Takes as long for any other of the same length.
    pub fn is_token(&self, candidate: &str) -> bool {
        self.token.is(candidate)
    }

    pub(super) fn is_signed_in(&self, headers: &HeaderMap) -> bool {
        cookie(headers, NAME).is_some_and(|value| self.is_valid(&value))
    }

    /// The cookie of a new session. `secure`: the browser came by TLS.
    pub fn sign_in(&self, secure: bool) -> HeaderValue {
        let until = later(self.clock.now(), LASTS).as_second();
        let value = format!("{until}.{}", self.signature(until));
        set_cookie(NAME, value, LASTS, SameSite::Strict, secure)
    }

    /// The cookie that ends a session.
    pub fn sign_out(secure: bool) -> HeaderValue {
        set_cookie(NAME, String::new(), Duration::ZERO, SameSite::Strict, secure)
    }

    fn is_valid(&self, value: &str) -> bool {
        let Some((until, signature)) = value.split_once('.') else { return false };
        let Ok(seconds) = until.parse() else { return false };
        let is_over = Timestamp::from_second(seconds).is_ok_and(|until| self.clock.now() >= until);
        let ours = self.signature(seconds);
        let is_ours: bool =
            subtle::ConstantTimeEq::ct_eq(ours.as_str().as_bytes(), signature.as_bytes()).into();
        is_ours && !is_over
    }

    /// HMAC-SHA-256 (RFC 2104) of the end of the session, in hex.
    fn signature(&self, until: i64) -> Sha256Hex {
        let mac = Hmac::<Sha256>::new_from_slice(self.token.as_bytes());
        let mut mac = mac.expect("HMAC takes a key of any length");
        mac.update(format!("tapedeck session until {until}").as_bytes());
        Sha256Hex::from_digest(&mac.finalize().into_bytes())
    }
}

/// The value of a cookie that the browser sent.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let fields = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = fields.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// A `Set-Cookie` for the whole site, which scripts can't read (RFC 6265).
pub(crate) fn set_cookie(
    name: &'static str,
    value: String,
    lasts: Duration,
    same_site: SameSite,
    secure: bool,
) -> HeaderValue {
    let seconds = i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX);
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(same_site)
        .secure(secure)
        .max_age(cookie::time::Duration::seconds(seconds));
    HeaderValue::try_from(cookie.build().to_string()).expect("our cookies are plain ASCII")
}
