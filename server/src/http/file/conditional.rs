//! Which of its answers a stored recording gives to a request: preconditions in the order of
//! RFC 9110 section 13.2.2, then `Range`. Pure: reads headers, touches neither file nor clock.

use std::ops::Range;
use std::time::SystemTime;

use http::header::{
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderName, Method};

use super::entity_tag::{Comparison, lists};
use super::range::{self, Asked};
use super::representation::Representation;

/// The answer to a request for a recording that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// 200 with every byte.
    Full,
    /// 206 with these bytes; never empty, never past the end.
    Part(Range<u64>),
    /// 304: the client has it.
    NotModified,
    /// 412: it is not what the client thought.
    PreconditionFailed,
    /// 416: there are no such bytes.
    NotSatisfiable,
}

/// Decides by RFC 9110 section 13.2.2, step by step.
pub fn evaluate(method: &Method, headers: &HeaderMap, representation: &Representation) -> Outcome {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let tag = &representation.entity_tag;
    let modified_after = |date| representation.last_modified > date;

    if headers.contains_key(IF_MATCH) {
        if !lists(headers, &IF_MATCH, tag, Comparison::Strong) {
            return Outcome::PreconditionFailed;
        }
    } else if date(headers, &IF_UNMODIFIED_SINCE).is_some_and(modified_after) {
        return Outcome::PreconditionFailed;
    }

    if headers.contains_key(IF_NONE_MATCH) {
        if lists(headers, &IF_NONE_MATCH, tag, Comparison::Weak) {
            return if reads { Outcome::NotModified } else { Outcome::PreconditionFailed };
        }
    } else if reads && date(headers, &IF_MODIFIED_SINCE).is_some_and(|date| !modified_after(date)) {
        return Outcome::NotModified;
    }

    match only(headers, &RANGE) {
        Some(field) if *method == Method::GET && if_range_holds(headers, representation) => {
            match range::read(field, representation.len) {
                Asked::Whole => Outcome::Full,
                Asked::Part(range) => Outcome::Part(range),
                Asked::Nothing => Outcome::NotSatisfiable,
            }
        }
        _ => Outcome::Full,
    }
}

/// RFC 9110 section 13.1.5: a strong tag that is ours, or exactly our date. A recording never
/// changes under its id, let alone twice in a second, so the date is a strong validator too.
fn if_range_holds(headers: &HeaderMap, representation: &Representation) -> bool {
    if !headers.contains_key(IF_RANGE) {
        return true;
    }
    let is_our_tag = |field: &[u8]| field == representation.entity_tag.as_bytes();
    only(headers, &IF_RANGE).is_some_and(is_our_tag)
        || date(headers, &IF_RANGE) == Some(representation.last_modified)
}

/// The field's value if it came once; a field that is no list and comes twice means nothing.
fn only<'a>(headers: &'a HeaderMap, field: &HeaderName) -> Option<&'a [u8]> {
    let mut lines = headers.get_all(field).iter();
    let value = lines.next()?.as_bytes().trim_ascii();
    lines.next().is_none().then_some(value)
}

/// A date in one of the three forms of RFC 9110 section 5.6.7; anything else must be ignored.
fn date(headers: &HeaderMap, field: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(only(headers, field)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::HeaderValue;

    use super::*;

    const SHA: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const OURS: &str = "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
    const WEAK: &str = "W/\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn outcome(method: &Method, fields: &[(HeaderName, &'static str)]) -> Outcome {
        // Published at half past THEN: the fraction must not matter.
        let published = UNIX_EPOCH + Duration::from_millis(784_111_777_500);
        let recording = Representation::new(SHA, published, 1000, "audio/wav", "CA1.wav").unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, HeaderValue::from_static(value));
        }
        evaluate(method, &headers, &recording)
    }

    #[track_caller]
    fn get(fields: &[(HeaderName, &'static str)], expected: &Outcome) {
        assert_eq!(outcome(&Method::GET, fields), *expected, "{fields:?}");
    }

    const TEN: (HeaderName, &str) = (RANGE, "bytes=0-9");
    const PART: Outcome = Outcome::Part(0..10);

    #[test]
    fn without_conditions_the_whole_or_the_part_is_sent() {
        get(&[], &Outcome::Full);
        get(&[TEN], &PART);
        get(&[(RANGE, "bytes=1000-")], &Outcome::NotSatisfiable);
    }

    #[test]
    fn range_is_for_get_alone() {
        assert_eq!(outcome(&Method::HEAD, &[TEN]), Outcome::Full);
        assert_eq!(outcome(&Method::HEAD, &[(RANGE, "bytes=1000-")]), Outcome::Full);
    }

    #[test]
    fn a_range_that_comes_twice_is_ignored() {
        get(&[TEN, (RANGE, "bytes=5-6")], &Outcome::Full);
    }

    #[test]
    fn if_match_compares_strongly() {
        get(&[(IF_MATCH, OURS)], &Outcome::Full);
        get(&[(IF_MATCH, "*")], &Outcome::Full);
        get(&[(IF_MATCH, WEAK)], &Outcome::PreconditionFailed);
        get(&[(IF_MATCH, "\"other\""), TEN], &Outcome::PreconditionFailed);
    }

    #[test]
    fn if_none_match_compares_weakly() {
        for tag in [OURS, WEAK, "*"] {
            get(&[(IF_NONE_MATCH, tag)], &Outcome::NotModified);
            let fields = [(IF_NONE_MATCH, tag)];
            assert_eq!(outcome(&Method::HEAD, &fields), Outcome::NotModified);
            assert_eq!(outcome(&Method::DELETE, &fields), Outcome::PreconditionFailed);
        }
        get(&[(IF_NONE_MATCH, "\"other\""), TEN], &PART);
    }

    #[test]
    fn dates_are_compared_by_the_second() {
        get(&[(IF_MODIFIED_SINCE, BEFORE)], &Outcome::Full);
        get(&[(IF_MODIFIED_SINCE, THEN)], &Outcome::NotModified);
        get(&[(IF_MODIFIED_SINCE, AFTER)], &Outcome::NotModified);
        get(&[(IF_UNMODIFIED_SINCE, BEFORE)], &Outcome::PreconditionFailed);
        get(&[(IF_UNMODIFIED_SINCE, THEN)], &Outcome::Full);
        get(&[(IF_UNMODIFIED_SINCE, AFTER)], &Outcome::Full);
    }

    #[test]
    fn a_date_that_is_none_or_comes_twice_is_ignored() {
        get(&[(IF_MODIFIED_SINCE, "yesterday")], &Outcome::Full);
        get(&[(IF_UNMODIFIED_SINCE, "")], &Outcome::Full);
        get(&[(IF_MODIFIED_SINCE, THEN), (IF_MODIFIED_SINCE, AFTER)], &Outcome::Full);
    }

    #[test]
    fn tags_go_before_dates() {
        get(&[(IF_MATCH, OURS), (IF_UNMODIFIED_SINCE, BEFORE)], &Outcome::Full);
        get(&[(IF_NONE_MATCH, "\"other\""), (IF_MODIFIED_SINCE, AFTER)], &Outcome::Full);
        get(&[(IF_NONE_MATCH, OURS), (IF_MODIFIED_SINCE, BEFORE)], &Outcome::NotModified);
        get(&[(IF_MATCH, "\"other\""), (IF_NONE_MATCH, OURS)], &Outcome::PreconditionFailed);
    }

    #[test]
    fn conditions_go_before_the_range() {
        get(&[(IF_NONE_MATCH, OURS), (RANGE, "bytes=1000-")], &Outcome::NotModified);
        get(&[(IF_MODIFIED_SINCE, THEN), TEN], &Outcome::NotModified);
    }

    #[test]
    fn if_range_wants_our_strong_tag_or_exactly_our_date() {
        for (value, expected) in [
            (OURS, PART),
            (THEN, PART),
            ("Sunday, 06-Nov-94 08:49:37 GMT", PART),
            (WEAK, Outcome::Full),
            ("\"other\"", Outcome::Full),
            (BEFORE, Outcome::Full),
            (AFTER, Outcome::Full),
            ("rubbish", Outcome::Full),
        ] {
            get(&[TEN, (IF_RANGE, value)], &expected);
        }
        get(&[(RANGE, "bytes=1000-"), (IF_RANGE, "\"other\"")], &Outcome::Full);
        get(&[TEN, (IF_RANGE, OURS), (IF_RANGE, OURS)], &Outcome::Full);
    }
}
