//! The life of one run: one try at fetching and preparing a recording.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where one run stands. `queued → running → ready`, and either of the first two may fail.
/// Nothing leaves `ready` or `failed`: a new try is a new run with its own clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingStatus {
    /// Waiting for a worker.
    Queued,
    /// A worker holds a lease on it.
    Running,
    /// Its bytes are durably stored and published.
    Ready,
    /// Ended without a recording.
    Failed,
}

impl RecordingStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Running, Self::Ready, Self::Failed];

    /// Whether a run may move from `self` to `next`. `running → queued` happens only when a
    /// worker shuts down in an orderly way.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Queued, Self::Running | Self::Failed)
                | (Self::Running, Self::Ready | Self::Failed | Self::Queued)
        )
    }

    /// Whether the run is still going: at most one run of a call is.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// The word used in bodies, columns and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for RecordingStatus {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

impl fmt::Display for RecordingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_legal_transitions_are_legal() {
        use RecordingStatus::{Failed, Queued, Ready, Running};
        let legal = [
            (Queued, Running),
            (Queued, Failed),
            (Running, Ready),
            (Running, Failed),
            (Running, Queued),
        ];
        for from in RecordingStatus::ALL {
            for to in RecordingStatus::ALL {
                assert_eq!(from.may_become(to), legal.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn nothing_leaves_an_ended_run() {
        for from in RecordingStatus::ALL.into_iter().filter(|status| !status.is_active()) {
            assert!(RecordingStatus::ALL.into_iter().all(|to| !from.may_become(to)));
        }
    }

    #[test]
    fn the_words_are_the_ones_in_json() {
        for status in RecordingStatus::ALL {
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{status}\""));
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
