//! From what the stores say to the bodies of the API. A call's provider URL stops here.

use jiff::Timestamp;
use shared::{
    QueueState, RecordingStatus,
    body::{
        CallBody, FailureBody, FailuresBody, Progress, QueueBody, RecordingBody, RunBody,
        RunningBody, WorkerBody,
    },
    message,
};

use crate::{
    clock::elapsed,
    engine::rules::{Policy, QueueHealth, queue_state},
    model::{Call, Direction, Run, View, Worker},
    store::{CallDetail, CallListed, FailureCount, Queue, RecordingSummary, RunningRun},
};

/// `Retry-After` of a first run, in seconds.
const FIRST_RUN_SECONDS: u64 = 2;
/// And once a run had to be made again.
const LATER_RUN_SECONDS: u64 = 5;

/// The body of a 202: how the view's last run stands.
pub(crate) fn progress(view: &View, policy: &Policy) -> Option<Progress> {
    let run = view.last_run.as_ref()?;
    let status = match run.status {
        RecordingStatus::Running => RecordingStatus::Running,
        _ => RecordingStatus::Queued,
    };
    let since = run.series_started_at.or(run.wanted_at).unwrap_or(run.created_at);
    Some(Progress {
        call_sid: run.call_sid.clone(),
        status,
        message: message::being_prepared(run.attempt, policy.max_attempts),
        attempt: run.attempt,
        max_attempts: policy.max_attempts,
        retry_after: if run.attempt == 0 { FIRST_RUN_SECONDS } else { LATER_RUN_SECONDS },
        waited_seconds: elapsed(since, view.now).as_secs(),
        bytes_done: run.bytes_done,
        bytes_total: run.bytes_total,
        ahead: view.ahead,
        workers_online: view.workers.live,
        part: None,
        waiting_for: None,
    })
}

/// A call in a list.
pub(crate) fn listed(listed: CallListed) -> CallBody {
    call(listed.call, listed.recording, None)
}

/// A call with its runs.
pub(crate) fn detail(detail: CallDetail) -> CallBody {
    let runs = detail.runs.iter().map(run).collect();
    call(detail.call, detail.recording, Some(runs))
}

/// What anybody who knows the id may know of a call where playback is public: its bare state.
pub(crate) fn bare(body: CallBody) -> CallBody {
    CallBody { direction: None, from: None, to: None, runs: None, ..body }
}

fn call(call: Call, recording: RecordingSummary, runs: Option<Vec<RunBody>>) -> CallBody {
    let fields = call.fields;
    CallBody {
        call_sid: call.call_sid,
        direction: fields.direction.map(Direction::as_str).map(str::to_owned),
        from: fields.from,
        to: fields.to,
        started_at: fields.started_at.map(time),
        duration_seconds: fields.duration_seconds,
        created_at: time(call.created_at),
        has_recording_url: fields.recording_url.is_some(),
        recording: summary(recording),
        recordings: None,
        runs,
    }
}

fn summary(summary: RecordingSummary) -> RecordingBody {
    let ready = summary.ready;
    RecordingBody {
        bytes: ready.as_ref().map(|ready| ready.bytes),
        duration_seconds: ready.as_ref().and_then(|ready| ready.duration_seconds),
        channels: ready.as_ref().and_then(|ready| ready.channels),
        sha256: ready.as_ref().map(|ready| ready.sha256.to_string()),
        content_type: ready.map(|ready| ready.content_type),
        ..RecordingBody::new(summary.state)
    }
}

fn run(run: &Run) -> RunBody {
    RunBody {
        id: run.id.to_string(),
        status: run.status,
        attempt: run.attempt,
        created_at: time(run.created_at),
        queued_at: time(run.queued_at),
        wanted_at: run.wanted_at.map(time),
        started_at: run.started_at.map(time),
        finished_at: run.finished_at.map(time),
        failure: run.failure.as_ref().map(|failure| FailureBody {
            kind: failure.kind.as_str().to_owned(),
            reason: failure.reason.clone(),
        }),
    }
}

/// The queue in numbers.
pub(crate) fn queue(queue: &Queue, policy: &Policy) -> QueueBody {
    let ago = |at: Option<Timestamp>| at.map(|at| elapsed(at, queue.now).as_secs());
    QueueBody {
        state: state(queue, policy),
        now: time(queue.now),
        queued: queue.queued_wanted + queue.queued_unwanted,
        queued_wanted: queue.queued_wanted,
        running: queue.running,
        ready: queue.ready,
        failed: queue.failed,
        oldest_wanted_seconds: ago(queue.oldest_wanted_at),
        last_claim_seconds: ago(queue.last_claim_at),
        last_ready_seconds: ago(queue.last_ready_at),
        runs: queue.runs.iter().map(running).collect(),
        failures: queue.failures.iter().map(failures).collect(),
        workers: queue.workers.iter().map(worker).collect(),
        lost_workers: queue.offline_workers,
        lost: queue.offline.iter().map(worker).collect(),
    }
}

fn state(queue: &Queue, policy: &Policy) -> QueueState {
    let seen = QueueHealth {
        now: queue.now,
        live_workers: queue.workers.len(),
        active: queue.queued_wanted + queue.queued_unwanted + queue.running,
        oldest_wanted_at: queue.oldest_wanted_at,
        last_claim_at: queue.last_claim_at,
    };
    queue_state(&seen, policy)
}

fn running(run: &RunningRun) -> RunningBody {
    RunningBody {
        call_sid: run.call_sid.clone(),
        run: run.id.to_string(),
        worker: run.worker.map(|worker| worker.to_string()),
        started_at: run.started_at.map(time),
        attempt: run.attempt,
        bytes_done: run.bytes_done,
        bytes_total: run.bytes_total,
    }
}

fn failures(failures: &FailureCount) -> FailuresBody {
    FailuresBody {
        kind: failures.kind.as_str().to_owned(),
        reason: failures.reason.clone(),
        runs: failures.runs,
        last_at: time(failures.last_at),
        call_sid: failures.call_sid.clone(),
    }
}

fn worker(worker: &Worker) -> WorkerBody {
    WorkerBody {
        id: worker.id.to_string(),
        place: worker.place.clone(),
        started_at: time(worker.started_at),
        last_seen_at: time(worker.last_seen_at),
        last_poll_at: worker.last_poll_at.map(time),
        last_claim_at: worker.last_claim_at.map(time),
        running: worker.running,
    }
}

/// RFC 3339, in UTC.
fn time(time: Timestamp) -> String {
    time.to_string()
}
