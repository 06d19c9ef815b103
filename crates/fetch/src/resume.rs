//! Goes on with a download that broke off: `Range` with `If-Range` on a strong entity tag (RFC 9110,
//! sections 13.1.5 and 14.2). Pure.

use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_RANGE, ETAG},
};

/// What makes the rest of a file the rest of the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resume {
    etag: HeaderValue,
}

/// The bytes of a 206 that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// Where the part, and with it the file, ends.
    pub(super) end: u64,
}

impl Resume {
    /// From the head of the response whose body is received. Nothing where the rest can't be asked
    /// for: without a strong tag (section 8.8.1), without ranges, or under a coding.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let etag = headers.get(ETAG)?;
        let is_strong = etag.as_bytes().starts_with(b"\"") && etag.as_bytes().len() > 2;
        let has_ranges = headers.get(ACCEPT_RANGES).is_none_or(|value| value != "none");
        let is_plain = !headers.contains_key(CONTENT_ENCODING);
        (is_strong && has_ranges && is_plain).then(|| Self { etag: etag.clone() })
    }

    /// The value of `If-Range`.
    pub(super) fn if_range(&self) -> HeaderValue {
        self.etag.clone()
    }

    /// The value of `Range` that asks for all from byte `done` on.
    pub(super) fn range(done: u64) -> HeaderValue {
        HeaderValue::try_from(format!("bytes={done}-")).expect("a number is visible ASCII")
    }

    /// Checks that a 206 is all from byte `done` on, of the same file.
    pub(super) fn rest(&self, headers: &HeaderMap, done: u64) -> Option<Rest> {
        if headers.get(ETAG).is_some_and(|etag| *etag != self.etag) {
            return None;
        }
        if headers.contains_key(CONTENT_ENCODING) {
            return None;
        }
        let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
        let (bytes, total) = range.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = bytes.split_once('-')?;
        let (first, last): (u64, u64) = (number(first)?, number(last)?);
        let total = if total == "*" { None } else { Some(number(total)?) };
        let end = last.checked_add(1)?;
        let fits = first == done && first <= last && total.is_none_or(|total| total == end);
        fits.then_some(Rest { end })
    }
}

fn number(digits: &str) -> Option<u64> {
    if digits.starts_with('+') { None } else { digits.parse().ok() }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    const TAG: (HeaderName, &str) = (ETAG, "\"abc\"");

    fn headers(fields: &[(HeaderName, &'static str)]) -> HeaderMap {
        let value = |value| HeaderValue::from_static(value);
        fields.iter().map(|(name, text)| (name.clone(), value(text))).collect()
    }

    #[test]
    fn a_download_goes_on_only_on_a_strong_tag() {
        for (fields, fits) in [
            (&[TAG][..], true),
            (&[TAG, (ACCEPT_RANGES, "bytes")], true),
            (&[TAG, (ACCEPT_RANGES, "none")], false),
            (&[TAG, (CONTENT_ENCODING, "gzip")], false),
            (&[(ETAG, "W/\"abc\"")], false),
            (&[(ETAG, "abc")], false),
            (&[(ETAG, "\"\"")], false),
            (&[], false),
        ] {
            assert_eq!(Resume::of(&headers(fields)).is_some(), fits, "{fields:?}");
        }
    }

    #[test]
    fn a_206_must_be_the_rest_of_the_same_file() {
        let resume = Resume::of(&headers(&[TAG])).unwrap();
        for (fields, end) in [
            (&[(CONTENT_RANGE, "bytes 5-9/10")][..], Some(10)),
            (&[(CONTENT_RANGE, "bytes 5-9/10"), TAG], Some(10)),
            (&[(CONTENT_RANGE, "bytes 5-9/*")], Some(10)),
            (&[(CONTENT_RANGE, "bytes 5-9/10"), (ETAG, "\"other\"")], None),
            (&[(CONTENT_RANGE, "bytes 5-9/10"), (CONTENT_ENCODING, "gzip")], None),
            (&[(CONTENT_RANGE, "bytes 4-9/10")], None),
            (&[(CONTENT_RANGE, "bytes 5-8/10")], None),
            (&[(CONTENT_RANGE, "bytes 5-4/5")], None),
            (&[(CONTENT_RANGE, "bytes */10")], None),
            (&[(CONTENT_RANGE, "bytes +5-9/10")], None),
            (&[(CONTENT_RANGE, "bytes 5-18446744073709551615/*")], None),
            (&[], None),
        ] {
            let rest = resume.rest(&headers(fields), 5);
            assert_eq!(rest.map(|rest| rest.end), end, "{fields:?}");
        }
    }
}
