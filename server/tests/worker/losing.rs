//! A worker whose run somebody else has decided on publishes nothing and leaves nothing.

use std::{path::PathBuf, time::Duration};

use server::{
    engine::Answer,
    model::{FailureKind, Fence, Recording, Tombstone},
    store::Calls,
};
use shared::RecordingStatus;

use crate::{
    faulty::Fault,
    house::{House, wav},
    stub::Reply,
};

#[tokio::test]
async fn a_run_that_others_called_stuck_stops_its_download_and_leaves_nothing() {
    let house = House::new().await;
    let call = house.call("CA1", Reply::halting(&wav(1))).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    house.stub.paused(1).await;
    house.call_stuck(&call).await;
    house.stub.deserted(1).await;
    worker.stop().await;
    assert_eq!(house.files(), Vec::<PathBuf>::new());
    let view = house.view(&call).await;
    assert_eq!(view.recording, None);
    assert_eq!(view.last_run.unwrap().failure.unwrap().kind, FailureKind::Stuck);
}

#[tokio::test]
async fn a_run_may_learn_from_its_own_progress_that_it_is_lost() {
    let house = House::beating_every(Duration::from_hours(1)).await;
    let call = house.call("CA1", Reply::halting(&wav(1))).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    house.stub.paused(1).await;
    house.call_stuck(&call).await;
    house.stub.deserted(1).await;
    worker.stop().await;
    assert_eq!(house.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_run_is_not_lost_because_the_database_is_away() {
    let house = House::new().await;
    let call = house.call("CA1", Reply::halting(&wav(1))).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    house.stub.paused(1).await;
    house.store.miss_heartbeats(3).await;
    house.stub.go_on();
    let run = house.until(&call, |run| !run.status.is_active()).await;
    assert_eq!((run.status, run.fence), (RecordingStatus::Ready, Fence(1)));
    worker.stop().await;
}

#[tokio::test]
async fn a_deleted_recording_stops_its_download_for_good() {
    let house = House::new().await;
    let call = house.call("CA1", Reply::halting(&wav(1))).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    house.stub.paused(1).await;
    assert_eq!(house.store.delete_recording(&call).await.unwrap(), Some(None));
    house.stub.deserted(1).await;
    worker.stop().await;
    assert_eq!(house.files(), Vec::<PathBuf>::new());
    let recording = house.view(&call).await.recording;
    assert_eq!(recording, Some(Recording::Tombstone(Tombstone::Deleted)));
}

#[tokio::test]
async fn a_run_that_is_lost_just_before_it_is_published_is_not_and_its_object_goes() {
    let house = House::new().await;
    house.store.on_publish([Fault::CalledStuck]);
    let call = house.call("CA1", Reply::ok(&wav(1))).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    // Who called it stuck told nobody here; the next request makes the run again.
    let again = loop {
        match house.ask(&call).await {
            Answer::Preparing(view) => match view.last_run {
                Some(run) if run.attempt == 1 => break run,
                _ => tokio::task::yield_now().await,
            },
            other => panic!("must wait, not {other:?}"),
        }
    };
    let run = house.until(&call, |run| !run.status.is_active()).await;
    worker.stop().await;
    assert_eq!((run.id, run.status), (again.id, RecordingStatus::Ready));
    assert_eq!(house.files(), house.files_of(&house.recording(&call).await));
}
