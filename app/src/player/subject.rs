//! What a player is about: what the server knows of the call when it makes the page.

use serde::{Deserialize, Serialize};
use shared::CallSid;

/// Where the player stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// On the page of its call: everything.
    Full,
    /// In a list: few controls, no waveform.
    Row,
    /// Alone, in another site's page: everything but links to pages of ours.
    Embed,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The call.
    pub call_sid: CallSid,
    /// Where the player stands.
    pub mode: Mode,
    /// Who called whom, for the lock screen; empty where nobody said.
    pub title: String,
    /// Whether the recording is ready.
    pub is_ready: bool,
    /// Its channels; 0 where that is not known.
    pub channels: u16,
    /// How long it plays, in milliseconds; 0 where that is not known.
    pub millis: u32,
    /// Where to begin, in seconds from its start: the address' `?t=`.
    pub start: Option<u32>,
}

impl Subject {
    pub(crate) fn length(&self) -> f64 {
        f64::from(self.millis) / 1000.0
    }

    pub(crate) fn start(&self) -> f64 {
        let start = self.start.map_or(0.0, f64::from);
        if self.millis > 0 { start.min(self.length()) } else { start }
    }

    /// Whether its two channels are shown and reply apart.
    pub(crate) fn has_lanes(&self) -> bool {
        self.channels == 2 && self.mode != Mode::Row
    }
}
