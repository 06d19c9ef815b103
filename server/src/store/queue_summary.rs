//! The queue as an operator sees it: what waits, what runs, what ended lately, who works. All of
//! it is one consistent read, and costs the same however many runs have ended before.

use std::time::Duration;

use jiff::Timestamp;
use shared::CallSid;

use crate::model::{FailureKind, RunId, Worker, WorkerId};

/// What [`Queue::ready`], [`Queue::failed`] and [`Queue::failures`] are counted over.
pub const RECENT: Duration = Duration::from_hours(1);
/// The most running runs that are named; all are counted.
pub const MAX_RUNS: u32 = 100;
/// The most lost workers that are named; all are counted.
pub const MAX_OFFLINE: u32 = 20;
/// The most reasons of failures that are named.
pub const MAX_REASONS: usize = 20;
/// Reasons are told apart by the database before lengths of time are taken out of them: as many as
/// this, the frequent ones first.
pub(super) const MAX_GROUPS: u32 = 1_000;

/// The queue in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// The database's clock.
    pub now: Timestamp,
    /// Runs that wait for a worker, and a listener for them.
    pub queued_wanted: u64,
    /// Runs that wait for a worker, and nobody for them.
    pub queued_unwanted: u64,
    /// Runs that a worker holds.
    pub running: u64,
    /// Runs that ended well, [lately](RECENT).
    pub ready: u64,
    /// Runs that failed, [lately](RECENT).
    pub failed: u64,
    /// Since when the oldest wanted run waits.
    pub oldest_wanted_at: Option<Timestamp>,
    /// When a run was last taken, as far as workers and runs still tell.
    pub last_claim_at: Option<Timestamp>,
    /// When a recording last became ready.
    pub last_ready_at: Option<Timestamp>,
    /// Running runs, the oldest first: at most [`MAX_RUNS`].
    pub runs: Vec<RunningRun>,
    /// Why runs failed [lately](RECENT), the most frequent first: at most [`MAX_REASONS`].
    pub failures: Vec<FailureCount>,
    /// The workers that were seen within one lease.
    pub workers: Vec<Worker>,
    /// Workers that were not, and did not retire; the latest first: at most [`MAX_OFFLINE`]. The
    /// sweep forgets them a day after they were last seen.
    pub offline: Vec<Worker>,
    /// How many those are in all.
    pub offline_workers: u64,
}

/// A run that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningRun {
    /// Its id.
    pub id: RunId,
    /// The call whose recording it fetches.
    pub call_sid: CallSid,
    /// Who holds it.
    pub worker: Option<WorkerId>,
    /// When it was taken.
    pub started_at: Option<Timestamp>,
    /// How many times it was made again in its series.
    pub attempt: u32,
    /// Bytes fetched so far.
    pub bytes_done: u64,
    /// Bytes to fetch, where the provider said.
    pub bytes_total: Option<u64>,
}

/// How many runs failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// What the engine goes by.
    pub kind: FailureKind,
    /// What people read; lengths of time in it are `X`.
    pub reason: String,
    /// How many.
    pub runs: u64,
    /// When the last of them ended.
    pub last_at: Timestamp,
    /// The call of one of the last of them: an example to look at.
    pub call_sid: CallSid,
}

/// A call whose last run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCall {
    /// Its id.
    pub call_sid: CallSid,
    /// Its place among them.
    pub cursor: FailedCursor,
}

/// A cursor in the order of [`FailedCall`]s: when the run ended, in microseconds, and a tie-breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedCursor {
    pub(super) finished_at: i64,
    pub(super) seq: i64,
}

impl FailedCursor {
    /// Before the first: the latest failures come first.
    pub const START: Self = Self { finished_at: i64::MAX, seq: i64::MAX };
}

/// Connections to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Open ones.
    pub open: u64,
    /// Those of them that nobody uses now.
    pub idle: u64,
}

/// Adds up what differs in a length of time alone, and keeps the most frequent. Each stuck run
/// waited for another number of seconds; that is still one reason.
pub(super) fn by_reason(groups: Vec<FailureCount>) -> Vec<FailureCount> {
    let mut sums: Vec<FailureCount> = Vec::new();
    for group in groups {
        let reason = without_seconds(&group.reason);
        match sums.iter_mut().find(|sum| sum.kind == group.kind && sum.reason == reason) {
            Some(sum) => {
                sum.runs += group.runs;
                if group.last_at > sum.last_at {
                    sum.last_at = group.last_at;
                    sum.call_sid = group.call_sid;
                }
            }
            None => sums.push(FailureCount { reason, ..group }),
        }
    }
    sums.sort_by_key(|sum| std::cmp::Reverse((sum.runs, sum.last_at)));
    sums.truncate(MAX_REASONS);
    sums
}

/// `queued 312 seconds without` becomes `queued X seconds without`.
fn without_seconds(reason: &str) -> String {
    let mut words: Vec<_> = reason.split(' ').collect();
    for at in 1..words.len() {
        let is_number =
            !words[at - 1].is_empty() && words[at - 1].bytes().all(|b| b.is_ascii_digit());
        if is_number && matches!(words[at].trim_end_matches([',', '.', ';']), "second" | "seconds")
        {
            words[at - 1] = "X";
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(
        kind: FailureKind,
        reason: &str,
        runs: u64,
        last_at: i64,
        call: &str,
    ) -> FailureCount {
        FailureCount {
            kind,
            reason: reason.to_owned(),
            runs,
            last_at: Timestamp::from_second(last_at).unwrap(),
            call_sid: call.parse().unwrap(),
        }
    }

    #[test]
    fn runs_that_were_stuck_for_different_times_failed_for_one_reason() {
        use FailureKind::{Stuck, Transient};
        let groups = vec![
            failed(Transient, "provider answered 503", 3, 9, "CA1"),
            failed(Stuck, "queued 301 seconds without worker pickup", 2, 5, "CA2"),
            failed(Stuck, "queued 412 seconds without worker pickup", 2, 7, "CA3"),
            failed(Transient, "provider answered 404", 1, 9, "CA4"),
        ];
        let stuck = failed(Stuck, "queued X seconds without worker pickup", 4, 7, "CA3");
        assert_eq!(by_reason(groups.clone()), [stuck, groups[0].clone(), groups[3].clone()]);
    }
}
