//! The operator's reads, in words that both databases understand (`$1`, `FILTER`-free, bound
//! times). What ended is always reached by the index `recording_runs_ended`.

use super::{
    Result,
    queue_summary::{FailedCall, FailedCursor, FailureCount, Queue, RunningRun, by_reason},
    rows::{self, Columns},
};
use jiff::Timestamp;

/// `$1`: the beginning of what is lately.
pub(super) const NUMBERS: &str = "
    SELECT
      (SELECT count(*) FROM recording_runs WHERE status = 'queued' AND wanted_at IS NOT NULL)
        AS queued_wanted,
      (SELECT count(*) FROM recording_runs WHERE status = 'queued' AND wanted_at IS NULL)
        AS queued_unwanted,
      (SELECT count(*) FROM recording_runs WHERE status = 'running') AS running,
      (SELECT count(*) FROM recording_runs WHERE status = 'ready' AND finished_at >= $1) AS ready,
      (SELECT count(*) FROM recording_runs WHERE status = 'failed' AND finished_at >= $1) AS failed,
      (SELECT min(wanted_at) FROM recording_runs WHERE status = 'queued') AS oldest_wanted_at,
      (SELECT max(finished_at) FROM recording_runs
        WHERE status = 'ready' AND finished_at IS NOT NULL) AS last_ready_at,
      (SELECT max(at) FROM (
        SELECT max(last_claim_at) AS at FROM workers
        UNION ALL
        SELECT max(started_at) FROM recording_runs WHERE status = 'running'
        UNION ALL
        SELECT at FROM (SELECT started_at AS at FROM recording_runs
          WHERE status = 'ready' AND finished_at IS NOT NULL
          ORDER BY finished_at DESC LIMIT 1) last_ready) claims) AS last_claim_at";

/// `$1`: at most so many.
pub(super) const RUNNING: &str = "
    SELECT id, call_sid, worker, started_at, attempt, bytes_done, bytes_total
    FROM recording_runs WHERE status = 'running'
    ORDER BY started_at IS NOT NULL, started_at, seq LIMIT $1";

/// `$1`: the beginning of what is lately; `$2`: at most so many. Each with the call of its latest
/// run.
pub(super) const FAILURES: &str = "
    SELECT g.failure_kind, g.failure_reason, g.runs, g.last_at, u.call_sid
    FROM (SELECT failure_kind, failure_reason, count(*) AS runs, max(finished_at) AS last_at,
            max(seq) AS last_seq
          FROM recording_runs WHERE status = 'failed' AND finished_at >= $1
          GROUP BY failure_kind, failure_reason
          ORDER BY count(*) DESC, max(finished_at) DESC LIMIT $2) g
    JOIN recording_runs u ON u.seq = g.last_seq";

/// `$1`: a worker that was seen before is not live.
pub(super) const LIVE: &str = "
    SELECT id, place, started_at, last_seen_at, last_poll_at, last_claim_at,
      (SELECT count(*) FROM recording_runs WHERE worker = workers.id AND status = 'running')
        AS running
    FROM workers WHERE last_seen_at >= $1 ORDER BY started_at, id";

/// `$1`: as for [`LIVE`]; `$2`: at most so many. `offline_workers` counts all of them.
pub(super) const OFFLINE: &str = "
    SELECT id, place, started_at, last_seen_at, last_poll_at, last_claim_at,
      (SELECT count(*) FROM recording_runs WHERE worker = workers.id AND status = 'running')
        AS running,
      (SELECT count(*) FROM workers WHERE last_seen_at < $1) AS offline_workers
    FROM workers WHERE last_seen_at < $1 ORDER BY last_seen_at DESC, id LIMIT $2";

/// `$1` and `$2`: the place after which to go on; `$3`: at most so many.
pub(super) const FAILED_CALLS: &str = "
    SELECT u.call_sid, u.finished_at, u.seq
    FROM recording_runs u JOIN calls c ON c.call_sid = u.call_sid
    WHERE u.status = 'failed' AND u.finished_at IS NOT NULL
      AND (u.finished_at, u.seq) < ($1, $2)
      AND c.recording_url IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.call_sid = u.call_sid)
      AND NOT EXISTS (SELECT 1 FROM recording_runs l
                      WHERE l.call_sid = u.call_sid AND l.seq > u.seq)
    ORDER BY u.finished_at DESC, u.seq DESC LIMIT $3";

/// The rows of these queries, read in one transaction.
pub(super) struct QueueRows<R> {
    pub(super) numbers: R,
    pub(super) running: Vec<R>,
    pub(super) failures: Vec<R>,
    pub(super) live: Vec<R>,
    pub(super) offline: Vec<R>,
}

pub(super) fn queue(now: Timestamp, answers: &QueueRows<impl Columns>) -> Result<Queue> {
    let QueueRows { numbers, running, failures, live, offline } = answers;
    Ok(Queue {
        now,
        queued_wanted: rows::number(numbers, "queued_wanted")?,
        queued_unwanted: rows::number(numbers, "queued_unwanted")?,
        running: rows::number(numbers, "running")?,
        ready: rows::number(numbers, "ready")?,
        failed: rows::number(numbers, "failed")?,
        oldest_wanted_at: rows::time_opt(numbers, "oldest_wanted_at")?,
        last_claim_at: rows::time_opt(numbers, "last_claim_at")?,
        last_ready_at: rows::time_opt(numbers, "last_ready_at")?,
        runs: running.iter().map(running_run).collect::<Result<_>>()?,
        failures: by_reason(failures.iter().map(failure_count).collect::<Result<_>>()?),
        workers: live.iter().map(rows::worker).collect::<Result<_>>()?,
        offline: offline.iter().map(rows::worker).collect::<Result<_>>()?,
        offline_workers: match offline.first() {
            Some(row) => rows::number(row, "offline_workers")?,
            None => 0,
        },
    })
}

fn running_run(row: &impl Columns) -> Result<RunningRun> {
    Ok(RunningRun {
        id: rows::parse(row, "id")?,
        call_sid: rows::parse(row, "call_sid")?,
        worker: rows::parse_opt(row, "worker")?,
        started_at: rows::time_opt(row, "started_at")?,
        attempt: rows::number(row, "attempt")?,
        bytes_done: rows::number(row, "bytes_done")?,
        bytes_total: rows::number_opt(row, "bytes_total")?,
    })
}

fn failure_count(row: &impl Columns) -> Result<FailureCount> {
    Ok(FailureCount {
        kind: rows::parse(row, "failure_kind")?,
        reason: row.text("failure_reason")?.unwrap_or_default().to_owned(),
        runs: rows::number(row, "runs")?,
        last_at: rows::time(row, "last_at")?,
        call_sid: rows::parse(row, "call_sid")?,
    })
}

pub(super) fn failed_calls(rows: &[impl Columns]) -> Result<Vec<FailedCall>> {
    rows.iter()
        .map(|row| {
            let cursor = FailedCursor {
                finished_at: rows::number(row, "finished_at")?,
                seq: rows::number(row, "seq")?,
            };
            Ok(FailedCall { call_sid: rows::parse(row, "call_sid")?, cursor })
        })
        .collect()
}
