//! The headers that every response carries, whatever it is: what a browser may do with it. A route
//! that needs others sets its own.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
};
use shared::path;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// For what is no page. A browser that opens a recording by itself makes a small page around it,
/// which needs the recording and its own style.
const NO_PAGE: &str = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; \
                       base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Nothing here uses these. Autoplay is not among them: a page around the player may allow it.
const NO_PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), display-capture=(), \
                              payment=(), usb=(), serial=(), hid=(), midi=()";
/// The script that other sites include.
const PLAYER_SCRIPT: &str = "/tapedeck-player.js";

/// Whether other sites may include the resource.
pub(super) fn is_for_others(path: &str) -> bool {
    path == PLAYER_SCRIPT || path::is_embed(path)
}

/// Adds what is not there yet.
pub(super) fn add_all(headers: &mut HeaderMap, is_for_others: bool) {
    let resource = if is_for_others { "cross-origin" } else { "same-origin" };
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, NO_PAGE),
        (RESOURCE_POLICY, resource),
        (OPENER_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, NO_PERMISSIONS),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_keeps_its_own_headers() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
        add_all(&mut headers, false);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'self'");
        assert_eq!(headers[RESOURCE_POLICY], "same-origin");
        assert_eq!(headers.len(), 5);
    }

    #[test]
    fn only_the_player_for_other_sites_is_theirs_to_include() {
        for (path, expected) in [
            ("/tapedeck-player.js", true),
            ("/embed/CA1", true),
            ("/", false),
            ("/calls/CA1", false),
            ("/api/recordings/file/CA1", false),
            ("/embedded", false),
        ] {
            assert_eq!(is_for_others(path), expected, "{path}");
        }
    }
}
