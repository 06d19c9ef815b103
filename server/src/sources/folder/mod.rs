//! Recordings that a PBX left in a folder or a bucket: what a file's path says of its call. Pure:
//! reads names and lines of a CDR, opens nothing.

mod cdr;
mod freepbx;
mod fusionpbx;
mod local_time;
mod pattern;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use jiff::{Timestamp, tz::TimeZone};

use super::event::{CallFacts, CallRef};

pub use self::{
    cdr::{Cdr, CdrColumns, CdrRow, InvalidCdr},
    local_time::{Local, Resolved},
    pattern::{InvalidPattern, Pattern},
};

/// How a PBX names its files.
#[derive(Clone, Debug)]
pub enum Layout {
    /// `2026/03/05/in-TO-FROM-20260305-151000-1772723400.12.wav`
    FreePbx,
    /// `archive/2026/Mar/05/UUID.wav`
    FusionPbx,
    /// As the operator describes them.
    Pattern(Pattern),
}

/// What `--layout` may say.
const LAYOUTS: &str =
    "write freepbx, fusionpbx, or pattern= and a path such as {year}/{month}/{from}-{to}-{id}.wav";

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            None if text == "freepbx" => Ok(Self::FreePbx),
            None if text == "fusionpbx" => Ok(Self::FusionPbx),
            Some(("pattern", pattern)) => {
                pattern.parse().map(Self::Pattern).map_err(|why: InvalidPattern| why.to_string())
            }
            _ => Err(format!("is no layout; {LAYOUTS}")),
        }
    }
}

/// A file, as its path and its line in the CDR describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The call.
    pub call: CallRef,
    /// What is known of it.
    pub facts: CallFacts,
    /// What makes this file a recording of its own within the call.
    pub recording_id: String,
    /// When the recording began, where the name says it.
    pub started_at: Option<Timestamp>,
    /// Whether the local time of the name can be two times, and which was taken is a guess.
    pub is_ambiguous: bool,
}

/// Why a file is left out. Each is counted and listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No audio, by its name.
    #[error("is no audio file by its name")]
    NotAudio,
    /// The name does not fit the layout.
    #[error("does not fit the layout: {0}")]
    Layout(&'static str),
    /// The name is not UTF-8.
    #[error("has a name that is not UTF-8")]
    NotUtf8,
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is still being written.
    #[error("is still being written")]
    Growing,
    /// It is larger than a recording may be.
    #[error("is larger than TAPEDECK_MAX_RECORDING_BYTES")]
    TooLarge,
    /// Another file has the same call and recording.
    #[error("is the twin of {0}")]
    Twin(String),
}

/// Extensions of what telephony systems record, in lower case. `WAV` is Asterisk's WAV49.
const AUDIO: [&str; 22] = [
    "wav", "wav49", "mp3", "gsm", "ogg", "oga", "opus", "webm", "m4a", "mp4", "3gp", "amr", "awb",
    "au", "ulaw", "alaw", "sln", "g722", "g729", "flac", "aac", "aiff",
];

/// Reads a path below the imported folder, with `/` between its parts.
pub fn describe(
    layout: &Layout,
    path: &str,
    zone: &TimeZone,
    cdr: &Cdr,
) -> Result<Described, Refusal> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').ok_or(Refusal::NotAudio)?;
    if stem.is_empty() || !AUDIO.contains(&extension.to_ascii_lowercase().as_str()) {
        return Err(Refusal::NotAudio);
    }
    match layout {
        Layout::FreePbx => freepbx::describe(stem, name, zone, cdr),
        Layout::FusionPbx => fusionpbx::describe(path, stem, cdr),
        Layout::Pattern(pattern) => pattern.describe(path, zone, cdr),
    }
}
