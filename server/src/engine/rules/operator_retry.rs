//! An operator's retry: a new series, whatever the attempts say.

use super::{Diagnosis, Final, Policy, Purpose, StuckReason, ask::first_run, diagnose};
use crate::model::{NewRun, Recording, Tombstone, View};

/// What a retry leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum RetryStep {
    /// It can be played already.
    AlreadyReady,
    /// It can never be.
    Finish(Final),
    /// A run is under way.
    Active,
    /// Mark the last run as stuck, then look again.
    MarkStuck(StuckReason),
    /// Make this run; clears a `gone` tombstone.
    Create(NewRun),
}

/// Decides on an operator's retry. `purpose`: whether the new run is as one that a listener waits
/// for, or as a prefetched one, which lets what listeners wait for go first.
pub fn retry(view: &View, purpose: Purpose, policy: &Policy) -> RetryStep {
    let Some(call) = &view.call else {
        return RetryStep::Finish(Final::CallNotFound);
    };
    match &view.recording {
        Some(Recording::Ready(_)) => return RetryStep::AlreadyReady,
        Some(Recording::Tombstone(deleted @ Tombstone::Deleted)) => {
            return RetryStep::Finish(Final::Deleted(*deleted));
        }
        Some(Recording::Tombstone(Tombstone::Gone)) | None => {}
    }
    if call.fields.recording_url.is_none() {
        return RetryStep::Finish(Final::NoRecordingUrl);
    }
    match &view.last_run {
        Some(run) if run.status.is_active() => {
            match diagnose(run, view.now, &view.workers, view.database_back_at, policy) {
                Diagnosis::Healthy => RetryStep::Active,
                Diagnosis::Stuck(reason) => RetryStep::MarkStuck(reason),
            }
        }
        _ => RetryStep::Create(first_run(view, purpose, call.url_version)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::rules::testing::{RunBuilder, T0, at, policy, view},
        model::FailureKind,
    };

    #[test]
    fn a_refused_call_gets_a_new_series() {
        let refused =
            RunBuilder::queued(T0).wanted(T0).attempt(3).failed(FailureKind::Stuck, at(9));
        let view = view(at(10), Some(refused.refused(at(9)).build()));
        let RetryStep::Create(run) = retry(&view, Purpose::Listen, &policy()) else {
            panic!("must make a run")
        };
        assert_eq!((run.attempt, run.replaces, run.series_started_at), (0, None, Some(at(10))));
    }

    #[test]
    fn a_retry_that_nobody_waits_for_takes_no_listeners_place_and_is_never_stuck() {
        let failed = RunBuilder::queued(T0).wanted(T0).failed(FailureKind::Transient, at(9));
        let view = view(at(10), Some(failed.build()));
        let RetryStep::Create(run) = retry(&view, Purpose::Prefetch, &policy()) else {
            panic!("must make a run")
        };
        assert_eq!((run.wanted_at, run.asked_at, run.series_started_at), (None, None, None));
    }

    #[test]
    fn what_is_gone_is_tried_again_and_what_was_deleted_is_not() {
        let mut gone = view(T0, None);
        gone.recording = Some(Recording::Tombstone(Tombstone::Gone));
        assert!(matches!(retry(&gone, Purpose::Listen, &policy()), RetryStep::Create(_)));
        let mut deleted = view(T0, None);
        deleted.recording = Some(Recording::Tombstone(Tombstone::Deleted));
        let answer = RetryStep::Finish(Final::Deleted(Tombstone::Deleted));
        assert_eq!(retry(&deleted, Purpose::Listen, &policy()), answer);
    }

    #[test]
    fn an_active_run_is_left_alone_unless_it_is_stuck() {
        let queued = || Some(RunBuilder::queued(T0).wanted(T0).build());
        let retry = |now| retry(&view(at(now), queued()), Purpose::Listen, &policy());
        assert_eq!(retry(10), RetryStep::Active);
        assert!(matches!(retry(301), RetryStep::MarkStuck(_)));
    }
}
