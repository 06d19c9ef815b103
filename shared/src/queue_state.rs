//! How the queue is, in one word: what an operator must see first.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `state` of the queue's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueState {
    /// Nothing to do, and workers to do it.
    Idle,
    /// Runs are taken.
    Moving,
    /// A listener waits, workers live, and nothing was taken for long.
    StandsStill,
    /// No worker was heard within one lease.
    NoWorker,
}

impl QueueState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Idle, Self::Moving, Self::StandsStill, Self::NoWorker];

    /// The word used in bodies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Moving => "moving",
            Self::StandsStill => "stands_still",
            Self::NoWorker => "no_worker",
        }
    }
}

impl fmt::Display for QueueState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_the_ones_in_json() {
        for state in QueueState::ALL {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
    }
}
