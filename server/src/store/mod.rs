//! The truth: calls, runs, recordings and workers in a database. SQL stands here alone.
//!
//! Every write that moves a run names what it moves from and says whether a row changed. No
//! transaction is open while anything but the database works.

mod call_sql;
mod error;
mod hints;
mod objects;
mod objects_rows;
mod postgres;
mod query;
mod queue_summary;
mod queue_summary_sql;
mod rows;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use shared::CallSid;

pub use error::StoreError;
pub use hints::{Hint, Hints, StatusChange};
pub use objects::{Adoptable, Objects, QuarantineSize};
pub use postgres::{Dsn, PostgresStore};
pub use query::{CallDetail, CallListed, CallQuery, Cursor, RecordingSummary};
pub use queue_summary::{
    Connections, FailedCall, FailedCursor, FailureCount, MAX_OFFLINE, MAX_REASONS, MAX_RUNS, Queue,
    RECENT, RunningRun,
};
pub use sqlite::SqliteStore;

use crate::{
    model::{
        CallFields, Failure, Fence, NewRun, ObjectKey, ReadyRecording, Run, RunId, View, WorkerId,
    },
    recording_url::RecordingUrl,
};

/// What the store says.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Whether a guarded write found what it moves from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Write {
    /// One row changed.
    Done,
    /// Somebody else was faster: read again.
    Overtaken,
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The call is new.
    Created,
    /// It was known, and is now as said.
    Replaced,
    /// Its recording was deleted here; nothing changed.
    Deleted,
}

/// The most calls to register in one transaction: many, because each commit waits for the disk,
/// but so few that a worker's write waits for milliseconds, not for seconds.
pub const PUTS_AT_ONCE: usize = 500;

/// A run that a worker holds now.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The run, as it stands after the claim.
    pub run: Run,
    /// Where to fetch from; `None` where the row holds none that this version accepts. Such a run
    /// is claimed like any other, so that it can fail by itself and not with the whole claim.
    pub url: Option<RecordingUrl>,
}

/// How far a download has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes so far.
    pub done: u64,
    /// Bytes to come in all, where the provider said.
    pub total: Option<u64>,
}

/// Everything the program keeps. Times are the database's own clock, or the injected one where it
/// has none.
pub trait Store: Calls + Runs + Work + Upkeep + Hints + Objects {}

impl<T: Calls + Runs + Work + Upkeep + Hints + Objects> Store for T {}

/// Calls and what people read of them.
#[async_trait]
pub trait Calls: Send + Sync + 'static {
    /// Registers or replaces a call. A changed URL fails the active run as superseded and clears
    /// a `gone` tombstone.
    async fn put_call(&self, call_sid: &CallSid, fields: &CallFields) -> Result<Put>;
    /// As [`put_call`](Self::put_call) for each, in this order and in one transaction: on an
    /// error, none of them is registered. At most [`PUTS_AT_ONCE`], because others wait for it.
    async fn put_calls(&self, calls: &[(CallSid, CallFields)]) -> Result<Vec<Put>>;
    /// A page of calls, newest first: at most `query.limit` of them.
    async fn list_calls(&self, query: &CallQuery) -> Result<Vec<CallListed>>;
    /// One call with its runs.
    async fn call(&self, call_sid: &CallSid) -> Result<Option<CallDetail>>;
    /// Deletes a call's recording and URL for good, and fails its active run. Gives the key of
    /// the object to remove, if there is one; `None` if there is no such call.
    async fn delete_recording(&self, call_sid: &CallSid) -> Result<Option<Option<ObjectKey>>>;
}

/// What requests and the sweep do to runs.
#[async_trait]
pub trait Runs: Send + Sync + 'static {
    /// All that a decision about this call needs, in one consistent read.
    async fn view(&self, call_sid: &CallSid) -> Result<View>;
    /// Makes a run, if the call's last run is still `run.after`, its URL is still the same and it
    /// has no recording. With `clear_gone`, a `gone` tombstone goes. Nothing where it is overtaken.
    async fn create_run(
        &self,
        call_sid: &CallSid,
        run: &NewRun,
        clear_gone: bool,
    ) -> Result<Option<RunId>>;
    /// Notes that a listener asks for an active run.
    async fn touch(&self, run: RunId, starts_series: bool) -> Result<Write>;
    /// Fails an active run as stuck, if it is still as it was diagnosed.
    async fn fail_stuck(&self, run: &Run, reason: &str) -> Result<Write>;
    /// Notes that a failed run was refused another one.
    async fn refuse(&self, run: RunId) -> Result<Write>;
    /// The calls whose active run may be stuck.
    async fn suspects(&self, job_timeout: Duration) -> Result<Vec<CallSid>>;
    /// The recording's object is not there: forgets the recording, if it is still this one.
    async fn forget_recording(&self, call_sid: &CallSid, key: &ObjectKey) -> Result<Write>;
    /// What changed at `since` or later, and the time to ask with next. That reaches back over what
    /// may be committed late, so most changes are shown more than once, and none not at all.
    async fn changed_since(&self, since: Timestamp) -> Result<(Vec<StatusChange>, Timestamp)>;
}

/// What a worker does. Every write to a run is under the fence of its claim.
#[async_trait]
pub trait Work: Send + Sync + 'static {
    /// Takes up to `limit` runs off the queue, and notes that this worker asked.
    async fn claim(&self, worker: WorkerId, limit: u32) -> Result<Vec<Claimed>>;
    /// Says that the worker lives, and where: its host's name and its process.
    async fn introduce(&self, worker: WorkerId, place: &str) -> Result<()>;
    /// Says that the worker lives, and renews the leases of its runs. Gives those it still holds.
    async fn heartbeat(&self, worker: WorkerId) -> Result<Vec<RunId>>;
    /// The worker ends in an orderly way.
    async fn retire(&self, worker: WorkerId) -> Result<()>;
    /// Notes how far a download has come.
    async fn progress(&self, run: RunId, fence: Fence, downloaded: Downloaded) -> Result<Write>;
    /// Publishes a recording: the run becomes ready. Refused over a tombstone.
    async fn publish(&self, run: &Run, recording: &ReadyRecording) -> Result<Write>;
    /// Ends a run without a recording; `gone` leaves a tombstone.
    async fn fail(&self, run: &Run, failure: &Failure) -> Result<Write>;
    /// Puts a run back into the queue: `queued_at` new, `created_at` kept.
    async fn requeue(&self, run: &Run) -> Result<Write>;
    /// The run as it stands now.
    async fn run(&self, run: RunId) -> Result<Option<Run>>;
}

/// What the operator, the storage and the program's start need.
#[async_trait]
pub trait Upkeep: Send + Sync + 'static {
    /// The database's clock.
    async fn now(&self) -> Result<Timestamp>;
    /// Asks for as little as possible: does the database answer?
    async fn ping(&self) -> Result<()>;
    /// The queue in numbers: one consistent read.
    async fn queue(&self) -> Result<Queue>;
    /// Calls in the state `failed` (see [`shared::RecordingState`]) after this place, those that
    /// failed last first: at most `limit`.
    async fn failed_calls(&self, after: FailedCursor, limit: u32) -> Result<Vec<FailedCall>>;
    /// This process's connections to the database.
    fn connections(&self) -> Connections;
    /// Forgets workers that were last seen before this.
    async fn forget_workers(&self, last_seen_before: Timestamp) -> Result<()>;
    /// Whether any recording is ready.
    async fn has_recordings(&self) -> Result<bool>;
    /// The storage's id, if one is known.
    async fn storage_id(&self) -> Result<Option<String>>;
    /// Notes the storage's id, unless one is known already; gives the one that stands.
    async fn adopt_storage(&self, candidate: &str) -> Result<String>;
}

/// How long a request waits for a free connection before it is told that the database is away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// A time as the databases keep it.
fn micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_microsecond)
}

/// A count or length as the databases keep it: 63 bits are enough for bytes on any disk.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
