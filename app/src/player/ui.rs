//! The data that the view depends on, and what follows from it. Pure.

use std::time::Duration;

use shared::{
    RecordingState,
    decision::{ErrorType, Policy},
};

use super::{
    keys::Command,
    lanes::Lanes,
    listening::{AS_RECORDED, Listening},
    machine::{Fault, Machine, Progress, Sound, State, Waiting},
    subject::{Mode, Subject},
};
use crate::words::PlayerWords;

/// The data that the view depends on.
#[derive(Clone)]
pub(crate) struct Ui {
    pub(crate) words: &'static PlayerWords,
    pub(crate) machine: Machine,
    /// The time of the last tick.
    pub(crate) now: Duration,
    pub(crate) audio: Audio,
    /// The address of the recording's bytes.
    pub(crate) file: String,
    pub(crate) mode: Mode,
    /// Whether the recording was ready when the page was rendered.
    pub(crate) was_ready: bool,
    /// Mute and solo of a recording with two channels.
    pub(crate) lanes: Option<Lanes>,
    pub(crate) listening: Listening,
    /// Whether the listener drags the playhead.
    pub(crate) is_scrubbing: bool,
    /// Whether the waveform is drawn.
    pub(crate) has_waveform: bool,
    /// The details for support, the same in every language: call id, time, error. Set when the player
    /// stops.
    pub(crate) support: String,
    /// A link to a position that could not be copied, to be shown instead.
    pub(crate) link: String,
    /// The text that was just copied.
    pub(crate) copied: Option<Copied>,
}

/// A text that can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copied {
    Support,
    Link,
}

/// The last reported state of the audio element.
#[derive(Clone, Copy)]
pub(crate) struct Audio {
    /// The position in seconds. Before it plays: the start position.
    pub(crate) at: f64,
    /// The length in seconds: the server's until the element knows it.
    pub(crate) length: f64,
    /// An index of [`super::listening::SPEEDS`].
    pub(crate) speed: usize,
    /// 0 to 1.
    pub(crate) volume: f64,
    pub(crate) is_muted: bool,
}

/// A next step that the player may offer.
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

impl Audio {
    /// The state for another recording: speed and volume stay.
    #[cfg(feature = "hydrate")]
    pub(crate) fn moved_to(self, subject: &Subject) -> Self {
        Self { at: subject.start(), length: subject.length(), ..self }
    }
}

impl Ui {
    /// The state of a page that was just rendered.
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
            machine: Machine::new(Policy::default(), first_state(subject), subject.is_ready()),
            file: subject.file(),
            now: Duration::ZERO,
            audio,
            mode: subject.mode,
            was_ready: subject.is_ready(),
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

    /// Whether the listener can seek: in a row of a list only once the recording is loaded.
    pub(crate) fn can_seek(&self) -> bool {
        let is_known = self.was_ready && self.mode != Mode::Row;
        self.is_ready() || is_known && matches!(self.machine.state, State::Idle | State::Checking)
    }

    /// Whether skipping silences saves at least a second.
    pub(crate) fn has_silences(&self) -> bool {
        self.listening.saved() >= 1.0
    }

    /// Whether a request or a wait is pending: the ring turns, and the displayed time runs.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.machine.state, State::Checking | State::Waiting(_))
    }

    /// Whether the play button says Pause.
    pub(crate) fn is_sounding(&self) -> bool {
        matches!(self.machine.state, State::Ready(Sound::Playing | Sound::Loading))
    }

    /// Whether the play button is enabled.
    pub(crate) fn can_toggle(&self) -> bool {
        matches!(self.machine.state, State::Idle | State::Ready(_))
    }

    /// Whether the state allows a command. The key of any other command is left to the page.
    pub(crate) fn accepts(&self, command: Command) -> bool {
        match command {
            Command::Toggle => self.can_toggle(),
            Command::EndScrub => self.is_scrubbing,
            Command::SkipSilence => self.has_silences(),
            // A row shows no volume.
            Command::VolumeBy(_) => self.can_seek() && self.mode != Mode::Row,
            Command::Help => true,
            _ => self.can_seek(),
        }
    }

    /// Whether a wait or a stop needs an explanation. The first second of a check for a ready recording does not:
    /// the layout must not jump.
    pub(crate) fn has_panel(&self) -> bool {
        let is_moment = self.machine.state == State::Checking
            && self.can_seek()
            && self.waited() < Duration::from_secs(1);
        (self.is_busy() && !is_moment) || self.fault().is_some()
    }

    /// The time since Play was pressed.
    pub(crate) fn waited(&self) -> Duration {
        self.now.saturating_sub(self.machine.pressed)
    }

    /// Whether a next step is offered.
    pub(crate) fn offers(&self, step: Step) -> bool {
        let Some(fault) = self.fault() else {
            return matches!(step, Step::CheckNow | Step::Cancel) && self.waiting().is_some()
                || step == Step::Cancel && self.is_busy();
        };
        let steps: &[Step] = match fault {
            Fault::Unplayable => &[Step::Download],
            Fault::Answer(error) => match error {
                ErrorType::NotFound
                | ErrorType::UnknownCall
                | ErrorType::Deleted
                | ErrorType::Empty
                | ErrorType::NoSuchPart
                | ErrorType::LinkInvalid
                | ErrorType::LinkExpired => &[],
                ErrorType::NotPlayable => &[Step::Download],
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

/// The first state. The page of a recording that can't be played says so before Play is pressed; a row of a list has
/// its state beside it.
fn first_state(subject: &Subject) -> State {
    let stopped = |error| State::Stopped(Fault::Answer(error));
    match subject.state {
        _ if subject.mode == Mode::Row => State::Idle,
        RecordingState::Stored => stopped(ErrorType::NotPlayable),
        RecordingState::Empty => stopped(ErrorType::Empty),
        _ => State::Idle,
    }
}
