//! The requests, and where we mean to differ from nginx.

use std::ops::Range;

pub(crate) const LEN: usize = 10_000;
pub(crate) const RECORDING: &str = "/recording.wav";
pub(crate) const EMPTY: &str = "/empty.wav";

const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const PUBLISHED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

/// In a header's value: the server's own entity tag, which each makes in its own way.
pub(crate) const TAG: &str = "{tag}";

pub(crate) enum Expect {
    /// Same status, `Content-Range`, `Content-Length` and bytes as nginx.
    Same,
    /// On purpose not what nginx says, but this.
    Ours { status: u16, part: Option<Range<usize>>, because: &'static str },
}
use Expect::Same;

const fn ours(status: u16, because: &'static str) -> Expect {
    Expect::Ours { status, part: None, because }
}

pub(crate) type Case =
    (&'static str, &'static str, &'static [(&'static str, &'static str)], Expect);

/// Method, path, headers, expectation.
pub(crate) const CASES: &[Case] = &[
    ("GET", RECORDING, &[], Same),
    ("HEAD", RECORDING, &[], Same),
    // One range.
    ("GET", RECORDING, &[("Range", "bytes=0-0")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-499")], Same),
    ("GET", RECORDING, &[("Range", "bytes=500-999")], Same),
    ("GET", RECORDING, &[("Range", "bytes=9999-9999")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=9500-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-500")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-1")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-20000")], Same),
    ("GET", RECORDING, &[("Range", "bytes=9000-20000")], Same),
    ("GET", RECORDING, &[("Range", "BYTES=0-9")], Same),
    ("GET", RECORDING, &[("Range", "bytes= 0-9")], Same),
    // Past the end, reversed, empty.
    ("GET", RECORDING, &[("Range", "bytes=10000-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=10000-20000")], Same),
    ("GET", RECORDING, &[("Range", "bytes=500-100")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-0")], Same),
    (
        "GET",
        RECORDING,
        &[("Range", "bytes=0-99999999999999999999999999")],
        Expect::Ours {
            status: 206,
            part: Some(0..LEN),
            because: "RFC 9110 14.1.2: a last position past the end, however far, is the end",
        },
    ),
    ("GET", RECORDING, &[("Range", "bytes=99999999999999999999999999-")], Same),
    // Several ranges.
    ("GET", RECORDING, &[("Range", "bytes=0-9,20000-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=20000-,30000-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9,20-29")], ours(200, MULTIPART)),
    ("GET", RECORDING, &[("Range", "bytes=0-99,50-149")], ours(200, MULTIPART)),
    ("GET", RECORDING, &[("Range", "bytes=0-,0-")], Same),
    // Rubbish.
    ("GET", RECORDING, &[("Range", "bytes=")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=abc")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9x")], Same),
    ("GET", RECORDING, &[("Range", "bytes=1-2-3")], Same),
    ("GET", RECORDING, &[("Range", "bytes")], Same),
    ("GET", RECORDING, &[("Range", "0-9")], Same),
    ("GET", RECORDING, &[("Range", "items=0-9")], Same),
    ("GET", RECORDING, &[("Range", "")], Same),
    // HEAD.
    ("HEAD", RECORDING, &[("Range", "bytes=0-9")], ours(200, RANGE_IS_FOR_GET)),
    ("HEAD", RECORDING, &[("Range", "bytes=10000-")], ours(200, RANGE_IS_FOR_GET)),
    // If-Range.
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", TAG)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", "\"other\"")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", "W/{tag}")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", PUBLISHED)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", BEFORE)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", AFTER)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", "rubbish")], Same),
    ("GET", RECORDING, &[("Range", "bytes=10000-"), ("If-Range", "\"other\"")], Same),
    ("GET", RECORDING, &[("If-Range", TAG)], Same),
    // One condition.
    ("GET", RECORDING, &[("If-None-Match", TAG)], Same),
    ("HEAD", RECORDING, &[("If-None-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-None-Match", "W/{tag}")], Same),
    ("GET", RECORDING, &[("If-None-Match", "\"a\", {tag} , \"b\"")], Same),
    ("GET", RECORDING, &[("If-None-Match", "*")], Same),
    ("GET", RECORDING, &[("If-None-Match", "\"other\"")], Same),
    ("GET", RECORDING, &[("If-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-Match", "*")], Same),
    ("GET", RECORDING, &[("If-Match", "\"a\", {tag}")], Same),
    ("GET", RECORDING, &[("If-Match", "W/{tag}")], Same),
    ("GET", RECORDING, &[("If-Match", "\"other\"")], Same),
    ("HEAD", RECORDING, &[("If-Match", "\"other\"")], Same),
    ("GET", RECORDING, &[("If-Modified-Since", PUBLISHED)], Same),
    ("HEAD", RECORDING, &[("If-Modified-Since", PUBLISHED)], Same),
    ("GET", RECORDING, &[("If-Modified-Since", AFTER)], Same),
    ("GET", RECORDING, &[("If-Modified-Since", BEFORE)], Same),
    ("GET", RECORDING, &[("If-Modified-Since", "rubbish")], Same),
    ("GET", RECORDING, &[("If-Unmodified-Since", PUBLISHED)], Same),
    ("GET", RECORDING, &[("If-Unmodified-Since", AFTER)], Same),
    ("GET", RECORDING, &[("If-Unmodified-Since", BEFORE)], Same),
    (
        "GET",
        RECORDING,
        &[("If-Unmodified-Since", "rubbish")],
        ours(200, "RFC 9110 13.1.4: a field that is no HTTP date must be ignored"),
    ),
    // Several conditions, and conditions with a range.
    ("GET", RECORDING, &[("If-None-Match", "\"other\""), ("If-Modified-Since", PUBLISHED)], Same),
    (
        "GET",
        RECORDING,
        &[("If-None-Match", TAG), ("If-Modified-Since", BEFORE)],
        ours(304, "RFC 9110 13.2.2 step 4: with If-None-Match, If-Modified-Since does not count"),
    ),
    (
        "GET",
        RECORDING,
        &[("If-Match", TAG), ("If-Unmodified-Since", BEFORE)],
        ours(200, "RFC 9110 13.2.2 step 2: with If-Match, If-Unmodified-Since does not count"),
    ),
    ("GET", RECORDING, &[("If-Match", "\"other\""), ("If-None-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-Match", TAG), ("If-None-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-None-Match", TAG), ("Range", "bytes=0-9")], Same),
    ("GET", RECORDING, &[("If-None-Match", TAG), ("Range", "bytes=10000-")], Same),
    ("GET", RECORDING, &[("If-None-Match", "\"other\""), ("Range", "bytes=0-9")], Same),
    ("GET", RECORDING, &[("If-Match", "\"other\""), ("Range", "bytes=0-9")], Same),
    ("GET", RECORDING, &[("If-Match", TAG), ("Range", "bytes=0-9")], Same),
    // An empty file.
    ("GET", EMPTY, &[], Same),
    ("HEAD", EMPTY, &[], Same),
    ("GET", EMPTY, &[("Range", "bytes=5-")], Same),
    ("GET", EMPTY, &[("Range", "bytes=0-")], Same),
    ("GET", EMPTY, &[("Range", "bytes=0-0")], Same),
    ("GET", EMPTY, &[("Range", "bytes=-5")], Same),
    ("GET", EMPTY, &[("Range", "bytes=-0")], Same),
];

const MULTIPART: &str = "RFC 9110 14.2: Range may be ignored; no player asks for a multipart";
const RANGE_IS_FOR_GET: &str = "RFC 9110 14.2: Range is defined for GET alone and else ignored";
