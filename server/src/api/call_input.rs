//! What is said of a call from outside, in JSON or in a row of a file: parsed once into
//! [`CallFields`]. Quotes no recording URL, which may be a secret.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    model::{CallFields, Direction},
    recording_url::InvalidRecordingUrl,
};

/// The fields, in the order of the documentation.
pub const FIELDS: [&str; 6] =
    ["recording_url", "direction", "from", "to", "started_at", "duration_seconds"];

/// The longest number or name of a party, in characters.
const LONGEST_PARTY: usize = 256;
/// 68 years: a longer call is a mistake.
const LONGEST_CALL_SECONDS: u64 = 1 << 31;

/// Why a call can't be registered as said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallInputError {
    /// Not JSON at all, or no object.
    #[error("{0}")]
    Malformed(String),
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
}

/// Which field is wrong, why, and what would do; in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct InvalidField {
    /// The field's name.
    pub field: String,
    /// What is wrong with it.
    pub why: String,
}

/// Reads calls.
pub struct CallInput;

impl CallInput {
    /// From the text of one JSON object.
    pub fn from_json(text: &[u8]) -> Result<CallFields, CallInputError> {
        let value = serde_json::from_slice(text)
            .map_err(|error| CallInputError::Malformed(format!("The body is not JSON: {error}")))?;
        let Value::Object(fields) = value else {
            let what = "The body is not a JSON object; send one such as {\"recording_url\": …}";
            return Err(CallInputError::Malformed(what.to_owned()));
        };
        Ok(Self::from_fields(fields)?)
    }

    /// From named values; a field left out, null or empty is none.
    pub fn from_fields(fields: Map<String, Value>) -> Result<CallFields, InvalidField> {
        let mut call = CallFields::default();
        for (name, value) in fields {
            let Some(given) = given(value) else {
                known(&name)?;
                continue;
            };
            match name.as_str() {
                "recording_url" => {
                    let url = text(&name, &given)?.parse();
                    call.recording_url = Some(
                        url.map_err(|why: InvalidRecordingUrl| invalid(&name, why.to_string()))?,
                    );
                }
                "direction" => call.direction = Some(direction(&name, &given)?),
                "from" => call.from = Some(party(&name, &given)?),
                "to" => call.to = Some(party(&name, &given)?),
                "started_at" => call.started_at = Some(time(&name, &given)?),
                "duration_seconds" => call.duration_seconds = Some(seconds(&name, &given)?),
                _ => known(&name)?,
            }
        }
        Ok(call)
    }
}

fn given(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        value => Some(value),
    }
}

fn known(name: &str) -> Result<(), InvalidField> {
    if FIELDS.contains(&name) {
        return Ok(());
    }
    // Quoted and cut: it comes from outside.
    let name: String = name.chars().take(64).flat_map(char::escape_debug).collect();
    Err(invalid(&name, format!("is no field of a call; there is {}", FIELDS.join(", "))))
}

fn invalid(field: &str, why: impl Into<String>) -> InvalidField {
    InvalidField { field: field.to_owned(), why: why.into() }
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, InvalidField> {
    value.as_str().map(str::trim).ok_or_else(|| invalid(name, "is not a text"))
}

fn direction(name: &str, value: &Value) -> Result<Direction, InvalidField> {
    let text = text(name, value)?;
    text.parse().map_err(|()| invalid(name, "is neither inbound nor outbound"))
}

fn party(name: &str, value: &Value) -> Result<String, InvalidField> {
    let text = text(name, value)?;
    if text.chars().count() > LONGEST_PARTY {
        return Err(invalid(name, format!("is longer than {LONGEST_PARTY} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(name, "holds a control character; remove line breaks and tabs"));
    }
    Ok(text.to_owned())
}

fn time(name: &str, value: &Value) -> Result<Timestamp, InvalidField> {
    let what = "is not a time with its zone; write it as RFC 3339, such as 2026-03-01T12:30:00Z";
    let time: Timestamp = text(name, value)?.parse().map_err(|_| invalid(name, what))?;
    if time.as_second() < 0 {
        return Err(invalid(name, "lies before 1970"));
    }
    // The precision that the databases keep.
    Ok(Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time))
}

fn seconds(name: &str, value: &Value) -> Result<u32, InvalidField> {
    let seconds = value.as_u64().filter(|seconds| *seconds < LONGEST_CALL_SECONDS);
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    seconds.ok_or_else(|| {
        invalid(name, "is not a whole number of seconds from 0 to 2147483647, such as 42")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CallFields, String> {
        CallInput::from_json(text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_call_is_read_and_what_is_null_or_empty_is_none() {
        let call = read(
            r#"{"recording_url": "https://example.com/a.wav", "direction": "inbound",
                "from": " +15550100 ", "to": "דנה", "started_at": "2026-03-01T14:30:00+02:00",
                "duration_seconds": 42}"#,
        )
        .unwrap();
        assert_eq!(call.recording_url.unwrap().host(), "example.com");
        assert_eq!(call.direction, Some(Direction::Inbound));
        assert_eq!((call.from.as_deref(), call.to.as_deref()), (Some("+15550100"), Some("דנה")));
        assert_eq!(call.started_at.unwrap().to_string(), "2026-03-01T12:30:00Z");
        assert_eq!(call.duration_seconds, Some(42));
        for none in ["{}", r#"{"recording_url": null, "from": "", "to": "  "}"#] {
            assert_eq!(read(none).unwrap(), CallFields::default());
        }
    }

    #[test]
    fn each_wrong_field_is_named_with_what_would_do() {
        for (body, says) in [
            (r#"{"recording_url": "ftp://x/secret"}"#, "recording_url begins with neither http"),
            (r#"{"recording_url": 5}"#, "recording_url is not a text"),
            (r#"{"direction": "sideways"}"#, "direction is neither inbound nor outbound"),
            (r#"{"from": "a\nb"}"#, "from holds a control character"),
            (r#"{"to": ["x"]}"#, "to is not a text"),
            (r#"{"started_at": "yesterday"}"#, "started_at is not a time with its zone"),
            (r#"{"started_at": "2026-03-01T12:30:00"}"#, "started_at is not a time with its zone"),
            (r#"{"started_at": "1969-12-31T23:59:59Z"}"#, "started_at lies before 1970"),
            (r#"{"duration_seconds": -1}"#, "duration_seconds is not a whole number"),
            (r#"{"duration_seconds": 1.5}"#, "duration_seconds is not a whole number"),
            (r#"{"duration_seconds": "42"}"#, "duration_seconds is not a whole number"),
            (r#"{"duration_seconds": 2147483648}"#, "duration_seconds is not a whole number"),
            (r#"{"url": null}"#, "url is no field of a call; there is recording_url, "),
            ("[]", "The body is not a JSON object"),
            ("{", "The body is not JSON"),
            ("", "The body is not JSON"),
        ] {
            let error = read(body).unwrap_err();
            assert!(error.starts_with(says) && !error.contains("secret"), "{body}: {error}");
        }
        let long = format!(r#"{{"from": "{}"}}"#, "x".repeat(257));
        assert_eq!(read(&long).unwrap_err(), "from is longer than 256 characters");
    }
}
