//! The machine's events, effects and states. Plain data.

use std::time::Duration;

use shared::decision::{Answer, ErrorType};

/// The surroundings of an event. Time comes from a monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) time: Duration,
    /// Uniform in `0.0..=1.0`.
    pub(crate) random: f64,
    /// Whether one more request of this page may be held.
    pub(crate) may_hold: bool,
    /// Whether the tab is hidden.
    pub(crate) hidden: bool,
    /// Whether this is the player on which Play was pressed last.
    pub(crate) is_latest: bool,
}

/// An input of the machine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// The listener pressed Play (also: Try again, Keep waiting; the state says which).
    Play,
    Pause,
    CheckNow,
    Cancel,
    /// The answer to the request of that number.
    Answered {
        generation: u32,
        reply: Reply,
    },
    /// The timer of that number fired.
    TimerFired {
        generation: u32,
    },
    /// The tab became visible.
    Visible,
    /// The page is being left.
    PageHidden,
    /// The audio element plays.
    Playing,
    /// The audio element waits for bytes.
    Buffering,
    Paused,
    Ended,
    /// The browser requires a gesture before it plays.
    Refused,
    /// The audio element failed; `is_format` where the bytes arrived and could not be decoded.
    Broke {
        is_format: bool,
    },
}

/// The reply to a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    /// Whether the server held the request (`Preference-Applied`).
    pub(crate) was_held: bool,
    /// The body of a 202.
    pub(crate) progress: Option<Progress>,
}

impl Reply {
    /// No answer, or one that can't be read.
    #[cfg(feature = "hydrate")]
    pub(crate) fn none() -> Self {
        Self { answer: Answer::Foreign, was_held: false, progress: None }
    }
}

/// The fields of a 202 ([`shared::body::Progress`]) that are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    pub(crate) attempt: u32,
    pub(crate) max_attempts: u32,
    pub(crate) is_running: bool,
    pub(crate) bytes_done: u64,
    pub(crate) bytes_total: Option<u64>,
    pub(crate) ahead: u64,
    pub(crate) workers_online: Option<u64>,
    /// Whether the provider does not have the recording yet.
    pub(crate) waits_for_provider: bool,
}

/// An output of the machine: what `driver` performs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Request the recording; `hold` is how long the server may hold the request.
    Ask { generation: u32, hold: Option<Duration> },
    /// Start a timer.
    Sleep { generation: u32, delay: Duration },
    /// End the pending request and timer, if any.
    Stop,
    /// Give the audio element its source.
    Load,
    /// Play the audio element, which has a source.
    Start,
    /// Pause the audio.
    Pause,
}

/// The player's state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    /// Play has not been pressed.
    Idle,
    /// The first request is pending.
    Checking,
    /// The server prepares the recording, or is unreachable for the moment.
    Waiting(Waiting),
    /// The audio element has its source.
    Ready(Sound),
    /// No request follows.
    Stopped(Fault),
}

/// The wait for a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Waiting {
    /// The last 202's progress; `None` before the first.
    pub(crate) progress: Option<Progress>,
    /// The time of the next request, or the latest end of the held one.
    pub(crate) next: Duration,
    /// Whether the last answer was not the server's.
    pub(crate) trouble: bool,
}

/// The state of the audio element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Play was requested; the sound has not started.
    Loading,
    Playing,
    Paused,
    /// The browser requires a gesture.
    Refused,
}

/// Why the player stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// By the decision.
    Answer(ErrorType),
    /// The bytes are there, and the browser can't play them.
    Unplayable,
}
