//! What is playable, or the tombstone of what was.

use std::fmt;

use jiff::Timestamp;

use super::{ObjectKey, RunId};

/// A SHA-256 in lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// The hash as text, from its 32 bytes.
    pub fn from_digest(digest: &[u8]) -> Self {
        use std::fmt::Write;
        let mut text = String::with_capacity(64);
        for byte in digest {
            let _ = write!(text, "{byte:02x}"); // writing to a String can't fail
        }
        Self(text)
    }

    /// Reads what [`Sha256Hex::from_digest`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 64 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A recording that can be played.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadyRecording {
    /// The run that published it.
    pub run: RunId,
    /// Where its bytes are.
    pub key: ObjectKey,
    /// Sniffed from its bytes.
    pub content_type: String,
    /// Its length.
    pub bytes: u64,
    /// Of the bytes served.
    pub sha256: Sha256Hex,
    /// Of the bytes that the provider sent.
    pub source_sha256: Sha256Hex,
    /// How long it plays, in seconds, where known.
    pub duration_seconds: Option<f64>,
    /// How many channels it has, where known.
    pub channels: Option<u16>,
    /// Where its waveform is, if there is one.
    pub peaks_key: Option<ObjectKey>,
    /// When it was published.
    pub published_at: Timestamp,
}

/// Why there is no recording any more, and never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tombstone {
    /// Deleted here. Final.
    Deleted,
    /// Gone at the provider. A changed URL or an operator's retry clears it.
    Gone,
}

/// The row of a call in `recordings`.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one a request, and most of them are ready")]
pub enum Recording {
    /// It can be played.
    Ready(ReadyRecording),
    /// It was, or could have been.
    Tombstone(Tombstone),
}
