//! When the passing of time alone may change the answer: whoever holds a request looks again then,
//! because nothing will wake it.

use std::time::Duration;

use jiff::Timestamp;
use shared::RecordingStatus;

use super::Policy;
use crate::clock::{elapsed, later};
use crate::model::View;

/// How long from the view's `now` until its active run may be diagnosed as stuck; `None` where
/// time alone changes nothing.
pub fn next_deadline(view: &View, policy: &Policy) -> Option<Duration> {
    let run = view.last_run.as_ref()?;
    let series_ends = run.series_started_at.map(|at| later(at, policy.longest_series()));
    let due: [Option<Timestamp>; 3] = match run.status {
        RecordingStatus::Queued => {
            let waits_from = run.wanted_at.map(|at| at.max(run.queued_at));
            let too_long = waits_from.map(|at| later(at, policy.job_timeout));
            let stands_still =
                view.workers.last_claim_at.map(|at| later(at, policy.job_timeout)).max(too_long);
            [too_long, stands_still, series_ends]
        }
        RecordingStatus::Running => {
            let too_long = run.started_at.map(|at| later(at, policy.job_timeout));
            [too_long, run.lease_expires_at, series_ends]
        }
        RecordingStatus::Ready | RecordingStatus::Failed => return None,
    };
    // The rules say "longer than": a moment after.
    let next = due.into_iter().flatten().filter(|at| *at >= view.now).min()?;
    Some(elapsed(view.now, next) + Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rules::{
        Diagnosis, diagnose,
        testing::{RunBuilder, T0, at, policy, view},
    };

    #[test]
    fn nothing_becomes_stuck_before_the_next_look_and_what_does_is_seen_then() {
        let queued = RunBuilder::queued(T0).wanted(T0).build();
        let running = RunBuilder::queued(T0).wanted(T0).running(at(5), at(35)).build();
        for (run, seconds) in [(queued, 300), (running, 35)] {
            let view = view(at(10), Some(run.clone()));
            let wait = next_deadline(&view, &policy()).unwrap();
            let verdict = |now| diagnose(&run, now, &view.workers, None, &policy());
            assert_eq!(later(at(10), wait), later(at(seconds), Duration::from_millis(1)));
            assert_eq!(verdict(at(seconds)), Diagnosis::Healthy);
            assert_ne!(verdict(later(at(10), wait)), Diagnosis::Healthy);
        }
    }

    #[test]
    fn a_run_that_nobody_wants_yet_is_never_due() {
        assert_eq!(next_deadline(&view(T0, Some(RunBuilder::queued(T0).build())), &policy()), None);
        assert_eq!(next_deadline(&view(T0, None), &policy()), None);
    }
}
