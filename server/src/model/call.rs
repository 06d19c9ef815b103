//! A call, as the telephony system registered it.

use std::str::FromStr;

use jiff::Timestamp;
use shared::CallSid;

use crate::recording_url::RecordingUrl;

/// Who rang whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Somebody called us.
    Inbound,
    /// We called somebody.
    Outbound,
}

impl Direction {
    /// The word used in bodies and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

impl FromStr for Direction {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Inbound, Self::Outbound].into_iter().find(|d| d.as_str() == text).ok_or(())
    }
}

/// What a caller of the API says about a call. A registration replaces the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallFields {
    /// Where the provider keeps the recording, if there is one.
    pub recording_url: Option<RecordingUrl>,
    /// Who rang whom.
    pub direction: Option<Direction>,
    /// The caller's number or name.
    pub from: Option<String>,
    /// The number or name called.
    pub to: Option<String>,
    /// When the call began.
    pub started_at: Option<Timestamp>,
    /// How long it lasted, in seconds.
    pub duration_seconds: Option<u32>,
}

/// A registered call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its id.
    pub call_sid: CallSid,
    /// What was said about it.
    pub fields: CallFields,
    /// Grows each time the recording URL changes: a run made for an older one says nothing about
    /// the new one.
    pub url_version: i64,
    /// When it was first registered.
    pub created_at: Timestamp,
}
