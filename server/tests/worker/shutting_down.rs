//! A worker that ends in an orderly way loses no work and spends no attempt.

use std::{path::PathBuf, time::Duration};

use server::model::{Failure, FailureKind};
use shared::RecordingStatus;

use crate::{
    house::{House, wav},
    stub::Reply,
};

async fn without_grace() -> House {
    House::new().await.with_limits(|limits| limits.grace = Duration::ZERO)
}

#[tokio::test]
async fn a_running_run_goes_back_and_the_next_worker_does_it() {
    let house = without_grace().await;
    let call = house.call("CA1", Reply::halting(&wav(1))).await;
    house.ask(&call).await;
    let made = house.view(&call).await.last_run.unwrap();
    let worker = house.start_worker();
    house.stub.paused(1).await;
    assert_eq!(house.live_workers().await, 1);
    worker.stop().await;
    assert_eq!(house.live_workers().await, 0, "it has retired");
    let back = house.view(&call).await.last_run.unwrap();
    assert_eq!((back.id, back.status), (made.id, RecordingStatus::Queued));
    assert_eq!((back.created_at, back.wanted_at), (made.created_at, made.wanted_at));
    assert_eq!((back.attempt, back.requeues, back.started_at), (0, 1, None));
    assert!(back.queued_at > made.queued_at);
    assert_eq!(house.files(), Vec::<PathBuf>::new());

    house.stub.go_on();
    let worker = house.start_worker();
    let run = house.until(&call, |run| !run.status.is_active()).await;
    assert_eq!((run.id, run.status), (made.id, RecordingStatus::Ready));
    worker.stop().await;
}

#[tokio::test]
async fn what_can_be_finished_in_the_grace_time_is_finished_and_nothing_more_is_begun() {
    let house = House::new().await;
    let begun = house.call("CA1", Reply::halting(&wav(1))).await;
    house.ask(&begun).await;
    let worker = house.start_worker();
    house.stub.paused(1).await;
    worker.shutdown.cancel();
    let late = house.call("CA2", Reply::ok(&wav(1))).await;
    house.ask(&late).await;
    house.stub.go_on();
    worker.ended().await;
    assert_eq!(house.view(&begun).await.last_run.unwrap().status, RecordingStatus::Ready);
    assert_eq!(house.view(&late).await.last_run.unwrap().status, RecordingStatus::Queued);
}

#[tokio::test]
async fn the_third_time_it_fails_instead() {
    let house = without_grace().await;
    let call = house.call("CA1", Reply::halting(&wav(1))).await;
    house.ask(&call).await;
    for time in 1..=3 {
        let worker = house.start_worker();
        house.stub.paused(time).await;
        worker.stop().await;
    }
    let run = house.view(&call).await.last_run.unwrap();
    let reason = "its workers shut down again and again, and it was put back too often";
    assert_eq!(run.failure, Some(Failure::new(FailureKind::Stuck, reason)));
    assert_eq!(house.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_worker_without_work_ends_at_once() {
    let house = House::new().await;
    let worker = house.start_worker();
    worker.stop().await;
    assert_eq!(house.live_workers().await, 0);
}
