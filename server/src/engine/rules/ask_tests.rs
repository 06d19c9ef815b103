//! The rules for one request, one sentence a test.

use super::*;
use crate::{
    engine::rules::testing::{RunBuilder, T0, at, policy, view},
    model::{RunId, WorkerActivity},
};
use std::time::Duration;

const UNREAD: Counter = Counter::NotRead;
const EMPTY: Counter = Counter::Read(None);

fn listener(view: &View, counter: Counter) -> Step {
    ask(view, Purpose::Listen, counter, &policy())
}

fn created(step: Step) -> NewRun {
    match step {
        Step::Create(run) => run,
        other => panic!("must make a run, not {other:?}"),
    }
}

fn stuck_at(seconds: u64) -> RunBuilder {
    RunBuilder::queued(T0).wanted(T0).failed(FailureKind::Stuck, at(seconds))
}

#[test]
fn the_first_request_makes_a_run_that_costs_no_attempt() {
    let run = created(listener(&view(at(5), None), UNREAD));
    assert_eq!((run.attempt, run.replaces, run.wanted_at), (0, None, Some(at(5))));
    assert_eq!(run.series_started_at, Some(at(5)));
}

#[test]
fn a_prefetch_makes_a_run_that_nobody_waits_for() {
    let run = created(ask(&view(T0, None), Purpose::Prefetch, UNREAD, &policy()));
    assert_eq!((run.wanted_at, run.series_started_at), (None, None));
}

#[test]
fn what_can_never_be_is_said_at_once() {
    let mut unknown = view(T0, None);
    unknown.call = None;
    assert_eq!(listener(&unknown, UNREAD), Step::Finish(Final::CallNotFound));

    let mut no_url = view(T0, None);
    if let Some(call) = &mut no_url.call {
        call.fields.recording_url = None;
    }
    assert_eq!(listener(&no_url, UNREAD), Step::Finish(Final::NoRecordingUrl));

    for tombstone in [Tombstone::Deleted, Tombstone::Gone] {
        let mut deleted = view(T0, None);
        deleted.recording = Some(Recording::Tombstone(tombstone));
        assert_eq!(listener(&deleted, UNREAD), Step::Finish(Final::Deleted(tombstone)));
    }
}

#[test]
fn a_listener_on_a_prefetched_run_makes_it_wanted_and_then_only_now_and_then_writes() {
    let prefetched = view(at(10), Some(RunBuilder::queued(T0).build()));
    let starts = Step::Wait { touch: Some(Touch { starts_series: true }) };
    assert_eq!(listener(&prefetched, UNREAD), starts);

    let wanted = |now| view(at(now), Some(RunBuilder::queued(T0).wanted(T0).build()));
    assert_eq!(listener(&wanted(59), UNREAD), Step::Wait { touch: None });
    let still = Step::Wait { touch: Some(Touch { starts_series: false }) };
    assert_eq!(listener(&wanted(60), UNREAD), still);
}

#[test]
fn a_stuck_run_is_marked_before_anything_is_counted() {
    let waiting = view(at(301), Some(RunBuilder::queued(T0).wanted(T0).build()));
    assert_eq!(
        listener(&waiting, UNREAD),
        Step::MarkStuck(StuckReason::NotPickedUp(Duration::from_secs(301)))
    );
}

#[test]
fn a_failure_costs_one_attempt_and_keeps_place_and_series() {
    let failed = stuck_at(301).build();
    let view = view(at(302), Some(failed.clone()));
    assert_eq!(listener(&view, UNREAD), Step::ReadCounter);
    let run = created(listener(&view, EMPTY));
    assert_eq!((run.attempt, run.replaces), (1, Some(failed.id)));
    assert_eq!((run.wanted_at, run.series_started_at), (Some(T0), Some(T0)));
    assert_eq!(run.not_before, None, "being stuck was not the provider's fault");
}

#[test]
fn a_transient_failure_lets_the_provider_rest() {
    let failed =
        RunBuilder::queued(T0).wanted(T0).attempt(1).failed(FailureKind::Transient, at(20));
    let run = created(listener(&view(at(21), Some(failed.build())), EMPTY));
    assert_eq!((run.attempt, run.not_before), (2, Some(at(35))));
}

#[test]
fn after_three_attempts_it_is_refused_and_written_down_once() {
    let worn_out = stuck_at(301).attempt(3);
    let answer = Final::WorkerNotProcessing { attempt: 3 };
    let first = view(at(302), Some(worn_out.build()));
    assert_eq!(listener(&first, EMPTY), Step::Refuse(answer.clone()));
    let again = view(at(310), Some(stuck_at(301).attempt(3).refused(at(302)).build()));
    assert_eq!(listener(&again, UNREAD), Step::Finish(answer));

    let failing =
        RunBuilder::queued(T0).wanted(T0).attempt(3).failed(FailureKind::Transient, at(9));
    let answer = Final::RecordingFailed { attempt: 3, reason: "the reason".into() };
    assert_eq!(listener(&view(at(10), Some(failing.build())), EMPTY), Step::Refuse(answer));
}

#[test]
fn redis_may_raise_the_count_but_never_lower_it() {
    let after = |attempt, counter| {
        let failed = stuck_at(301).attempt(attempt).build();
        listener(&view(at(302), Some(failed)), Counter::Read(counter))
    };
    assert_eq!(created(after(1, Some(0))).attempt, 2);
    assert_eq!(created(after(0, Some(3))).attempt, 3);
    assert!(matches!(after(0, Some(4)), Step::Refuse(_)));
}

#[test]
fn a_window_after_the_failure_all_begins_anew() {
    let old = stuck_at(301).attempt(3).refused(at(302)).build();
    assert!(matches!(listener(&view(at(900), Some(old.clone())), EMPTY), Step::Finish(_)));
    let run = created(listener(&view(at(901), Some(old)), EMPTY));
    assert_eq!((run.attempt, run.wanted_at), (0, Some(at(901))));
    assert_eq!(run.series_started_at, Some(at(901)));
}

#[test]
fn a_series_older_than_its_bound_is_refused_whatever_the_count() {
    let failed = RunBuilder::queued(T0).wanted(T0).failed(FailureKind::Stuck, at(1_800)).build();
    assert!(matches!(listener(&view(at(1_801), Some(failed)), EMPTY), Step::Refuse(_)));
}

#[test]
fn a_rejected_recording_fails_for_a_window_or_until_its_url_changes() {
    let rejected = RunBuilder::queued(T0).wanted(T0).failed(FailureKind::Rejected, T0).build();
    let answer = Final::RecordingFailed { attempt: 0, reason: "the reason".into() };
    assert_eq!(listener(&view(at(599), Some(rejected.clone())), UNREAD), Step::Finish(answer));
    assert_eq!(created(listener(&view(at(600), Some(rejected.clone())), UNREAD)).attempt, 0);

    let mut changed = view(at(1), Some(rejected));
    if let Some(call) = &mut changed.call {
        call.url_version = 2;
    }
    assert_eq!(created(listener(&changed, UNREAD)).url_version, 2);
}

#[test]
fn a_lost_recording_is_fetched_again() {
    let mut ready = RunBuilder::queued(T0).wanted(T0).build();
    ready.status = shared::RecordingStatus::Ready;
    let id: RunId = ready.id;
    let run = created(listener(&view(at(9), Some(ready)), UNREAD));
    assert_eq!((run.after, run.replaces, run.attempt), (Some(id), None, 0));
}

mod half_open {
    use super::*;

    fn refused(kind: FailureKind) -> View {
        let run = RunBuilder::queued(T0).wanted(T0).attempt(3).failed(kind, at(300));
        view(at(400), Some(run.refused(at(310)).build()))
    }

    fn polled(seconds: u64) -> WorkerActivity {
        WorkerActivity { live: 1, last_poll_at: Some(at(seconds)), last_claim_at: None }
    }

    #[test]
    fn a_worker_that_is_back_earns_one_run_that_costs_no_attempt() {
        let mut view = refused(FailureKind::Stuck);
        view.workers = polled(311);
        let run = created(listener(&view, UNREAD));
        assert_eq!((run.attempt, run.half_open.is_some()), (3, true));
        assert_eq!(run.series_started_at, Some(at(400)));
    }

    #[test]
    fn a_worker_that_has_not_asked_for_work_since_earns_none() {
        let mut view = refused(FailureKind::Stuck);
        view.workers = polled(310);
        assert!(matches!(listener(&view, UNREAD), Step::Finish(_)));
    }

    #[test]
    fn it_is_earned_once_in_a_window() {
        let mut view = refused(FailureKind::Stuck);
        view.workers = polled(399);
        view.last_half_open_at = Some(T0);
        assert!(matches!(listener(&view, UNREAD), Step::Finish(_)));
    }

    #[test]
    fn a_failing_recording_earns_none() {
        let mut view = refused(FailureKind::Transient);
        view.workers = polled(399);
        assert!(matches!(listener(&view, UNREAD), Step::Finish(_)));
    }
}
