//! What a call's recording is, seen from outside, all its runs taken together.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// `recording.state` in the API, and the filter `?state=` of the list of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// No listener has asked for it yet.
    NotRequested,
    /// A run waits for a worker.
    Queued,
    /// A worker is fetching it.
    Running,
    /// It can be played.
    Ready,
    /// The last run failed.
    Failed,
    /// The call has no recording URL.
    NoRecordingUrl,
    /// Fetched, and it holds no sound.
    Empty,
    /// Stored in a format that no browser plays.
    Stored,
    /// Ready before; its bytes are missing from the storage at the moment.
    Missing,
    /// Deleted here.
    Deleted,
    /// Gone at the provider.
    Gone,
}

impl RecordingState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::NotRequested,
        Self::Queued,
        Self::Running,
        Self::Ready,
        Self::Failed,
        Self::NoRecordingUrl,
        Self::Empty,
        Self::Stored,
        Self::Missing,
        Self::Deleted,
        Self::Gone,
    ];

    /// The word used in bodies and queries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRequested => "not_requested",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::NoRecordingUrl => "no_recording_url",
            Self::Empty => "empty",
            Self::Stored => "stored",
            Self::Missing => "missing",
            Self::Deleted => "deleted",
            Self::Gone => "gone",
        }
    }
}

impl FromStr for RecordingState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

impl fmt::Display for RecordingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_the_ones_in_json() {
        for state in RecordingState::ALL {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
