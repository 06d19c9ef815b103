//! Is an active run stuck? One function, asked by requests and by the sweep alike.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use shared::RecordingStatus;

use super::Policy;
use crate::{
    clock::{elapsed, later},
    model::{Run, WorkerActivity},
};

/// What [`diagnose`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// It waits or works, as it should. Ended runs are healthy too.
    Healthy,
    /// It will not get anywhere.
    Stuck(StuckReason),
}

/// Why a run is stuck. Its `Display` is the failure's reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StuckReason {
    /// Wanted for this long, and the queue does not move (or its series is too old).
    NotPickedUp(Duration),
    /// Running for this long.
    NotCompleted(Duration),
    /// A row that no worker of ours can have written.
    NoStartedAt,
    /// The worker is silent.
    LeaseExpired,
}

impl StuckReason {
    /// The word used in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPickedUp(_) => "not_picked_up",
            Self::NotCompleted(_) => "not_completed",
            Self::NoStartedAt => "no_started_at",
            Self::LeaseExpired => "lease_expired",
        }
    }
}

impl fmt::Display for StuckReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPickedUp(for_) => {
                write!(f, "queued {} seconds without worker pickup", for_.as_secs())
            }
            Self::NotCompleted(for_) => {
                write!(f, "running {} seconds without completion", for_.as_secs())
            }
            Self::NoStartedAt => f.write_str("marked running but no started_at"),
            Self::LeaseExpired => f.write_str("worker stopped renewing its lease"),
        }
    }
}

/// Diagnoses `run` at `now`, the database's clock. `database_back_at` as in
/// [`crate::model::View`].
pub fn diagnose(
    run: &Run,
    now: Timestamp,
    workers: &WorkerActivity,
    database_back_at: Option<Timestamp>,
    policy: &Policy,
) -> Diagnosis {
    let stuck = match run.status {
        RecordingStatus::Queued => queued_too_long(run, now, workers, policy),
        RecordingStatus::Running => running_too_long(run, now, database_back_at, policy),
        RecordingStatus::Ready | RecordingStatus::Failed => None,
    };
    stuck.map_or(Diagnosis::Healthy, Diagnosis::Stuck)
}

fn queued_too_long(
    run: &Run,
    now: Timestamp,
    workers: &WorkerActivity,
    policy: &Policy,
) -> Option<StuckReason> {
    // A run that nobody asked to hear is not stuck, it is waiting.
    let wanted_at = run.wanted_at?;
    let waited = elapsed(wanted_at.max(run.queued_at), now);
    let over_age = series_age(run, now, policy).is_some_and(|age| age > policy.longest_series());
    let moves = workers.last_claim_at.is_some_and(|at| elapsed(at, now) <= policy.job_timeout);
    let too_long = waited > policy.job_timeout && !moves;
    (over_age || too_long).then_some(StuckReason::NotPickedUp(waited))
}

fn running_too_long(
    run: &Run,
    now: Timestamp,
    database_back_at: Option<Timestamp>,
    policy: &Policy,
) -> Option<StuckReason> {
    let Some(started_at) = run.started_at else {
        return Some(StuckReason::NoStartedAt);
    };
    let running = elapsed(started_at, now);
    if running > policy.job_timeout {
        return Some(StuckReason::NotCompleted(running));
    }
    let could_renew = database_back_at.is_none_or(|back| now > later(back, policy.lease));
    let expired = run.lease_expires_at.is_none_or(|expires| now > expires);
    (expired && could_renew).then_some(StuckReason::LeaseExpired)
}

/// How long the run's series has gone on; `None` where it has not begun, or is over because
/// nobody asked for a window (a failure would have ended this run).
pub(super) fn series_age(run: &Run, now: Timestamp, policy: &Policy) -> Option<Duration> {
    let asked_lately = run.asked_at.is_some_and(|at| elapsed(at, now) <= policy.retry_window);
    run.series_started_at.filter(|_| asked_lately).map(|at| elapsed(at, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rules::testing::{RunBuilder, T0, at, policy};
    use proptest::prelude::*;

    fn verdict(run: &Run, seconds: u64, workers: &WorkerActivity) -> Diagnosis {
        diagnose(run, at(seconds), workers, None, &policy())
    }

    #[test]
    fn a_wanted_run_that_nobody_picks_up_is_stuck_after_the_job_timeout() {
        let run = RunBuilder::queued(T0).wanted(T0).build();
        assert_eq!(verdict(&run, 300, &WorkerActivity::default()), Diagnosis::Healthy);
        let Diagnosis::Stuck(reason) = verdict(&run, 301, &WorkerActivity::default()) else {
            panic!("must be stuck")
        };
        assert_eq!(reason.to_string(), "queued 301 seconds without worker pickup");
    }

    #[test]
    fn a_prefetched_run_waits_for_ever_and_its_wait_counts_from_when_it_is_wanted() {
        let prefetched = RunBuilder::queued(T0).build();
        assert_eq!(verdict(&prefetched, 1_000_000, &WorkerActivity::default()), Diagnosis::Healthy);
        let wanted_late = RunBuilder::queued(T0).wanted(at(1_000)).build();
        assert_eq!(verdict(&wanted_late, 1_300, &WorkerActivity::default()), Diagnosis::Healthy);
        assert_ne!(verdict(&wanted_late, 1_301, &WorkerActivity::default()), Diagnosis::Healthy);
    }

    #[test]
    fn a_backlog_is_not_a_dead_worker() {
        let run = RunBuilder::queued(T0).wanted(T0).asked(at(900)).build();
        let moving =
            WorkerActivity { live: 1, last_claim_at: Some(at(700)), ..WorkerActivity::default() };
        assert_eq!(verdict(&run, 1_000, &moving), Diagnosis::Healthy);
        assert_ne!(verdict(&run, 1_001, &moving), Diagnosis::Healthy);
    }

    #[test]
    fn even_a_moving_queue_does_not_keep_a_listener_past_the_series_bound() {
        let moving =
            WorkerActivity { live: 1, last_claim_at: Some(at(1_801)), ..WorkerActivity::default() };
        let asked = RunBuilder::queued(T0).wanted(T0).asked(at(1_801)).build();
        assert_ne!(verdict(&asked, 1_801, &moving), Diagnosis::Healthy);
        let left_alone = RunBuilder::queued(T0).wanted(T0).asked(T0).build();
        assert_eq!(verdict(&left_alone, 1_801, &moving), Diagnosis::Healthy);
    }

    #[test]
    fn a_run_that_does_not_complete_is_stuck_whatever_its_lease_says() {
        let run = RunBuilder::queued(T0).running(at(10), at(10_000)).build();
        assert_eq!(verdict(&run, 310, &WorkerActivity::default()), Diagnosis::Healthy);
        let Diagnosis::Stuck(reason) = verdict(&run, 311, &WorkerActivity::default()) else {
            panic!("must be stuck")
        };
        assert_eq!(reason.to_string(), "running 301 seconds without completion");
    }

    #[test]
    fn a_running_row_without_started_at_is_stuck_at_once() {
        let mut run = RunBuilder::queued(T0).running(T0, at(30)).build();
        run.started_at = None;
        assert_eq!(
            verdict(&run, 1, &WorkerActivity::default()),
            Diagnosis::Stuck(StuckReason::NoStartedAt)
        );
    }

    #[test]
    fn an_expired_lease_is_forgiven_for_one_lease_after_the_database_was_away() {
        let run = RunBuilder::queued(T0).running(T0, at(30)).build();
        let ask = |now, back: Option<u64>| {
            diagnose(&run, at(now), &WorkerActivity::default(), back.map(at), &policy())
        };
        assert_eq!(ask(30, None), Diagnosis::Healthy);
        assert_eq!(ask(31, None), Diagnosis::Stuck(StuckReason::LeaseExpired));
        assert_eq!(ask(100, Some(90)), Diagnosis::Healthy);
        assert_eq!(ask(121, Some(90)), Diagnosis::Stuck(StuckReason::LeaseExpired));
    }

    /// The rules again, in the words of the design, to compare with.
    fn plain_reading(run: &Run, now: Timestamp, workers: &WorkerActivity, policy: &Policy) -> bool {
        let secs = |d: jiff::SignedDuration| d.as_secs_f64();
        let timeout = policy.job_timeout.as_secs_f64();
        if run.status == RecordingStatus::Queued {
            let Some(wanted) = run.wanted_at else { return false };
            let from = if wanted > run.queued_at { wanted } else { run.queued_at };
            let moves = workers
                .last_claim_at
                .is_some_and(|claim| secs(now.duration_since(claim)) <= timeout);
            let waits_too_long = secs(now.duration_since(from)) > timeout && !moves;
            let old = match (run.series_started_at, run.asked_at) {
                (Some(start), Some(asked)) => {
                    secs(now.duration_since(asked)) <= policy.retry_window.as_secs_f64()
                        && secs(now.duration_since(start)) > policy.longest_series().as_secs_f64()
                }
                _ => false,
            };
            return waits_too_long || old;
        }
        if run.status == RecordingStatus::Running {
            let Some(started) = run.started_at else { return true };
            return secs(now.duration_since(started)) > timeout
                || run.lease_expires_at.is_none_or(|lease| now > lease);
        }
        false
    }

    proptest! {
        #[test]
        fn diagnose_agrees_with_a_plain_reading_of_the_rules(
            status in 0usize..4,
            times in prop::collection::vec(prop::option::of(0u64..4_000), 7),
            now in 0u64..8_000,
        ) {
            let mut run = RunBuilder::queued(at(times[0].unwrap_or(0))).build();
            run.status = RecordingStatus::ALL[status];
            run.wanted_at = times[1].map(at);
            run.asked_at = times[2].map(at);
            run.series_started_at = times[3].map(at);
            run.started_at = times[4].map(at);
            run.lease_expires_at = times[5].map(at);
            let workers = WorkerActivity { live: 1, last_poll_at: None, last_claim_at: times[6].map(at) };
            let stuck = verdict(&run, now, &workers) != Diagnosis::Healthy;
            prop_assert_eq!(stuck, plain_reading(&run, at(now), &workers, &policy()));
        }
    }
}
