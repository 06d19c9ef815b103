//! The words of the machine: what it is told, what it wants done, where it stands. Plain data.

use std::time::Duration;

use shared::decision::{Answer, ErrorType};

/// What is known at the moment of an event. Time is that of a clock that only goes forward.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) time: Duration,
    /// Uniform in `0.0..=1.0`.
    pub(crate) random: f64,
    /// Whether one more request of this page may be held.
    pub(crate) may_hold: bool,
    /// Whether nobody looks at the tab.
    pub(crate) hidden: bool,
    /// Whether this is the player on which Play was pressed last.
    pub(crate) is_latest: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// The listener pressed Play (also: Try again, Keep waiting; the state says which).
    Play,
    Pause,
    CheckNow,
    Cancel,
    /// An answer to the ask of that number.
    Answered {
        generation: u32,
        reply: Reply,
    },
    /// The timer of that number rang.
    TimerFired {
        generation: u32,
    },
    /// The tab is looked at again.
    Visible,
    /// The page is left.
    PageHidden,
    /// The audio element reports.
    Playing,
    /// It has run out of bytes for the moment.
    Buffering,
    Paused,
    Ended,
    /// It wants a tap before it plays.
    Refused,
    /// It gave up; `is_format` where the bytes came and could not be decoded.
    Broke {
        is_format: bool,
    },
}

/// An answer, and what came with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    /// Whether the server held the request (`Preference-Applied`).
    pub(crate) was_held: bool,
    /// The body of a 202.
    pub(crate) progress: Option<Progress>,
}

impl Reply {
    /// No answer at all, or none that could be read.
    #[cfg(feature = "hydrate")]
    pub(crate) fn nothing() -> Self {
        Self { answer: Answer::Foreign, was_held: false, progress: None }
    }
}

/// What a 202 tells the listener; the part of [`shared::body::Progress`] that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    pub(crate) attempt: u32,
    pub(crate) max_attempts: u32,
    pub(crate) is_running: bool,
    pub(crate) bytes_done: u64,
    pub(crate) bytes_total: Option<u64>,
    pub(crate) ahead: u64,
    pub(crate) workers_online: Option<u64>,
}

/// What `browser` is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Ask for the recording; `hold` is how long the server may hold the request.
    Ask { generation: u32, hold: Option<Duration> },
    /// Ring after so long.
    Sleep { generation: u32, delay: Duration },
    /// End the request and the timer that are under way, if any.
    Stop,
    /// Give the audio element its source.
    Load,
    /// Play; `Load` came before.
    Start,
    /// Pause the audio.
    Pause,
}

/// Where the player stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    /// Nobody has pressed Play.
    Idle,
    /// The first answer is awaited.
    Checking,
    /// The server prepares the recording, or can't be reached for the moment.
    Waiting(Waiting),
    /// The audio element has its source.
    Ready(Sound),
    /// Nothing more is asked.
    Stopped(Fault),
}

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Waiting {
    /// What the last 202 said; none came yet where the server can't be reached.
    pub(crate) progress: Option<Progress>,
    /// When the next ask goes out, or the held one comes back at the latest.
    pub(crate) next: Duration,
    /// Whether the last answer was not ours.
    pub(crate) trouble: bool,
}

/// What the audio does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Asked to play, not reply yet.
    Loading,
    Playing,
    Paused,
    /// The browser wants a tap first.
    Refused,
}

/// Why the player stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The decision said so.
    Answer(ErrorType),
    /// The bytes are there, and the browser can't play them.
    Unplayable,
}
