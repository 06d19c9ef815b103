//! What the head of a provider's answer means. Pure: status and headers in, a decision out.

use std::time::Duration;

use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER},
};
use jiff::Timestamp;

use super::failure::FetchFailure;
use crate::clock::elapsed;

/// An answer that gets us further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The body is the recording, as far as the head can tell.
    Recording,
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
    /// 404: perhaps not there yet. Gone, if it stays so.
    Missing,
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

/// Reads the head of an answer to a GET without `Range` and without conditions.
///
/// `now` is only looked at for a `Retry-After` with a date, where the answer has no `Date`.
pub(super) fn classify(
    status: StatusCode,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Answer, Verdict> {
    let answered = format!("provider answered {}", status.as_u16());
    match status.as_u16() {
        200 => recording(headers).map(|()| Answer::Recording),
        // 206 too: nobody asked for a part, and a part is not the recording.
        201..=299 => Err(Verdict::again(format!("{answered}, not the whole recording"))),
        301 | 302 | 303 | 307 | 308 => text(headers, &LOCATION)
            .map(|location| Answer::Elsewhere(location.to_owned()))
            .ok_or_else(|| Verdict::rejected(format!("{answered}, but does not say where to go"))),
        404 => Err(Verdict::Missing),
        410 => Err(Verdict::Final(FetchFailure::gone(answered))),
        408 | 429 | 500..=599 => {
            Err(Verdict::Again { reason: answered, retry_after: retry_after(headers, now) })
        }
        _ => Err(Verdict::rejected(answered)),
    }
}

/// Refuses what the head of a 200 already shows not to be plain audio.
fn recording(headers: &HeaderMap) -> Result<(), Verdict> {
    let coding = text(headers, &CONTENT_ENCODING).map_or("", str::trim);
    if !(coding.is_empty() || coding.eq_ignore_ascii_case("identity")) {
        return Err(Verdict::rejected("provider sent a compressed body though asked not to"));
    }
    match text(headers, &CONTENT_TYPE).and_then(not_audio) {
        Some(what) => Err(Verdict::rejected(format!("provider sent {what} instead of audio"))),
        None => Ok(()),
    }
}

/// What a media type names, if it is clearly not audio. Servers that do not know say
/// `text/plain` or `application/octet-stream`; there the bytes decide.
fn not_audio(content_type: &str) -> Option<&'static str> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" => Some("a web page"),
        "application/json" | "text/json" => Some("JSON"),
        "application/xml" | "text/xml" => Some("XML"),
        other if other.ends_with("+json") => Some("JSON"),
        other if other.starts_with("image/") => Some("an image"),
        other if other.ends_with("+xml") => Some("XML"),
        _ => None,
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3), counted from the answer's own `Date` where it has
/// one: the two clocks then are the same, whatever ours says.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = text(headers, &DATE).and_then(parse_date);
    Some(elapsed(date.unwrap_or(now), parse_date(value)?))
}

/// An HTTP-date in any of its three notations (RFC 9110, section 5.6.7).
fn parse_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    str::from_utf8(headers.get(name)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::provider::failure::FailureKind;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn head(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn of(status: u16, pairs: &[(HeaderName, &'static str)]) -> Result<Answer, Verdict> {
        classify(StatusCode::from_u16(status).unwrap(), &head(pairs), NOW)
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
    fn a_redirect_needs_a_place_to_go() {
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(of(status, &[(LOCATION, "/b")]), Ok(Answer::Elsewhere("/b".to_owned())));
            assert!(matches!(of(status, &[]), Err(Verdict::Final(_))), "{status}");
        }
    }

    #[test]
    fn a_page_with_status_200_is_not_a_recording() {
        for (content_type, fine) in [
            ("audio/x-wav", true),
            ("audio/mpeg; charset=binary", true),
            ("application/octet-stream", true),
            ("text/plain", true),
            ("video/mp4", true),
            ("nonsense", true),
            ("text/html", false),
            ("TEXT/HTML; charset=utf-8", false),
            ("application/json", false),
            ("application/problem+json", false),
            ("application/xml", false),
            ("image/svg+xml", false),
        ] {
            assert_eq!(of(200, &[(CONTENT_TYPE, content_type)]).is_ok(), fine, "{content_type}");
        }
        assert!(of(200, &[(CONTENT_ENCODING, "identity")]).is_ok());
        assert!(of(200, &[(CONTENT_ENCODING, "gzip")]).is_err());
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
