//! An [`Outcome`] as a response, with the headers that the contract promises. Makes no body for a
//! refusal: that is a problem like every other error, and is made where those are.

use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::conditional::Outcome;
use super::representation::{Disposition, Representation};

/// Kept by the listener's browser alone, and asked about each time: a recording can be deleted.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Why the recording was not sent. The caller makes the problem body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// 412.
    #[error("the recording is not the one that the request is about")]
    PreconditionFailed,
    /// 416.
    #[error("the recording has no such bytes, but {len}")]
    NotSatisfiable {
        /// Its length in bytes.
        len: u64,
    },
}

impl Refused {
    /// 412 or 416.
    pub fn status(self) -> StatusCode {
        match self {
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::NotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
        }
    }

    /// Adds what the status needs beside its body: a 416 says how long the recording is (RFC 9110
    /// section 15.5.17).
    pub fn add_headers(self, headers: &mut HeaderMap) {
        if let Self::NotSatisfiable { len } = self {
            headers.insert(CONTENT_RANGE, ascii(format!("bytes */{len}")));
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
    }
}

/// The response for `outcome`; `body` is called with the bytes wanted, where any are.
pub fn respond<B>(
    outcome: Outcome,
    representation: &Representation,
    disposition: Disposition,
    body: impl FnOnce(Range<u64>) -> B,
) -> Result<Response, Refused>
where
    B: http_body::Body<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    let len = representation.len;
    match outcome {
        Outcome::Full => {
            let mut response = Response::new(Body::new(body(0..len)));
            describe(response.headers_mut(), representation, disposition, len);
            Ok(response)
        }
        Outcome::Part(range) => {
            let of = format!("bytes {}-{}/{len}", range.start, range.end - 1);
            let part = range.end - range.start;
            let mut response = Response::new(Body::new(body(range)));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            describe(response.headers_mut(), representation, disposition, part);
            response.headers_mut().insert(CONTENT_RANGE, ascii(of));
            Ok(response)
        }
        Outcome::NotModified => {
            // These and `Date`, and nothing else that a 200 has (RFC 9110 section 15.4.5).
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().insert(ETAG, representation.entity_tag.clone());
            response.headers_mut().insert(CACHE_CONTROL, PRIVATE);
            Ok(response)
        }
        Outcome::PreconditionFailed => Err(Refused::PreconditionFailed),
        Outcome::NotSatisfiable => Err(Refused::NotSatisfiable { len }),
    }
}

fn describe(headers: &mut HeaderMap, of: &Representation, disposition: Disposition, len: u64) {
    let how = match disposition {
        Disposition::Inline => "inline",
        Disposition::Attachment => "attachment",
    };
    headers.reserve(9);
    headers.insert(CONTENT_TYPE, of.content_type.clone());
    headers.insert(CONTENT_LENGTH, HeaderValue::from(len));
    headers.insert(ETAG, of.entity_tag.clone());
    headers.insert(LAST_MODIFIED, of.last_modified_field.clone());
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // A token needs no quotes, but RFC 6266 section 4.3's examples and old clients have them.
    let disposition = ascii(format!("{how}; filename=\"{}\"", of.file_name));
    headers.insert(CONTENT_DISPOSITION, disposition);
    headers.insert(CACHE_CONTROL, PRIVATE);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn ascii(value: String) -> HeaderValue {
    HeaderValue::try_from(value).expect("numbers and a checked file name are visible ASCII")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http_body_util::{BodyExt as _, Full};

    use super::*;

    const SHA: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn response(outcome: Outcome, disposition: Disposition) -> Result<Response, Refused> {
        let published = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let recording = Representation::new(SHA, published, 10, "audio/wav", "CA1.wav").unwrap();
        respond(outcome, &recording, disposition, |range| {
            let bytes = b"0123456789";
            let at = |n: u64| usize::try_from(n).unwrap();
            Full::new(Bytes::from_static(&bytes[at(range.start)..at(range.end)]))
        })
    }

    fn fields(response: &Response) -> Vec<String> {
        let headers = response.headers().iter();
        let mut fields: Vec<_> =
            headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        fields.sort();
        fields
    }

    #[tokio::test]
    async fn a_part_carries_every_header_of_the_contract() {
        let response = response(Outcome::Part(2..5), Disposition::Inline).unwrap();
        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(
            fields(&response),
            [
                "accept-ranges: bytes",
                "cache-control: private, no-cache",
                "content-disposition: inline; filename=\"CA1.wav\"",
                "content-length: 3",
                "content-range: bytes 2-4/10",
                "content-type: audio/wav",
                &format!("etag: \"{SHA}\""),
                "last-modified: Sun, 06 Nov 1994 08:49:37 GMT",
                "x-content-type-options: nosniff",
            ]
        );
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "234");
    }

    #[tokio::test]
    async fn the_whole_has_no_content_range() {
        let response = response(Outcome::Full, Disposition::Attachment).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!response.headers().contains_key(CONTENT_RANGE));
        assert_eq!(response.headers()[CONTENT_DISPOSITION], "attachment; filename=\"CA1.wav\"");
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "0123456789");
    }

    #[test]
    fn not_modified_carries_only_what_the_rfc_names() {
        let response = response(Outcome::NotModified, Disposition::Inline).unwrap();
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        let expected = ["cache-control: private, no-cache", &format!("etag: \"{SHA}\"")];
        assert_eq!(fields(&response), expected);
    }

    #[test]
    fn a_refusal_is_left_to_the_caller_and_a_416_says_the_length() {
        let refused = response(Outcome::PreconditionFailed, Disposition::Inline).unwrap_err();
        assert_eq!(refused.status(), StatusCode::PRECONDITION_FAILED);

        let refused = response(Outcome::NotSatisfiable, Disposition::Inline).unwrap_err();
        let mut headers = HeaderMap::new();
        refused.add_headers(&mut headers);
        assert_eq!(refused.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(headers[CONTENT_RANGE], "bytes */10");
    }
}
