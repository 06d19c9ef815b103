//! What a step would make of a call, without taking it: for requests that must have no effect.

use shared::RecordingStatus;

use super::StuckReason;
use crate::model::{Failure, FailureKind, Fence, NewRun, Run, RunId, View};

/// The view as it would be with its last run marked as stuck.
pub fn with_run_stuck(mut view: View, reason: StuckReason) -> View {
    let now = view.now;
    if let Some(run) = &mut view.last_run {
        run.status = RecordingStatus::Failed;
        run.finished_at = Some(now);
        run.failure = Some(Failure::new(FailureKind::Stuck, reason.to_string()));
    }
    view
}

/// The view as it would be with this run made.
pub fn with_run(mut view: View, new: &NewRun) -> View {
    let Some(call) = &view.call else { return view }; // no run is made for a call that is not there
    view.last_run = Some(Run {
        id: RunId::new(), // stands for the one that would be made; nobody sees it
        call_sid: call.call_sid.clone(),
        status: RecordingStatus::Queued,
        attempt: new.attempt,
        created_at: view.now,
        queued_at: view.now,
        wanted_at: new.wanted_at,
        asked_at: new.asked_at,
        started_at: None,
        finished_at: None,
        not_before: new.not_before,
        worker: None,
        lease_expires_at: None,
        fence: Fence::default(),
        bytes_done: 0,
        bytes_total: None,
        failure: None,
        series_started_at: new.series_started_at,
        refused_at: None,
        half_open: new.half_open.is_some(),
        requeues: 0,
        url_version: new.url_version,
    });
    view
}
