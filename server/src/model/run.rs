//! One run: one try at fetching and preparing a recording.

use std::str::FromStr;

use jiff::Timestamp;
use shared::{CallSid, RecordingStatus};

use super::{Fence, RunId, WorkerId};

/// Why a run failed, as far as the engine's next decision depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// No worker took or finished it.
    Stuck,
    /// The provider did not deliver this time; trying again may help.
    Transient,
    /// What the provider delivers can't be used; trying again by itself would not help.
    Rejected,
    /// The provider says that it is gone.
    Gone,
    /// The call's URL changed or its recording was deleted meanwhile.
    Superseded,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Stuck, Self::Transient, Self::Rejected, Self::Gone, Self::Superseded];

    /// The word used in bodies, columns and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Transient => "transient",
            Self::Rejected => "rejected",
            Self::Gone => "gone",
            Self::Superseded => "superseded",
        }
    }
}

impl FromStr for FailureKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the engine goes by.
    pub kind: FailureKind,
    /// What people read. Without addresses, paths and credentials.
    pub reason: String,
}

impl Failure {
    /// A failure of this kind for this reason.
    pub fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}

/// A row of `recording_runs`.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The call whose recording it fetches.
    pub call_sid: CallSid,
    /// Where it stands.
    pub status: RecordingStatus,
    /// How many times the run was made again in its series.
    pub attempt: u32,
    /// When it was made. Kept when it is put back.
    pub created_at: Timestamp,
    /// When it last entered the queue.
    pub queued_at: Timestamp,
    /// When a listener first asked for it: its place in the queue.
    pub wanted_at: Option<Timestamp>,
    /// When a listener last asked for it (to within a few seconds).
    pub asked_at: Option<Timestamp>,
    /// When a worker took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// It is not claimed before.
    pub not_before: Option<Timestamp>,
    /// Who holds it.
    pub worker: Option<WorkerId>,
    /// Until when, unless renewed.
    pub lease_expires_at: Option<Timestamp>,
    /// Grows with each claim.
    pub fence: Fence,
    /// Bytes fetched so far.
    pub bytes_done: u64,
    /// Bytes to fetch, where the provider said.
    pub bytes_total: Option<u64>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When its series was first wanted.
    pub series_started_at: Option<Timestamp>,
    /// When a request for another run after this one was refused.
    pub refused_at: Option<Timestamp>,
    /// Whether it was earned by a worker that came back.
    pub half_open: bool,
    /// How often a worker that shut down put it back.
    pub requeues: u32,
    /// The call's [`super::Call::url_version`] that it was made for.
    pub url_version: i64,
}

/// A run to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// The last run of the call as the decision saw it. The store makes the new one only while
    /// this is still so, and so of many requests one wins.
    pub after: Option<RunId>,
    /// The failed run that it is made for, if it is one more try of the same series. Unique.
    pub replaces: Option<RunId>,
    /// See [`Run::attempt`].
    pub attempt: u32,
    /// See [`Run::wanted_at`].
    pub wanted_at: Option<Timestamp>,
    /// See [`Run::asked_at`].
    pub asked_at: Option<Timestamp>,
    /// See [`Run::series_started_at`].
    pub series_started_at: Option<Timestamp>,
    /// See [`Run::not_before`].
    pub not_before: Option<Timestamp>,
    /// Set for a half-open run (see [`Run::half_open`]): what must still hold when it is made.
    pub half_open: Option<HalfOpen>,
    /// See [`Run::url_version`].
    pub url_version: i64,
}

/// The conditions of a half-open run, repeated in its INSERT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfOpen {
    /// No half-open run of the call was made after this.
    pub none_since: Timestamp,
    /// A live worker has asked the queue for work after this.
    pub polled_after: Timestamp,
}
