//! All that the view depends on, and the questions that it asks of it. Pure.

use std::time::Duration;

use shared::decision::{ErrorType, Policy};

use super::{
    keys::Command,
    lanes::Lanes,
    listening::{AS_RECORDED, Listening},
    machine::{Fault, Machine, Progress, Sound, State, Waiting},
    subject::{Mode, Subject},
};
use crate::words::PlayerWords;

/// All that the view depends on.
#[derive(Clone)]
pub(crate) struct Ui {
    pub(crate) words: &'static PlayerWords,
    pub(crate) machine: Machine,
    /// The clock, as of the last tick.
    pub(crate) now: Duration,
    pub(crate) audio: Audio,
    pub(crate) mode: Mode,
    /// Whether the recording was ready when the page was made.
    pub(crate) was_ready: bool,
    /// Channels that are shown apart and can be reply apart: 2, or none.
    pub(crate) lanes: Option<Lanes>,
    pub(crate) listening: Listening,
    /// Whether the listener drags the mark of the place.
    pub(crate) is_scrubbing: bool,
    /// Whether the waveform of the sound is drawn.
    pub(crate) has_waveform: bool,
    /// What support wants to know, the same in every language: call id, time, error. Set when the
    /// player stops.
    pub(crate) support: String,
    /// A link to a moment that could not be put on the clipboard: it is shown instead.
    pub(crate) link: String,
    /// What was just put on the clipboard.
    pub(crate) copied: Option<Copied>,
}

/// What a listener takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copied {
    Support,
    Link,
}

/// What the audio element last reported.
#[derive(Clone, Copy)]
pub(crate) struct Audio {
    /// Seconds from the start. Before it plays: where it will begin.
    pub(crate) at: f64,
    /// Its length in seconds; what the server said until the element knows better.
    pub(crate) length: f64,
    /// A place in [`super::listening::SPEEDS`].
    pub(crate) speed: usize,
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
    /// The idle state.
    pub(crate) fn new(words: &'static PlayerWords, subject: &Subject) -> Self {
        let audio = Audio {
            at: subject.start(),
            length: subject.length(),
            speed: AS_RECORDED,
            volume: 1.0,
            is_muted: false,
        };
        Self {
            words,
            machine: Machine::new(Policy::default()),
            now: Duration::ZERO,
            audio,
            mode: subject.mode,
            was_ready: subject.is_ready,
            lanes: subject.has_lanes().then(Lanes::default),
            listening: Listening::default(),
            is_scrubbing: false,
            has_waveform: false,
            support: String::new(),
            link: String::new(),
            copied: None,
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

    /// Whether the listener can move about in the recording: in a row of a list only once it is there.
    pub(crate) fn can_seek(&self) -> bool {
        let is_known = self.was_ready && self.mode != Mode::Row;
        self.is_ready() || is_known && matches!(self.machine.state, State::Idle | State::Checking)
    }

    /// Whether passing over silences would save a second at least.
    pub(crate) fn has_silences(&self) -> bool {
        self.listening.saved() >= 1.0
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

    /// Whether a wish makes sense at the moment. A key that does not is the page's own.
    pub(crate) fn accepts(&self, command: Command) -> bool {
        match command {
            Command::Toggle => self.can_toggle(),
            Command::LetGo => self.is_scrubbing,
            Command::SkipSilence => self.has_silences(),
            // In a row there is no volume to be seen.
            Command::VolumeBy(_) => self.can_seek() && self.mode != Mode::Row,
            Command::Help => true,
            _ => self.can_seek(),
        }
    }

    /// Whether there is a wait or a stop to explain. A recording that is there is asked for in a moment,
    /// and nothing is to jump for that.
    pub(crate) fn has_panel(&self) -> bool {
        let is_moment = self.machine.state == State::Checking
            && self.can_seek()
            && self.waited() < Duration::from_secs(1);
        (self.is_busy() && !is_moment) || self.fault().is_some()
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
                ErrorType::Unauthorized => &[Step::SignIn, Step::TryAgain],
            },
        };
        steps.contains(&step)
    }
}
