//! What the head of a provider's response means. Pure: status and headers in, a decision out.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER},
};

use super::{denial::is_from_a_bucket, failure::FetchFailure};

/// An answer that gets us further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The body is the recording, as far as the head can tell.
    Recording,
    /// The body is the part that was asked for, as far as the status tells.
    Part,
    /// The part that was asked for does not exist: the file is another one by now.
    NoSuchPart,
    /// 403 of a storage service: its body tells why.
    Denied,
    /// It is elsewhere: the `Location`, as it was sent.
    Elsewhere(String),
}

/// What a try that brought no recording means for the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another try would not help.
    Final(FetchFailure),
    /// Another try may help, but not sooner than the provider asked for.
    Again { reason: String, retry_after: Option<Duration> },
    /// Another try may help, but the provider is too slow to be kept waiting for.
    TooSlow(String),
    /// 404: perhaps not there yet. Gone, if it stays so.
    Missing,
    /// 403 of a storage service that hides which objects exist.
    Hidden,
}

impl Verdict {
    /// Another try may help.
    pub(super) fn again(reason: impl Into<String>) -> Self {
        Self::Again { reason: reason.into(), retry_after: None }
    }

    /// Another try would not help.
    pub(super) fn rejected(reason: impl Into<String>) -> Self {
        Self::Final(FetchFailure::rejected(reason))
    }
}

/// Reads the head of an answer to a GET; `asked_for_part`: with `Range` and `If-Range`.
///
/// `now` is used only for a `Retry-After` with a date, if the response has no `Date`.
pub(super) fn classify(
    status: StatusCode,
    headers: &HeaderMap,
    now: SystemTime,
    asked_for_part: bool,
) -> Result<Answer, Verdict> {
    let answered = format!("provider answered {}", status.as_u16());
    match status.as_u16() {
        200 => Ok(Answer::Recording),
        206 if asked_for_part => Ok(Answer::Part),
        // 206 too: a part that was not asked for is not the recording.
        201..=299 => Err(Verdict::again(format!("{answered}, not the whole recording"))),
        301 | 302 | 303 | 307 | 308 => text(headers, &LOCATION)
            .map(|location| Answer::Elsewhere(location.to_owned()))
            .ok_or_else(|| Verdict::rejected(format!("{answered}, but does not say where to go"))),
        403 if is_from_a_bucket(headers) => Ok(Answer::Denied),
        404 => Err(Verdict::Missing),
        410 => Err(Verdict::Final(FetchFailure::gone(answered))),
        416 if asked_for_part => Ok(Answer::NoSuchPart),
        408 | 429 | 500..=599 => {
            Err(Verdict::Again { reason: answered, retry_after: retry_after(headers, now) })
        }
        _ => Err(Verdict::rejected(answered)),
    }
}

/// The media type of a body, as the provider calls it.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    text(headers, &CONTENT_TYPE)
}

/// What a media type names, if it is that of a page. Some providers call audio so; the bytes decide.
pub(super) fn page(content_type: &str) -> Option<&'static str> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" => Some("a web page"),
        "application/json" | "text/json" => Some("JSON"),
        "application/xml" | "text/xml" => Some("XML"),
        other if other.ends_with("+json") => Some("JSON"),
        other if other.ends_with("+xml") => Some("XML"),
        _ => None,
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3), counted from the answer's own `Date` where it has
/// one: the two clocks then are the same, whatever ours says.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = text(headers, &DATE).and_then(parse_date);
    let until = parse_date(value)?;
    Some(until.duration_since(date.unwrap_or(now)).unwrap_or_default())
}

/// An HTTP-date in any of its three notations (RFC 9110, section 5.6.7).
fn parse_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    str::from_utf8(headers.get(name)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::failure::FailureKind;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn head(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn of(status: u16, pairs: &[(HeaderName, &'static str)]) -> Result<Answer, Verdict> {
        classify(StatusCode::from_u16(status).unwrap(), &head(pairs), NOW, false)
    }

    fn again_after(pairs: &[(HeaderName, &'static str)]) -> Option<Duration> {
        match of(503, pairs) {
            Err(Verdict::Again { retry_after, .. }) => retry_after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_status_has_one_meaning() {
        for status in [408, 429, 500, 502, 503, 504, 599, 206, 201, 202, 204] {
            assert!(matches!(of(status, &[]), Err(Verdict::Again { .. })), "{status}");
        }
        for status in [400, 401, 403, 405, 416, 451, 499, 300, 304, 305, 306] {
            let Err(Verdict::Final(failure)) = of(status, &[]) else { panic!("{status}") };
            assert_eq!(failure.kind, FailureKind::Rejected, "{status}");
            assert_eq!(failure.reason, format!("provider answered {status}"));
        }
        assert_eq!(of(200, &[]), Ok(Answer::Recording));
        assert_eq!(of(404, &[]), Err(Verdict::Missing));
        let gone = FetchFailure::gone("provider answered 410");
        assert_eq!(of(410, &[]), Err(Verdict::Final(gone)));
    }

    #[test]
    fn a_part_is_an_answer_only_where_one_was_asked_for() {
        let status = |status| StatusCode::from_u16(status).unwrap();
        let asked = |code| classify(status(code), &head(&[]), NOW, true);
        assert_eq!(asked(206), Ok(Answer::Part));
        assert_eq!(asked(416), Ok(Answer::NoSuchPart));
        assert_eq!(asked(200), Ok(Answer::Recording));
    }

    #[test]
    fn a_403_of_a_bucket_is_read_on() {
        let id = HeaderName::from_static("x-amz-request-id");
        assert_eq!(of(403, &[(id, "1")]), Ok(Answer::Denied));
    }

    #[test]
    fn a_redirect_needs_a_place_to_go() {
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(of(status, &[(LOCATION, "/b")]), Ok(Answer::Elsewhere("/b".to_owned())));
            assert!(matches!(of(status, &[]), Err(Verdict::Final(_))), "{status}");
        }
    }

    #[test]
    fn some_media_types_are_those_of_pages() {
        for (content_type, what) in [
            ("audio/x-wav", None),
            ("application/octet-stream", None),
            ("text/plain", None),
            ("nonsense", None),
            ("TEXT/HTML; charset=utf-8", Some("a web page")),
            ("application/problem+json", Some("JSON")),
            ("application/xml", Some("XML")),
            ("image/svg+xml", Some("XML")),
        ] {
            assert_eq!(page(content_type), what, "{content_type}");
            assert!(of(200, &[(CONTENT_TYPE, content_type)]).is_ok(), "the bytes decide");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let seconds = |text| again_after(&[(RETRY_AFTER, text)]).map(|wait| wait.as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("Thu, 01 Jan 1970 00:01:00 GMT"), Some(60), "by our clock");
        let dated = [
            (DATE, "Sun, 06 Nov 1994 08:49:00 GMT"),
            (RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ];
        assert_eq!(again_after(&dated), Some(Duration::from_secs(37)), "by the provider's");
        let past = [
            (DATE, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (RETRY_AFTER, "Sun, 06 Nov 1994 08:49:00 GMT"),
        ];
        assert_eq!(again_after(&past), Some(Duration::ZERO));
    }
}
