//! Lists of entity tags, as `If-Match` and `If-None-Match` carry them (RFC 9110 section 8.8.3).
//! Compares; decides nothing.

use http::{HeaderMap, HeaderName, HeaderValue};

/// How two entity tags are compared (RFC 9110 section 8.8.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Same opaque tag, and neither is weak.
    Strong,
    /// Same opaque tag.
    Weak,
}

/// Whether any line of `field` is `*` or lists `ours`, which must be a strong tag with its quotes.
///
/// A list that breaks off in rubbish counts up to there: what was not understood cannot match.
pub(super) fn lists(
    headers: &HeaderMap,
    field: &HeaderName,
    ours: &HeaderValue,
    comparison: Comparison,
) -> bool {
    headers.get_all(field).iter().any(|line| {
        line.as_bytes().trim_ascii() == b"*"
            || Tags(line.as_bytes()).any(|(weak, tag)| {
                tag == ours.as_bytes() && (comparison == Comparison::Weak || !weak)
            })
    })
}

/// The tags of one line: whether weak, and the opaque tag with its quotes.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = (bool, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        // Recipients must skip empty list elements (RFC 9110 section 5.6.1.2).
        while let [b' ' | b'\t' | b',', rest @ ..] = self.0 {
            self.0 = rest;
        }
        let (weak, tag) = match self.0.strip_prefix(b"W/") {
            Some(tag) => (true, tag),
            None => (false, self.0),
        };
        let inner = tag.strip_prefix(b"\"")?;
        let end = inner.iter().position(|&b| b == b'"')? + 2;
        let (tag, rest) = tag.split_at(end);
        match rest.trim_ascii_start() {
            [] | [b',', ..] => self.0 = rest,
            _ => return None,
        }
        Some((weak, tag))
    }
}

#[cfg(test)]
mod tests {
    use http::header::IF_MATCH;

    use super::*;

    fn lists_a(lines: &[&'static str], comparison: Comparison) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, HeaderValue::from_static(line));
        }
        lists(&headers, &IF_MATCH, &HeaderValue::from_static("\"a\""), comparison)
    }

    #[test]
    fn a_tag_is_found_anywhere_in_the_list_and_on_any_line() {
        for lines in [
            &["\"a\""][..],
            &["*"],
            &["\"b\", \"a\""],
            &[",, \"b\"\t,\"a\" ,"],
            &["\"x,y\",\"a\""],
            &["\"b\"", "\"a\""],
        ] {
            assert!(lists_a(lines, Comparison::Strong), "{lines:?}");
        }
    }

    #[test]
    fn another_tag_and_rubbish_do_not_match() {
        for lines in [&["\"b\""][..], &["a"], &["\"a"], &["\"b\" \"a\""], &["\"a\"x"], &[""], &[]] {
            assert!(!lists_a(lines, Comparison::Weak), "{lines:?}");
        }
    }

    #[test]
    fn a_weak_tag_matches_only_weakly() {
        assert!(lists_a(&["W/\"a\""], Comparison::Weak));
        assert!(!lists_a(&["W/\"a\""], Comparison::Strong));
        assert!(!lists_a(&["w/\"a\""], Comparison::Weak), "the W is case-sensitive");
    }
}
