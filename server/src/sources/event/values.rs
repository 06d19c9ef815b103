//! Reads single values out of forms and JSON. A value that can't be read counts as not said, except
//! where the caller needs it: one odd field must not lose a recording.

use jiff::{SignedDuration, Timestamp, civil, fmt::rfc2822, tz::TimeZone};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use webhook::Fields;

use super::{Media, NotUnderstood};
use crate::{model::Direction, recording_url::RecordingUrl};

/// The longest number or name of a party, in characters.
const LONGEST_PARTY: usize = 256;

/// A body, read.
pub(super) struct Body {
    hash: String,
    pub(super) json: Value,
}

impl Body {
    /// JSON stays what it is; a form becomes an object of texts, the first of each name.
    pub(in crate::sources) fn parse(body: &[u8]) -> Result<Self, NotUnderstood> {
        let hash = hex(&Sha256::digest(body));
        if body.trim_ascii_start().first().is_some_and(|byte| matches!(byte, b'{' | b'[')) {
            let json = serde_json::from_slice(body).map_err(|_| NotUnderstood::Body)?;
            return Ok(Self { hash, json });
        }
        let fields = Fields::parse(body).map_err(|_| NotUnderstood::Body)?;
        if fields.is_empty() {
            return Err(NotUnderstood::Body);
        }
        let mut object = Map::new();
        for (name, value) in fields.iter() {
            object.entry(name).or_insert_with(|| value.into());
        }
        Ok(Self { hash, json: Value::Object(object) })
    }

    /// The SHA-256 of the bytes, in hexadecimal.
    pub(in crate::sources) fn hash(&self) -> String {
        self.hash.clone()
    }
}

/// A text, number or truth value as text; `None` where it is absent, null or blank.
pub(in crate::sources) fn get(json: &Value, name: &str) -> Option<String> {
    let text = match json.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The first of several names that has a value.
pub(in crate::sources) fn first(json: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| get(json, name))
}

/// A value that an event makes no sense without.
pub(in crate::sources) fn needed(
    json: &Value,
    name: &'static str,
) -> Result<String, NotUnderstood> {
    get(json, name).ok_or(NotUnderstood::Missing(name))
}

/// A text without control characters, cut to so many characters; `None` where nothing is left.
pub(in crate::sources) fn text(text: &str, longest: usize) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_control()).take(longest).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// A number or name of a party. SIP addresses lose their scheme and parameters.
pub(in crate::sources) fn party(value: Option<String>) -> Option<String> {
    text(&value?, LONGEST_PARTY)
}

/// `inbound`, `incoming`, `outbound-api`, `outbound-dial`, `outgoing` and the like.
pub(in crate::sources) fn direction(value: Option<String>) -> Option<Direction> {
    let value = value?.to_ascii_lowercase();
    match value.as_str() {
        "inbound" | "incoming" => Some(Direction::Inbound),
        _ if value.starts_with("outbound") || value == "outgoing" => Some(Direction::Outbound),
        _ => None,
    }
}

/// Whole seconds, from a number of seconds with or without a fraction, or from `PT13.67S`.
pub(in crate::sources) fn seconds(value: Option<String>) -> Option<u32> {
    let value = value?;
    let length = match value.parse::<f64>() {
        Ok(seconds) => SignedDuration::try_from_secs_f64(seconds).ok()?,
        Err(_) => value.parse::<SignedDuration>().ok()?,
    };
    // A length of -1 says that it is not known.
    u32::try_from(rounded(length)).ok().filter(|seconds| *seconds < 1 << 31)
}

fn rounded(length: SignedDuration) -> i64 {
    length.as_secs() + i64::from(length.subsec_nanos() >= 500_000_000)
}

/// A time in RFC 2822, RFC 3339, or `2026-03-01 12:30:00` in UTC.
pub(in crate::sources) fn time(value: Option<String>) -> Option<Timestamp> {
    let value = value?;
    let time = rfc2822::DateTimeParser::new()
        .parse_timestamp(&value)
        .or_else(|_| value.parse::<Timestamp>())
        .or_else(|_| TimeZone::UTC.to_timestamp(value.parse::<civil::DateTime>()?))
        .ok()?;
    at_databases_precision(time)
}

/// Milliseconds since 1970.
pub(in crate::sources) fn milliseconds(value: Option<String>) -> Option<Timestamp> {
    let milliseconds = value?.parse::<f64>().ok()?;
    // Above 2^53 it is no time; below, the conversion is exact.
    if !(0.0..9.0e15).contains(&milliseconds) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)] // the range is checked
    at_databases_precision(Timestamp::from_millisecond(milliseconds as i64).ok()?)
}

fn at_databases_precision(time: Timestamp) -> Option<Timestamp> {
    (time.as_second() >= 0).then_some(())?;
    Timestamp::from_microsecond(time.as_microsecond()).ok()
}

/// How long it is from one time to another, in whole seconds.
pub(in crate::sources) fn between(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<u32> {
    u32::try_from(rounded(end?.duration_since(start?))).ok().filter(|seconds| *seconds < 1 << 31)
}

/// `1`, `2`, `single`, `mono`, `dual`.
pub(in crate::sources) fn channels(value: Option<String>) -> Option<u8> {
    match value?.as_str() {
        "1" | "single" | "mono" => Some(1),
        "2" | "dual" | "stereo" => Some(2),
        _ => None,
    }
}

/// The media's URL. Where its last segment has no extension, one is appended.
pub(in crate::sources) fn url(
    value: Option<String>,
    media: Media,
) -> Result<Option<RecordingUrl>, NotUnderstood> {
    let Some(text) = value else { return Ok(None) };
    let url: RecordingUrl = text.parse().map_err(NotUnderstood::Url)?;
    let extension = match media {
        Media::Wav => ".wav",
        Media::Mp3 => ".mp3",
        Media::AsIs => return Ok(Some(url)),
    };
    let path = url.url().path();
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.is_empty() || last.contains('.') {
        return Ok(Some(url));
    }
    let mut extended = url.url().clone();
    extended.set_path(&format!("{path}{extension}"));
    extended.as_str().parse().map(Some).map_err(NotUnderstood::Url)
}

/// An id for a recording whose provider gives it none: a hash of what stays the same.
pub(in crate::sources) fn derived_id(parts: &[&str]) -> String {
    hashed_id(
        parts
            .join(
                "
",
            )
            .as_bytes(),
    )
}

/// A URL without its query and fragment: signatures differ, the media is the same.
pub(in crate::sources) fn without_query(url: &RecordingUrl) -> String {
    url.as_str().split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// `x-` and the first 32 hexadecimal digits of the SHA-256.
pub(in crate::sources) fn hashed_id(text: &[u8]) -> String {
    format!("x-{}", hex(&Sha256::digest(text)[..16]))
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
