//! All that the view depends on, and the questions that it asks of it. Pure.

use std::time::Duration;

use shared::decision::{ErrorType, Policy};

use super::machine::{Fault, Machine, Progress, Sound, State, Waiting};
use crate::words::PlayerWords;

/// All that the view depends on.
#[derive(Clone)]
pub(crate) struct Ui {
    pub(crate) words: &'static PlayerWords,
    pub(crate) machine: Machine,
    /// The clock, as of the last tick.
    pub(crate) now: Duration,
    pub(crate) audio: Audio,
    /// What support wants to know, the same in every language: call id, time, error. Set when the
    /// player stops.
    pub(crate) support: String,
    /// Whether that was just copied.
    pub(crate) is_copied: bool,
}

/// What the audio element last reported.
#[derive(Clone, Copy)]
pub(crate) struct Audio {
    /// Seconds from the start.
    pub(crate) at: f64,
    /// Its length in seconds; what the server said until the element knows better.
    pub(crate) length: f64,
    /// How far it has its bytes, in seconds.
    pub(crate) buffered: f64,
    /// 0 to 1.
    pub(crate) volume: f64,
    pub(crate) is_muted: bool,
}

/// A button of the player's next steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    CheckNow,
    Cancel,
    TryAgain,
    KeepWaiting,
    SignIn,
    Download,
    Copy,
}

impl Ui {
    /// The idle state. `length` in seconds, as far as known.
    pub(crate) fn new(words: &'static PlayerWords, length: Option<f64>) -> Self {
        let length = length.unwrap_or(0.0);
        Self {
            words,
            machine: Machine::new(Policy::default()),
            now: Duration::ZERO,
            audio: Audio { at: 0.0, length, buffered: 0.0, volume: 1.0, is_muted: false },
            support: String::new(),
            is_copied: false,
        }
    }

    pub(crate) fn waiting(&self) -> Option<Waiting> {
        match self.machine.state {
            State::Waiting(waiting) => Some(waiting),
            _ => None,
        }
    }

    pub(crate) fn progress(&self) -> Option<Progress> {
        self.waiting()?.progress
    }

    pub(crate) fn fault(&self) -> Option<Fault> {
        match self.machine.state {
            State::Stopped(fault) => Some(fault),
            _ => None,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.machine.state, State::Ready(_))
    }

    /// Whether it asks or waits: the ring turns, and the clock runs.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.machine.state, State::Checking | State::Waiting(_))
    }

    /// Whether the button at the front says Pause.
    pub(crate) fn is_sounding(&self) -> bool {
        matches!(self.machine.state, State::Ready(Sound::Playing | Sound::Loading))
    }

    /// Whether that button does anything.
    pub(crate) fn can_toggle(&self) -> bool {
        matches!(self.machine.state, State::Idle | State::Ready(_))
    }

    /// Whether there is a wait or a stop to explain.
    pub(crate) fn has_panel(&self) -> bool {
        self.is_busy() || self.fault().is_some()
    }

    /// Since Play was pressed.
    pub(crate) fn waited(&self) -> Duration {
        self.now.saturating_sub(self.machine.pressed)
    }

    /// Whether a next step is on offer.
    pub(crate) fn offers(&self, step: Step) -> bool {
        let Some(fault) = self.fault() else {
            return matches!(step, Step::CheckNow | Step::Cancel) && self.waiting().is_some()
                || step == Step::Cancel && self.is_busy();
        };
        let steps: &[Step] = match fault {
            Fault::Unplayable => &[Step::Download],
            Fault::Answer(error) => match error {
                ErrorType::NotFound | ErrorType::UnknownCall | ErrorType::Deleted => &[],
                ErrorType::WorkerOffline | ErrorType::RecordingFailed | ErrorType::ServerError => {
                    &[Step::TryAgain, Step::Copy]
                }
                ErrorType::TimedOut => &[Step::KeepWaiting],
                ErrorType::Unreachable => &[Step::TryAgain],
                ErrorType::Unauthorized => &[Step::SignIn],
            },
        };
        steps.contains(&step)
    }
}
