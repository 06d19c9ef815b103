//! A worker whose run somebody else has decided on publishes nothing and leaves nothing.

use std::{path::PathBuf, time::Duration};

use server::{
    engine::Availability,
    model::{FailureKind, Fence, Recording, Tombstone},
    store::Calls,
};
use shared::RecordingStatus;

use crate::{
    faulty::Fault,
    harness::{Harness, wav},
    stub::Reply,
};

#[tokio::test]
async fn a_run_that_others_called_stuck_stops_its_download_and_leaves_nothing() {
    let harness = Harness::new().await;
    let call = harness.call("CA1", Reply::halting(&wav(1))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    harness.call_stuck(&call).await;
    harness.stub.deserted(1).await;
    worker.stop().await;
    assert_eq!(harness.files(), Vec::<PathBuf>::new());
    let view = harness.view(&call).await;
    assert_eq!(view.recording, None);
    assert_eq!(view.last_run.unwrap().failure.unwrap().kind, FailureKind::Stuck);
}

#[tokio::test]
async fn a_run_may_learn_from_its_own_progress_that_it_is_lost() {
    let harness = Harness::beating_every(Duration::from_hours(1)).await;
    let call = harness.call("CA1", Reply::halting(&wav(1))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    harness.call_stuck(&call).await;
    harness.stub.deserted(1).await;
    worker.stop().await;
    assert_eq!(harness.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_run_is_not_lost_because_the_database_is_away() {
    let harness = Harness::new().await;
    let call = harness.call("CA1", Reply::halting(&wav(1))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    harness.store.miss_heartbeats(3).await;
    harness.stub.go_on();
    let run = harness.until(&call, |run| !run.status.is_active()).await;
    assert_eq!((run.status, run.fence), (RecordingStatus::Ready, Fence(1)));
    worker.stop().await;
}

#[tokio::test]
async fn a_deleted_recording_stops_its_download_for_good() {
    let harness = Harness::new().await;
    let call = harness.call("CA1", Reply::halting(&wav(1))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    assert_eq!(harness.store.delete_recording(&call).await.unwrap(), Some(None));
    harness.stub.deserted(1).await;
    worker.stop().await;
    assert_eq!(harness.files(), Vec::<PathBuf>::new());
    let recording = harness.view(&call).await.recording;
    assert_eq!(recording, Some(Recording::Tombstone(Tombstone::Deleted)));
}

#[tokio::test]
async fn a_run_that_is_lost_just_before_it_is_published_is_not_and_its_object_goes() {
    let harness = Harness::new().await;
    harness.store.on_publish([Fault::CalledStuck]);
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    // Who called it stuck told nobody here; the next request makes the run again.
    let again = loop {
        match harness.ask(&call).await {
            Availability::Preparing(view) => match view.last_run {
                Some(run) if run.attempt == 1 => break run,
                _ => tokio::task::yield_now().await,
            },
            other => panic!("must wait, not {other:?}"),
        }
    };
    let run = harness.until(&call, |run| !run.status.is_active()).await;
    worker.stop().await;
    assert_eq!((run.id, run.status), (again.id, RecordingStatus::Ready));
    assert_eq!(harness.files(), harness.files_of(&harness.recording(&call).await));
}
