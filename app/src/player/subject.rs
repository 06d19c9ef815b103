//! The data that the server passes to one player when it renders the page.

use serde::{Deserialize, Serialize};
use shared::{CallSid, RecordingState, path};

/// Where the player stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// On the page of its call: all controls.
    Full,
    /// In a list: few controls, no waveform.
    Row,
    /// Alone, in a frame of another site: all controls, no links to our pages.
    Embed,
}

/// One recording of one call, as known when the page was rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The call.
    pub call_sid: CallSid,
    /// The number of the recording within the call, from 1.
    pub part: u32,
    /// Where the player stands.
    pub mode: Mode,
    /// Caller and called party, for the lock screen; empty where both are unknown.
    pub title: String,
    /// The recording's state.
    pub state: RecordingState,
    /// Its channels; 0 where unknown.
    pub channels: u16,
    /// Its length in milliseconds; 0 where unknown.
    pub millis: u32,
    /// The start position in seconds: `?t=` of the address.
    pub start: Option<u32>,
    /// Query pairs that every request for the recording carries, such as a playback grant; empty for none.
    pub query: String,
}

impl Subject {
    pub(crate) fn is_ready(&self) -> bool {
        self.state == RecordingState::Ready
    }

    pub(crate) fn length(&self) -> f64 {
        f64::from(self.millis) / 1000.0
    }

    pub(crate) fn start(&self) -> f64 {
        let start = self.start.map_or(0.0, f64::from);
        if self.millis > 0 { start.min(self.length()) } else { start }
    }

    /// Whether its two channels are shown and played separately.
    pub(crate) fn has_lanes(&self) -> bool {
        self.channels == 2 && self.mode != Mode::Row
    }

    /// The address of the recording's bytes.
    pub(crate) fn file(&self) -> String {
        self.address(&path::file(&self.call_sid))
    }

    /// The address of its waveform.
    pub(crate) fn peaks(&self) -> String {
        self.address(&path::peaks(&self.call_sid))
    }

    fn address(&self, path: &str) -> String {
        let number = self.part.to_string();
        let part = [("part", number.as_str())];
        let path = path::with_query(path, if self.part == 1 { &[] } else { &part });
        if self.query.is_empty() { path } else { and(&path, &self.query) }
    }

    /// The key under which the browser saves the position.
    pub(crate) fn position_key(&self) -> String {
        match self.part {
            1 => self.call_sid.to_string(),
            part => format!("{}:{part}", self.call_sid),
        }
    }
}

/// An address with one more query pair.
pub(crate) fn and(address: &str, pair: &str) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{pair}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(part: u32, query: &str) -> Subject {
        Subject {
            call_sid: "CA1".parse().unwrap(),
            part,
            mode: Mode::Full,
            title: String::new(),
            state: RecordingState::Ready,
            channels: 2,
            millis: 0,
            start: None,
            query: query.to_owned(),
        }
    }

    #[test]
    fn the_first_part_has_the_plain_address_and_the_others_carry_their_number() {
        assert_eq!(subject(1, "").file(), "/api/recordings/file/CA1");
        assert_eq!(subject(2, "").peaks(), "/api/recordings/peaks/CA1?part=2");
        assert_eq!(subject(1, "token=x").file(), "/api/recordings/file/CA1?token=x");
        assert_eq!(subject(2, "token=x").file(), "/api/recordings/file/CA1?part=2&token=x");
        assert_eq!(
            and(&subject(2, "").file(), "download=1"),
            "/api/recordings/file/CA1?part=2&download=1"
        );
    }

    #[test]
    fn each_part_has_its_own_saved_position() {
        assert_eq!([subject(1, ""), subject(2, "")].map(|it| it.position_key()), ["CA1", "CA1:2"]);
    }
}
