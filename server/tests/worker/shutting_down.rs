//! A worker that ends in an orderly way loses no work and spends no attempt.

use std::{path::PathBuf, time::Duration};

use server::model::{Failure, FailureKind};
use shared::RecordingStatus;

use crate::{
    harness::{Harness, wav},
    stub::Reply,
};

async fn without_grace() -> Harness {
    Harness::new().await.with_limits(|limits| limits.grace = Duration::ZERO)
}

#[tokio::test]
async fn a_running_run_goes_back_and_the_next_worker_does_it() {
    let harness = without_grace().await;
    let call = harness.call("CA1", Reply::halting(&wav(1))).await;
    harness.ask(&call).await;
    let made = harness.view(&call).await.last_run.unwrap();
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    assert_eq!(harness.live_workers().await, 1);
    worker.stop().await;
    assert_eq!(harness.live_workers().await, 0, "it has retired");
    let back = harness.view(&call).await.last_run.unwrap();
    assert_eq!((back.id, back.status), (made.id, RecordingStatus::Queued));
    assert_eq!((back.created_at, back.wanted_at), (made.created_at, made.wanted_at));
    assert_eq!((back.attempt, back.requeues, back.started_at), (0, 1, None));
    assert!(back.queued_at > made.queued_at);
    assert_eq!(harness.files(), Vec::<PathBuf>::new());

    harness.stub.go_on();
    let worker = harness.start_worker();
    let run = harness.until(&call, |run| !run.status.is_active()).await;
    assert_eq!((run.id, run.status), (made.id, RecordingStatus::Ready));
    worker.stop().await;
}

#[tokio::test]
async fn what_can_be_finished_in_the_grace_time_is_finished_and_nothing_more_is_begun() {
    // With one place, so that no look at the queue is under way when the shutdown begins.
    let harness = Harness::new().await.with_limits(|limits| limits.concurrency = 1);
    let begun = harness.call("CA1", Reply::halting(&wav(1))).await;
    harness.ask(&begun).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    worker.shutdown.cancel();
    let late = harness.call("CA2", Reply::ok(&wav(1))).await;
    harness.ask(&late).await;
    harness.stub.go_on();
    worker.ended().await;
    assert_eq!(harness.view(&begun).await.last_run.unwrap().status, RecordingStatus::Ready);
    assert_eq!(harness.view(&late).await.last_run.unwrap().status, RecordingStatus::Queued);
}

#[tokio::test]
async fn the_third_time_it_fails_instead() {
    let harness = without_grace().await;
    let call = harness.call("CA1", Reply::halting(&wav(1))).await;
    harness.ask(&call).await;
    for time in 1..=3 {
        let worker = harness.start_worker();
        harness.stub.paused(time).await;
        worker.stop().await;
    }
    let run = harness.view(&call).await.last_run.unwrap();
    let reason = "its workers shut down again and again, and it was put back too often";
    assert_eq!(run.failure, Some(Failure::new(FailureKind::Stuck, reason)));
    assert_eq!(harness.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_worker_without_work_ends_at_once() {
    let harness = Harness::new().await;
    let worker = harness.start_worker();
    worker.stop().await;
    assert_eq!(harness.live_workers().await, 0);
}
