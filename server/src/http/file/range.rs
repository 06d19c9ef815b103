//! The `Range` field in bytes (RFC 9110 sections 14.1 and 14.2), against a known length. Pure.
//!
//! Where the RFC leaves a choice we do as nginx does, so that clients meet what they are used to,
//! with one exception: several ranges at once get the whole file, not `multipart/byteranges`. No
//! audio player asks for several, the RFC lets a server ignore them (section 14.2), and each part
//! more is a way to make a server work (section 17.15).

use std::ops::Range;

/// What a `Range` field asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Everything: another unit, no range, or more ranges than one.
    Whole,
    /// These bytes; never empty, never past the end.
    Part(Range<u64>),
    /// Nothing that exists, or a set of ranges that is no such thing.
    Nothing,
}

/// Reads one `Range` field against a representation of `len` bytes.
pub(super) fn read(field: &[u8], len: u64) -> Asked {
    let Some(set) = byte_range_set(field) else { return Asked::Whole };
    let specs = set.split(|&b| b == b',').map(<[u8]>::trim_ascii);
    let mut specs = specs.filter(|spec| !spec.is_empty()).peekable();
    if specs.peek().is_none() {
        return Asked::Whole;
    }
    let mut found = None;
    for spec in specs {
        match read_spec(spec, len) {
            Spec::Invalid => return Asked::Nothing,
            Spec::Unsatisfiable => {}
            Spec::WholeOfNothing => return Asked::Whole,
            Spec::Part(_) if found.is_some() => return Asked::Whole,
            Spec::Part(range) => found = Some(range),
        }
    }
    found.map_or(Asked::Nothing, Asked::Part)
}

/// The part after `bytes=`, in any case; `None` for another unit, which must be ignored.
fn byte_range_set(field: &[u8]) -> Option<&[u8]> {
    let equals = field.iter().position(|&b| b == b'=')?;
    let (unit, set) = field.split_at(equals);
    unit.trim_ascii().eq_ignore_ascii_case(b"bytes").then_some(&set[1..])
}

enum Spec {
    Invalid,
    Unsatisfiable,
    /// From the start of an empty file. No `Content-Range` can say that, and players ask for
    /// `bytes=0-` as a matter of course, so it counts as if not asked.
    WholeOfNothing,
    Part(Range<u64>),
}

fn read_spec(spec: &[u8], len: u64) -> Spec {
    let Some(dash) = spec.iter().position(|&b| b == b'-') else { return Spec::Invalid };
    let (first, last) = (&spec[..dash], &spec[dash + 1..]);
    let range = match (first.is_empty(), last.is_empty()) {
        (true, true) => return Spec::Invalid,
        (true, false) => match number(last) {
            Some(suffix) => len.saturating_sub(suffix)..len,
            None => return Spec::Invalid,
        },
        (false, true) => match number(first) {
            Some(first) => first..len,
            None => return Spec::Invalid,
        },
        (false, false) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..len.min(last.saturating_add(1)),
            _ => return Spec::Invalid,
        },
    };
    match (range.start, range.end) {
        (0, 0) => Spec::WholeOfNothing,
        (start, end) if start >= end => Spec::Unsatisfiable,
        _ => Spec::Part(range),
    }
}

/// Digits alone; a number beyond 64 bits is as good as the largest, for it is past every end.
fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |sum, &b| {
        b.is_ascii_digit().then(|| sum.saturating_mul(10).saturating_add(u64::from(b - b'0')))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEN: u64 = 1000;

    fn asked(field: &str) -> Asked {
        read(field.as_bytes(), LEN)
    }

    #[test]
    fn one_range_is_cut_to_what_there_is() {
        for (field, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=10-19", 10..20),
            ("bytes=990-", 990..1000),
            ("bytes=-10", 990..1000),
            ("bytes=-5000", 0..1000),
            ("bytes=0-5000", 0..1000),
            ("bytes=999-99999999999999999999999999", 999..1000),
            ("BYTES = 1-2", 1..3),
            ("bytes=,, 1-2 ,", 1..3),
            ("bytes=1-2,5000-", 1..3),
        ] {
            assert_eq!(asked(field), Asked::Part(range), "{field}");
        }
    }

    #[test]
    fn what_lies_past_the_end_or_is_no_range_gets_nothing() {
        for field in [
            "bytes=1000-",
            "bytes=1000-2000",
            "bytes=99999999999999999999999999-",
            "bytes=-0",
            "bytes=20-10",
            "bytes=-",
            "bytes=abc",
            "bytes=1-2-3",
            "bytes=+1-2",
            "bytes=0x1-2",
            "bytes=1 -2",
            "bytes=1-2,x",
            "bytes=2000-,-0",
        ] {
            assert_eq!(asked(field), Asked::Nothing, "{field}");
        }
    }

    #[test]
    fn another_unit_and_several_ranges_get_everything() {
        for field in
            ["items=0-1", "0-1", "", "bytes=", "bytes= ,", "bytes=0-1,2-3", "bytes=0-9,5-20"]
        {
            assert_eq!(asked(field), Asked::Whole, "{field}");
        }
    }

    #[test]
    fn an_empty_file_is_sent_whole_to_who_asks_from_its_start() {
        for field in ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0"] {
            assert_eq!(read(field.as_bytes(), 0), Asked::Whole, "{field}");
        }
        assert_eq!(read(b"bytes=5-", 0), Asked::Nothing);
    }

    proptest! {
        #[test]
        fn whatever_is_sent_a_part_lies_within_the_file(
            field in "(bytes=)?[0-9,= -]{0,24}", len in 0_u64..50,
        ) {
            if let Asked::Part(range) = read(field.as_bytes(), len) {
                prop_assert!(range.start < range.end && range.end <= len);
            }
        }

        #[test]
        fn a_range_within_the_file_is_answered_exactly(first in 0..LEN, more in 0..LEN) {
            let last = (first + more).min(LEN - 1);
            let part = Asked::Part(first..last + 1);
            prop_assert_eq!(asked(&format!("bytes={first}-{last}")), part);
        }
    }
}
