//! Reads requests: ids, preferences and bodies, parsed once into types.

use std::{error::Error, time::Duration};

use app::words::Detail;
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Path, Query},
};
use bytes::Bytes;
use http::{HeaderMap, Method, header::CONTENT_TYPE, request::Parts};
use sendfile::BodyError;
use serde::de::DeserializeOwned;
use shared::CallSid;

use super::error::{ApiError, Result};

/// The longest body that a route takes: a call with every field as long as it may be is a tenth.
const MOST_BODY_BYTES: usize = 64 * 1024;
/// The longest that a request is held.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The call id of the path.
pub(super) struct Sid(pub(super) CallSid);

impl<S: Send + Sync> FromRequestParts<S> for Sid {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        // A path that is not UTF-8 once decoded holds no call id either.
        let text = Path::<String>::from_request_parts(parts, state).await;
        let sid = text.ok().and_then(|Path(text)| text.parse().ok());
        sid.map(Self).ok_or_else(|| ApiError::new(Detail::NoCallSid))
    }
}

/// Whether the request may have an effect. `HEAD`, a browser's prefetch (`Sec-Purpose: prefetch`, Fetch
/// Standard, section 2.2.5) and a request of another site's page (`Sec-Fetch-Site`, Fetch Metadata
/// Request Headers, section 2.4) may not.
pub(super) fn may_have_effect(method: &Method, headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter();
    if !sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none")) {
        return false;
    }
    let purposes = headers.get_all("sec-purpose").iter().filter_map(|value| value.to_str().ok());
    let is_prefetch = |purpose: &str| purpose.trim().eq_ignore_ascii_case("prefetch");
    method != Method::HEAD && !purposes.flat_map(|value| value.split([',', ';'])).any(is_prefetch)
}

/// `Prefer: wait=N` (RFC 7240, section 4.3), capped; nothing where it is missing or no whole number above
/// zero. Of several, the first counts (section 2).
pub(super) fn preferred_wait(headers: &HeaderMap) -> Option<Duration> {
    let fields = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let wait = fields.flat_map(|field| field.split(',')).find_map(|preference| {
        // Parameters after a semicolon have no meaning for `wait`.
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').to_owned())
    })?;
    let seconds = wait.parse().ok().filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// The JSON body of a request; its bytes, checked to be declared as JSON and not too long.
pub(super) async fn json_body(headers: &HeaderMap, body: Body) -> Result<Bytes> {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = declared.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::new(Detail::BodyNotJson));
    }
    bounded(body).await
}

/// The bytes of a body, if there are not too many.
pub(super) async fn bounded(body: Body) -> Result<Bytes> {
    to_bytes(body, MOST_BODY_BYTES).await.map_err(|error| {
        let mut causes = std::iter::successors(Some(&error as &(dyn Error + 'static)), |cause| {
            (*cause).source()
        });
        let detail = causes.find_map(|cause| {
            if cause.is::<http_body_util::LengthLimitError>() {
                return Some(Detail::BodyTooLong);
            }
            matches!(cause.downcast_ref(), Some(BodyError::TooSlow))
                .then_some(Detail::RequestTooSlow)
        });
        ApiError::new(detail.unwrap_or(Detail::BodyCutOff))
    })
}

/// Whether the browser came by TLS: the proxy that ends TLS says so. A client that claims it without
/// TLS only loses its session cookie.
pub(super) fn came_by_tls(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https")
}

/// The parameters of the query; one that comes twice can't be read.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(parameters)| Self(parameters))
            .map_err(|_| ApiError::new(Detail::QueryUnreadable))
    }
}

/// The path and query as a link on this site. A path that begins with two slashes, or with what a
/// browser takes for one, would name another host (WHATWG URL Standard, section 4.4).
pub(super) fn own_address(path_and_query: &str) -> String {
    format!("/{}", path_and_query.trim_start_matches(['/', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, http::HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_wait_is_read_from_any_place_capped_and_rubbish_is_none() {
        for (values, seconds) in [
            (&["wait=10"][..], Some(10)),
            (&["respond-async, Wait=10"], Some(10)),
            (&["respond-async", "wait=10"], Some(10)),
            (&["wait=10; foo=bar"], Some(10)),
            (&["wait=\"10\""], Some(10)),
            (&["wait=100, wait=1"], Some(30)),
            (&["wait=0"], None),
            (&["wait=-1"], None),
            (&["wait=1.5"], None),
            (&["wait"], None),
            (&["wait=99999999999999999999"], None),
            (&["handling=lenient"], None),
            (&[], None),
        ] {
            let wait = preferred_wait(&headers("prefer", values));
            assert_eq!(wait, seconds.map(Duration::from_secs), "{values:?}");
        }
    }

    #[test]
    fn what_nobody_asked_for_has_no_effect() {
        assert!(may_have_effect(&Method::GET, &HeaderMap::new()));
        assert!(!may_have_effect(&Method::HEAD, &HeaderMap::new()));
        for purpose in ["prefetch", "prefetch;prerender", "Prefetch"] {
            assert!(!may_have_effect(&Method::GET, &headers("sec-purpose", &[purpose])));
        }
        for (sites, expected) in [
            (&["same-origin"][..], true),
            (&["none"], true),
            (&["same-site"], false),
            (&["cross-site"], false),
            (&["none", "cross-site"], false),
            (&["rubbish"], false),
        ] {
            let headers = headers("sec-fetch-site", sites);
            assert_eq!(may_have_effect(&Method::GET, &headers), expected, "{sites:?}");
        }
    }

    #[test]
    fn an_address_stays_on_this_site() {
        for (path, expected) in [
            ("/calls/CA1?t=1", "/calls/CA1?t=1"),
            ("//evil.example/", "/evil.example/"),
            ("/\\evil.example/", "/evil.example/"),
            ("///\\/evil.example?x", "/evil.example?x"),
            ("/.//evil.example", "/.//evil.example"),
            ("", "/"),
        ] {
            assert_eq!(own_address(path), expected);
        }
    }
}
