//! The description that lies beside the bytes of a recording in the storage: a small JSON object that
//! says whose recording they are. A lost or older database is completed from it. It holds no URL, no
//! phone number and no secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::CallSid;

use super::{ObjectKey, Sha256Hex};

/// The format. Fields are added without a new number; a reader ignores unknown ones.
const FORMAT: u32 = 1;

/// Whose recording an object is, and what its bytes are.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The object with the bytes that are served.
    pub key: ObjectKey,
    /// The call.
    pub call_sid: CallSid,
    /// The recording's own id, where it has one.
    pub recording_id: Option<String>,
    /// Which recording of the call: 1, 2, ….
    pub part: u32,
    /// The name of the source that it came from.
    pub source: Option<String>,
    /// The provider's account.
    pub account: Option<String>,
    /// The provider's id of the recording.
    pub provider_id: Option<String>,
    /// Media type.
    pub content_type: String,
    /// Length of the bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes.
    pub sha256: Sha256Hex,
    /// SHA-256 of what the provider sent.
    pub source_sha256: Sha256Hex,
    /// How long it plays, in seconds, where known.
    pub duration_seconds: Option<f64>,
    /// How many channels it has, where known.
    pub channels: Option<u16>,
    /// When the bytes were stored, by the database's clock.
    pub stored_at: Timestamp,
}

/// Why a description can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BadDescription {
    /// No JSON, or not of this shape.
    #[error("the description is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// A field has a value that is none.
    #[error("the description's field {0:?} is not valid")]
    Field(&'static str),
    /// A later program wrote it, and changed the meaning.
    #[error("the description has the unknown format {0}; use a newer tapedeck")]
    Format(u32),
    /// It is larger than any description.
    #[error("the description is too large")]
    TooLarge,
    /// It describes another claim's object.
    #[error("the description names the object {0}, which another claim wrote")]
    AnotherObject(String),
}

#[derive(Serialize, Deserialize)]
struct Json {
    format: u32,
    object: String,
    call_sid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recording_id: Option<String>,
    part: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    content_type: String,
    bytes: u64,
    sha256: String,
    source_sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channels: Option<u16>,
    stored_at: String,
}

impl Description {
    /// As JSON.
    #[expect(clippy::missing_panics_doc, reason = "plain data with text for keys is always JSON")]
    pub fn to_json(&self) -> Vec<u8> {
        let Self { recording_id, source, account, provider_id, .. } = self.clone();
        let json = Json {
            format: FORMAT,
            object: self.key.to_string(),
            call_sid: self.call_sid.to_string(),
            recording_id,
            part: self.part,
            source,
            account,
            provider_id,
            content_type: self.content_type.clone(),
            bytes: self.bytes,
            sha256: self.sha256.to_string(),
            source_sha256: self.source_sha256.to_string(),
            duration_seconds: self.duration_seconds,
            channels: self.channels,
            stored_at: self.stored_at.to_string(),
        };
        serde_json::to_vec_pretty(&json).expect("strings and numbers are always JSON")
    }

    /// Parses the description that is stored under `key`.
    pub fn parse(key: &ObjectKey, json: &[u8]) -> Result<Self, BadDescription> {
        let json: Json = serde_json::from_slice(json)?;
        if json.format != FORMAT {
            return Err(BadDescription::Format(json.format));
        }
        let field = BadDescription::Field;
        let object = ObjectKey::parse(&json.object).ok_or(field("object"))?;
        if object.description() != key.description() {
            return Err(BadDescription::AnotherObject(json.object));
        }
        Ok(Self {
            key: object,
            call_sid: json.call_sid.parse().map_err(|_| field("call_sid"))?,
            recording_id: json.recording_id,
            part: Some(json.part).filter(|part| *part > 0).ok_or(field("part"))?,
            source: json.source,
            account: json.account,
            provider_id: json.provider_id,
            content_type: json.content_type,
            bytes: json.bytes,
            sha256: Sha256Hex::parse(&json.sha256).ok_or(field("sha256"))?,
            source_sha256: Sha256Hex::parse(&json.source_sha256).ok_or(field("source_sha256"))?,
            duration_seconds: json
                .duration_seconds
                .map(
                    |seconds| {
                        if seconds >= 0.0 { Ok(seconds) } else { Err(field("duration_seconds")) }
                    },
                )
                .transpose()?,
            channels: json.channels,
            stored_at: json.stored_at.parse().map_err(|_| field("stored_at"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fence, RunId};

    fn description() -> Description {
        let call_sid: CallSid = "CA1".parse().unwrap();
        Description {
            key: ObjectKey::new(&call_sid, RunId::new(), Fence(7)).converted(),
            call_sid,
            recording_id: Some("rec_1".to_owned()),
            part: 2,
            source: None,
            account: None,
            provider_id: Some("RE1".to_owned()),
            content_type: "audio/wav".to_owned(),
            bytes: 5,
            sha256: Sha256Hex::from_digest(&[1; 32]),
            source_sha256: Sha256Hex::from_digest(&[2; 32]),
            duration_seconds: Some(0.25),
            channels: Some(2),
            stored_at: "2026-11-25T07:00:00.123456Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_description_is_parsed_as_it_was_written_and_unknown_fields_are_ignored() {
        let written = description();
        assert_eq!(Description::parse(&written.key, &written.to_json()).unwrap(), written);
        let mut json: serde_json::Value = serde_json::from_slice(&written.to_json()).unwrap();
        json["new"] = 1.into();
        let json = serde_json::to_vec(&json).unwrap();
        assert_eq!(Description::parse(&written.key, &json).unwrap(), written);
    }

    #[test]
    fn a_description_with_a_wrong_value_or_of_another_claim_is_refused() {
        let written = description();
        for (field, value) in [
            ("object", "../etc/passwd"),
            ("call_sid", "no call"),
            ("sha256", "12"),
            ("source_sha256", "12"),
            ("stored_at", "soon"),
        ] {
            let mut json: serde_json::Value = serde_json::from_slice(&written.to_json()).unwrap();
            json[field] = value.into();
            let error = Description::parse(&written.key, &serde_json::to_vec(&json).unwrap());
            assert!(matches!(error, Err(BadDescription::Field(named)) if named == field));
        }
        let other = ObjectKey::new(&written.call_sid, RunId::new(), Fence(7));
        let error = Description::parse(&other, &written.to_json());
        assert!(matches!(error, Err(BadDescription::AnotherObject(_))));
    }
}
