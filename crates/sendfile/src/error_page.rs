//! The responses that no service made: 400, 408, 414 and 431, with a body of the caller's.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// The headers and body of an error that the listener or hyper answers by itself.
#[derive(Debug, Clone, Default)]
pub struct ErrorPage {
    /// Without `Content-Length`, `Connection` and `Date`, which are added.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The whole body.
    pub body: Bytes,
}

/// Makes the page for 400, 408, 414 or 431.
pub type ErrorPages = fn(StatusCode) -> ErrorPage;

/// No body and no headers.
pub(super) fn bare(_: StatusCode) -> ErrorPage {
    ErrorPage::default()
}

impl ErrorPage {
    /// As a response; the connection ends with it.
    pub(super) fn into_response(self, status: StatusCode) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = status;
        response.headers_mut().extend(self.headers);
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(http::header::CONNECTION, close);
        response
    }

    /// As it goes over the wire. `date`: the header's value, as RFC 9110, section 5.6.7, has it.
    pub(super) fn into_wire(self, status: StatusCode, date: &str) -> Vec<u8> {
        let reason = status.canonical_reason().unwrap_or_default();
        let mut wire = format!(
            "HTTP/1.1 {} {reason}\r\nconnection: close\r\ndate: {date}\r\ncontent-length: {}\r\n",
            status.as_u16(),
            self.body.len()
        )
        .into_bytes();
        for (name, value) in &self.headers {
            wire.extend_from_slice(name.as_str().as_bytes());
            wire.extend_from_slice(b": ");
            wire.extend_from_slice(value.as_bytes());
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b"\r\n");
        wire.extend_from_slice(&self.body);
        wire
    }
}

/// The status and `Date` of a response that hyper made for a head that it can't parse: an error
/// without a body, with no headers but those that every response of hyper's has. A service's
/// response of this shape closes the connection as well, and gains a body.
pub(super) fn made_by_hyper(wire: &[u8]) -> Option<(StatusCode, &str)> {
    if !wire.starts_with(b"HTTP/1.1 4") {
        return None;
    }
    let head = std::str::from_utf8(wire).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    if !matches!(status, 400 | 414 | 431) {
        return None;
    }
    let (mut closes, mut is_empty, mut date) = (false, false, None);
    for line in lines {
        match line.split_once(": ")? {
            ("connection", "close") => closes = true,
            ("content-length", "0") => is_empty = true,
            ("date", value) => date = Some(value),
            _ => return None,
        }
    }
    let status = StatusCode::from_u16(status).ok().filter(|_| closes && is_empty)?;
    Some((status, date?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn only_what_hyper_made_by_itself_is_recognised() {
        let head = |status: &str, fields: &str| format!("HTTP/1.1 {status}\r\n{fields}\r\n\r\n");
        let own = "connection: close\r\ncontent-length: 0\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT";
        for (wire, status) in [
            (head("400 Bad Request", own), Some(400)),
            (head("431 Request Header Fields Too Large", own), Some(431)),
            (head("414 URI Too Long", own), Some(414)),
            (head("404 Not Found", own), None),
            (head("200 OK", own), None),
            (head("400 Bad Request", &format!("{own}\r\ncontent-type: a/b")), None),
            (head("400 Bad Request", &own.replace(": 0", ": 1")), None),
            (head("400 Bad Request", &own.replace("connection: close\r\n", "")), None),
            (head("400 Bad Request", own) + "x", None),
        ] {
            let made = made_by_hyper(wire.as_bytes());
            assert_eq!(made.map(|(status, _)| status.as_u16()), status, "{wire}");
            assert!(made.is_none_or(|(_, date)| date == DATE));
        }
    }

    #[test]
    fn a_page_has_its_length_and_ends_the_connection() {
        let page = ErrorPage {
            headers: vec![(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"))],
            body: Bytes::from_static(b"slow"),
        };
        let wire = String::from_utf8(page.into_wire(StatusCode::REQUEST_TIMEOUT, DATE)).unwrap();
        assert_eq!(
            wire,
            "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\
             date: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-length: 4\r\n\
             content-type: text/plain\r\n\r\nslow"
        );
    }
}
