//! The JSON bodies of the public API.
//!
//! Times are RFC 3339 in UTC, as the server wrote them; lengths of time are whole seconds unless
//! the name says otherwise; sizes are bytes.

use serde::{Deserialize, Serialize};

use crate::{CallSid, QueueState, RecordingState, RecordingStatus};

/// The media type of [`Problem`] (RFC 9457, section 3).
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// The body of a 202: the recording is being prepared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The call asked for.
    pub call_sid: CallSid,
    /// `queued` or `running`.
    pub status: RecordingStatus,
    /// For people, in English.
    pub message: String,
    /// How many times the run was made again: 0 for the first.
    pub attempt: u32,
    /// How many times it may be made again.
    pub max_attempts: u32,
    /// The same as the `Retry-After` header: ask again after so many seconds.
    pub retry_after: u64,
    /// Seconds since the first run of the series was wanted.
    pub waited_seconds: u64,
    /// Bytes fetched so far.
    pub bytes_done: u64,
    /// Bytes to fetch, where the provider said.
    pub bytes_total: Option<u64>,
    /// Queued runs that will be taken before this one.
    pub ahead: u64,
    /// Workers seen within one lease.
    pub workers_online: u64,
    /// The part asked for, where it is not 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub part: Option<u32>,
    /// What the run waits for, where it can't go on by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiting_for: Option<WaitingFor>,
}

/// What a run that can't go on by itself waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// No worker is online.
    Worker,
    /// The provider does not have the recording yet, or its host takes no more connections.
    Provider,
}

impl WaitingFor {
    /// The word used in bodies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Provider => "provider",
        }
    }
}

/// The body of every error (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A URI reference for the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short and the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, for people.
    pub detail: String,
    /// An [`crate::ErrorCode`], for programs.
    pub error: String,
    /// The call asked for, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub call_sid: Option<CallSid>,
    /// Attempts used, where they are the reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
    /// Attempts allowed, where they are the reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_attempts: Option<u32>,
}

/// One page of the list of calls, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallsBody {
    /// The calls of this page.
    pub calls: Vec<CallBody>,
    /// `?before=` of the next page; absent on the last one.
    pub next: Option<String>,
}

/// A call and what became of its recording. Never its provider URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallBody {
    /// The call's id.
    pub call_sid: CallSid,
    /// `inbound` or `outbound`, as the system that registered it says.
    pub direction: Option<String>,
    /// The caller's number or name.
    pub from: Option<String>,
    /// The number or name called.
    pub to: Option<String>,
    /// When the call began.
    pub started_at: Option<String>,
    /// How long the call lasted.
    pub duration_seconds: Option<u32>,
    /// When it was registered here.
    pub created_at: String,
    /// Whether the provider has a recording of it.
    pub has_recording_url: bool,
    /// Its first recording (part 1), whatever its state.
    pub recording: RecordingBody,
    /// All its recordings, by part.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recordings: Option<Vec<RecordingBody>>,
    /// Its runs, oldest first. Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub runs: Option<Vec<RunBody>>,
}

/// One recording of a call. What describes its bytes is there only when they are (`ready`, `stored`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingBody {
    /// See [`RecordingState`].
    pub state: RecordingState,
    /// Its id. In `recordings` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recording_id: Option<String>,
    /// Its number within the call, from 1. In `recordings` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub part: Option<u32>,
    /// The source that registered it. In `recordings` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// When it began, where the source said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<String>,
    /// `true` where the bytes are cut off or damaged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub damaged: Option<bool>,
    /// How long it was to be by its own head or by the source, in seconds, where it is damaged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected_seconds: Option<f64>,
    /// Its length.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
    /// Its media type, from its bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content_type: Option<String>,
    /// How long it plays, in seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duration_seconds: Option<f64>,
    /// 1 or 2 for telephone calls.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channels: Option<u16>,
    /// SHA-256 of the bytes served, in lower-case hex; the `ETag` without its quotes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
}

impl RecordingBody {
    /// A recording in this state, of which nothing else is known.
    pub const fn new(state: RecordingState) -> Self {
        Self {
            state,
            recording_id: None,
            part: None,
            source: None,
            started_at: None,
            damaged: None,
            expected_seconds: None,
            bytes: None,
            content_type: None,
            duration_seconds: None,
            channels: None,
            sha256: None,
        }
    }
}

/// The answer of `POST /api/calls/{call_sid}/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkBody {
    /// The player's address with the token in it; a path where the server knows no public address.
    pub url: String,
    /// The signed token (RFC 7519), for other addresses of the call.
    pub token: String,
    /// When it expires, RFC 3339 in UTC.
    pub expires_at: String,
}

/// One run: one try at fetching and preparing a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunBody {
    /// A UUID.
    pub id: String,
    /// Where it stands.
    pub status: RecordingStatus,
    /// 0 for the first run of a series.
    pub attempt: u32,
    /// When it was made.
    pub created_at: String,
    /// When it last entered the queue.
    pub queued_at: String,
    /// When a listener first asked for it.
    pub wanted_at: Option<String>,
    /// When a worker took it.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// Why it failed.
    pub failure: Option<FailureBody>,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureBody {
    /// `stuck`, `transient`, `rejected`, `gone` or `superseded`.
    pub kind: String,
    /// For people; without addresses and credentials.
    pub reason: String,
}

/// The queue in numbers. The last hour: `ready`, `failed` and `failures` are about runs that ended in
/// it; to count all that ever ended would cost more each day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueBody {
    /// How it is, in one word.
    pub state: QueueState,
    /// When these numbers were read: the database's clock.
    pub now: String,
    /// Runs that wait for a worker.
    pub queued: u64,
    /// Those of them that a listener waits for.
    pub queued_wanted: u64,
    /// Runs that a worker holds.
    pub running: u64,
    /// Runs that ended well in the last hour.
    pub ready: u64,
    /// Runs that failed in the last hour.
    pub failed: u64,
    /// How long the oldest wanted run has waited.
    pub oldest_wanted_seconds: Option<u64>,
    /// How long ago a worker last took a run, as far as that is still known.
    pub last_claim_seconds: Option<u64>,
    /// How long ago a recording last became ready.
    pub last_ready_seconds: Option<u64>,
    /// The running runs, the oldest first: at most 100 of them.
    pub runs: Vec<RunningBody>,
    /// Why runs failed in the last hour, the most frequent reason first: at most 20.
    pub failures: Vec<FailuresBody>,
    /// The live workers.
    pub workers: Vec<WorkerBody>,
    /// How many workers stopped reporting without an orderly end, in the last day.
    pub lost_workers: u64,
    /// Those of them that were heard last: at most 20.
    pub lost: Vec<WorkerBody>,
}

/// A run that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningBody {
    /// The call whose recording it fetches.
    pub call_sid: CallSid,
    /// A UUID.
    pub run: String,
    /// Who holds it: a UUID.
    pub worker: Option<String>,
    /// When it was taken.
    pub started_at: Option<String>,
    /// 0 for the first run of a series.
    pub attempt: u32,
    /// Bytes fetched so far.
    pub bytes_done: u64,
    /// Bytes to fetch, where the provider said.
    pub bytes_total: Option<u64>,
}

/// Runs that failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailuresBody {
    /// As in [`FailureBody`].
    pub kind: String,
    /// As in [`FailureBody`], with an X for lengths of time.
    pub reason: String,
    /// How many.
    pub runs: u64,
    /// When the last of them ended.
    pub last_at: String,
    /// A call that one of the last of them was for.
    pub call_sid: CallSid,
}

/// One worker process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerBody {
    /// A UUID, new at each start.
    pub id: String,
    /// Its host's name and its process, such as `web-1:4711`, where it said so.
    pub place: Option<String>,
    /// When it started.
    pub started_at: String,
    /// When it was last heard.
    pub last_seen_at: String,
    /// Its last claim query that succeeded.
    pub last_poll_at: Option<String>,
    /// When it last took a run.
    pub last_claim_at: Option<String>,
    /// Runs it holds.
    pub running: u64,
}

/// What an operator's retry of all failed calls did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetriedBody {
    /// Calls that have a new run now.
    pub retried: u64,
    /// Calls that were left alone, because meanwhile something else had become of them.
    pub skipped: SkippedBody,
    /// Whether the most for one time was reached, and there may be more failed calls.
    pub more: bool,
}

/// Why calls were left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedBody {
    /// A listener or another retry made a run meanwhile.
    pub being_prepared: u64,
    /// The recording had become ready.
    pub already_ready: u64,
    /// The recording was deleted, or the call's URL was taken away.
    pub never: u64,
}
