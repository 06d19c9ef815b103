//! What a bucket's 403 means: storage services answer it for objects that do not exist yet, and for
//! addresses that have expired. Pure.

use http::HeaderMap;

/// So much of the body is read.
pub(super) const MOST_BYTES: usize = 8 * 1024;

/// Why a bucket refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// The object may not exist yet: without the right to list, a missing one is 403.
    NotYet,
    /// The signed address has expired.
    Expired,
    /// Anything else.
    Other,
}

/// Whether a storage service made the response: each names its request.
pub(super) fn is_from_a_bucket(headers: &HeaderMap) -> bool {
    const REQUEST_IDS: [&str; 4] =
        ["x-amz-request-id", "x-guploader-uploadid", "x-ms-request-id", "x-oss-request-id"];
    REQUEST_IDS.iter().any(|name| headers.contains_key(*name))
}

/// Reads the error body of a bucket, as S3 and its like send it.
pub(super) fn read(body: &[u8]) -> Denial {
    let text = String::from_utf8_lossy(body);
    let message = element(&text, "Message").unwrap_or_default().to_ascii_lowercase();
    match element(&text, "Code") {
        Some("ExpiredToken" | "TokenRefreshRequired") => Denial::Expired,
        Some("AccessDenied" | "NoSuchKey") if message.contains("expired") => Denial::Expired,
        Some("AccessDenied" | "NoSuchKey") => Denial::NotYet,
        _ => Denial::Other,
    }
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(content, _)| content.trim())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_bucket_names_its_request() {
        for (name, expected) in
            [("x-amz-request-id", true), ("x-guploader-uploadid", true), ("x-request-id", false)]
        {
            let field = (HeaderName::from_static(name), HeaderValue::from_static("1"));
            assert_eq!(is_from_a_bucket(&HeaderMap::from_iter([field])), expected, "{name}");
        }
    }

    #[test]
    fn codes_tell_not_yet_from_expired_and_the_rest() {
        let error = |code: &str, message: &str| {
            format!(
                "<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            )
        };
        for (code, message, expected) in [
            ("AccessDenied", "Access Denied", Denial::NotYet),
            ("NoSuchKey", "The specified key does not exist.", Denial::NotYet),
            ("AccessDenied", "Request has expired", Denial::Expired),
            ("ExpiredToken", "The provided token has expired.", Denial::Expired),
            ("SignatureDoesNotMatch", "The request signature", Denial::Other),
            ("InvalidAccessKeyId", "", Denial::Other),
        ] {
            assert_eq!(read(error(code, message).as_bytes()), expected, "{code} {message}");
        }
        assert_eq!(read(b"<html>Forbidden</html>"), Denial::Other);
        assert_eq!(read(b"\xff<Code>"), Denial::Other);
    }
}
