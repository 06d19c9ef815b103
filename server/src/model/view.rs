//! What one consistent read of the database says about a call: all that the engine decides on.

use jiff::Timestamp;

use super::{Call, Recording, Run, WorkerId};

/// The workers that were seen within one lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerActivity {
    /// How many.
    pub live: u64,
    /// The latest claim query of any of them that succeeded, whether or not it found a run.
    pub last_poll_at: Option<Timestamp>,
    /// When any of them last took a run.
    pub last_claim_at: Option<Timestamp>,
}

/// A call at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The database's clock.
    pub now: Timestamp,
    /// The call, if it is known.
    pub call: Option<Call>,
    /// Its recording or tombstone.
    pub recording: Option<Recording>,
    /// Its latest run.
    pub last_run: Option<Run>,
    /// When its latest half-open run was made.
    pub last_half_open_at: Option<Timestamp>,
    /// Queued runs that will be taken before its own.
    pub ahead: u64,
    /// The workers.
    pub workers: WorkerActivity,
    /// When the database answered again after it had been away: no lease counts as expired until
    /// one lease has passed since, because nobody could renew.
    pub database_back_at: Option<Timestamp>,
}

/// One worker process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// A new one at each start.
    pub id: WorkerId,
    /// Its host's name and its process, such as `web-1:4711`, where it said so.
    pub place: Option<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was last heard.
    pub last_seen_at: Timestamp,
    /// Its last claim query that succeeded.
    pub last_poll_at: Option<Timestamp>,
    /// When it last took a run.
    pub last_claim_at: Option<Timestamp>,
    /// Runs that it holds.
    pub running: u64,
}
