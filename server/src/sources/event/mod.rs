//! What a provider's callback means, in one type for all providers. Pure: reads a verified body,
//! knows no rows and opens nothing.

mod bandwidth;
mod plivo;
mod standard;
mod telnyx;
#[cfg(test)]
mod tests;
mod twilio;
pub(super) mod values;
mod vonage;

use jiff::Timestamp;
use shared::CallSid;

use crate::{model::Direction, recording_url::RecordingUrl};

/// Who sends callbacks, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Twilio.
    Twilio,
    /// SignalWire's Compatibility API, which speaks as Twilio does.
    SignalWire,
    /// Telnyx: Call Control in JSON, `TeXML` in forms.
    Telnyx,
    /// Plivo.
    Plivo,
    /// Vonage Voice API.
    Vonage,
    /// Bandwidth.
    Bandwidth,
    /// Standard Webhooks with tapedeck's own event.
    Standard,
}

impl Kind {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Twilio,
        Self::SignalWire,
        Self::Telnyx,
        Self::Plivo,
        Self::Vonage,
        Self::Bandwidth,
        Self::Standard,
    ];

    /// The word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::SignalWire => "signalwire",
            Self::Telnyx => "telnyx",
            Self::Plivo => "plivo",
            Self::Vonage => "vonage",
            Self::Bandwidth => "bandwidth",
            Self::Standard => "standard",
        }
    }
}

/// A callback's content.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The provider's id of the event, the same for each repeat; a hash of the body where it has
    /// none.
    pub id: String,
    /// The call that it is about.
    pub call: CallRef,
    /// What it says of the call.
    pub facts: CallFacts,
    /// What it says of a recording.
    pub recording: Option<RecordingNews>,
}

/// How the call is addressed here and there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRef {
    /// Our id.
    pub call_sid: CallSid,
    /// The provider's id, where it can't be ours.
    pub external_id: Option<String>,
}

impl CallRef {
    /// Takes a provider's id over where it is a call id; else makes one of its SHA-256.
    ///
    /// # Panics
    /// Never: `x-` and hexadecimal digits are a call id.
    pub fn of(provider_id: &str) -> Self {
        if let Ok(call_sid) = provider_id.parse() {
            return Self { call_sid, external_id: None };
        }
        let call_sid = values::hashed_id(provider_id.as_bytes()).parse();
        let call_sid = call_sid.expect("x- and hexadecimal digits are a call id");
        Self { call_sid, external_id: values::text(provider_id, 255) }
    }
}

/// What is said of a call. `None` is "not said", never "none".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallFacts {
    /// Who rang whom.
    pub direction: Option<Direction>,
    /// The caller.
    pub from: Option<String>,
    /// The number called.
    pub to: Option<String>,
    /// When it began. Only what names the parties says this too, so that the parties of the first
    /// leg win over those of later ones.
    pub started_at: Option<Timestamp>,
    /// How long it lasted, in seconds.
    pub duration_seconds: Option<u32>,
}

/// What is said of one recording.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingNews {
    /// The provider's account; empty where its events name none.
    pub account: String,
    /// The provider's id, unique in its account.
    pub id: String,
    /// The rest.
    pub facts: RecordingFacts,
}

/// What is said of a recording. `None` is "not said", never "none".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordingFacts {
    /// How far it is at the provider.
    pub progress: Option<Progress>,
    /// Where its media is.
    pub url: Option<RecordingUrl>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Its length, in seconds.
    pub duration_seconds: Option<u32>,
    /// 1 or 2.
    pub channels: Option<u8>,
    /// Which side was recorded, in the provider's word.
    pub track: Option<String>,
}

/// How far a recording is at its provider. Ordered by what is the better news: a later word never
/// takes a better one back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// It is being made.
    InProgress,
    /// The provider could not make it; its code or words.
    Failed(String),
    /// Nothing was recorded.
    Absent,
    /// It can be fetched.
    Completed,
}

impl Progress {
    /// The word in the database.
    pub fn word(&self) -> String {
        match self {
            Self::InProgress => "in-progress".to_owned(),
            Self::Failed(code) if code.is_empty() => "failed".to_owned(),
            Self::Failed(code) => format!("failed {code}"),
            Self::Absent => "absent".to_owned(),
            Self::Completed => "completed".to_owned(),
        }
    }

    /// From the word in the database.
    pub fn from_word(word: &str) -> Self {
        match word.split_once(' ') {
            Some(("failed", code)) => Self::Failed(code.to_owned()),
            _ if word == "failed" => Self::Failed(String::new()),
            _ if word == "absent" => Self::Absent,
            _ if word == "completed" => Self::Completed,
            _ => Self::InProgress,
        }
    }
}

/// What came of reading a callback.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// It says something of a call.
    Event(Box<Event>),
    /// It is genuine, and about something else.
    Ignored(&'static str),
}

/// A genuine callback that can't be read. Quotes nothing of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    /// Neither JSON nor a form.
    #[error("the body is neither JSON nor a form")]
    Body,
    /// A field is needed.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field can't be read.
    #[error("the field {0} can't be read")]
    Field(&'static str),
    /// The recording's URL will not do.
    #[error("the recording's URL {0}")]
    Url(crate::recording_url::InvalidRecordingUrl),
    /// A field of our own event.
    #[error("{0}")]
    OwnField(crate::api::call_input::InvalidField),
}

/// How media is asked for where a provider's URL has no extension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// `.wav` is appended.
    #[default]
    Wav,
    /// `.mp3` is appended.
    Mp3,
    /// The URL is taken as it is.
    AsIs,
}

/// Reads a verified callback. `event_id` is the one that its signature covers, if any.
pub fn read(
    kind: Kind,
    media: Media,
    body: &[u8],
    event_id: Option<String>,
) -> Result<Reading, NotUnderstood> {
    let body = values::Body::parse(body)?;
    let id = event_id.unwrap_or_else(|| body.hash());
    match kind {
        Kind::Twilio | Kind::SignalWire => twilio::read(&body, id, media),
        Kind::Telnyx => telnyx::read(&body, id, media),
        Kind::Plivo => plivo::read(&body, id),
        Kind::Vonage => vonage::read(&body, id),
        Kind::Bandwidth => bandwidth::read(&body, id),
        Kind::Standard => standard::read(&body, id),
    }
}
