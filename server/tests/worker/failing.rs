//! What the provider delivers and can't be published, and what goes wrong in ourselves.

use std::time::Duration;

use server::{
    engine::{Answer, rules::Final},
    model::{Failure, FailureKind, Recording, Tombstone},
};
use shared::RecordingStatus;

use crate::{
    faulty::Fault,
    house::{House, wav},
    stub::Reply,
};

async fn house() -> House {
    House::new().await.with_limits(|limits| limits.max_recording_bytes = 50_000)
}

/// How a run for this answer fails; nothing of it may be left.
async fn failure(house: House, reply: Reply) -> Failure {
    let call = house.call("CA1", reply).await;
    // Before the worker is there: a request that sees the failure would have it tried again.
    house.ask(&call).await;
    let worker = house.start_worker();
    let failure = house.failure(&call).await;
    worker.stop().await;
    assert_eq!(house.files(), Vec::<std::path::PathBuf>::new());
    failure
}

#[tokio::test]
async fn what_is_not_audio_is_rejected_and_it_is_said_what_it_looks_like() {
    let failure = failure(house().await, Reply::ok(b"%PDF-1.7 secret")).await;
    let reason = "provider sent something that is not audio (it looks like a PDF)";
    assert_eq!(failure, Failure::new(FailureKind::Rejected, reason));
}

#[tokio::test]
async fn an_empty_recording_may_come_better_next_time() {
    let failure = failure(house().await, Reply::ok(b"")).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.reason, "provider sent an empty recording");
}

#[tokio::test]
async fn a_recording_that_is_cut_off_may_come_better_next_time() {
    let failure = failure(house().await, Reply::claiming(&wav(1), 40_000)).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.reason, "connection cut after 16,044 of 40,000 bytes");
}

#[tokio::test]
async fn a_provider_that_stops_halfway_is_given_up_at_the_deadline() {
    let a_second = Duration::from_secs(1);
    let hasty = house().await.with_limits(|limits| limits.run_deadline = a_second);
    let failure = failure(hasty, Reply::halting(&wav(1))).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.reason, "the run's time was up after 8,022 of 16,044 bytes");
}

#[tokio::test]
async fn a_recording_that_is_too_large_is_rejected() {
    let failure = failure(house().await, Reply::ok(&wav(4))).await;
    let reason = "the recording is larger than 50,000 bytes";
    assert_eq!(failure, Failure::new(FailureKind::Rejected, reason));
}

#[tokio::test]
async fn what_is_gone_at_the_provider_leaves_a_tombstone() {
    let house = House::new().await;
    let call = house.call("CA1", Reply::status(410)).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    assert_eq!(house.failure(&call).await.kind, FailureKind::Gone);
    worker.stop().await;
    let recording = house.view(&call).await.recording;
    assert_eq!(recording, Some(Recording::Tombstone(Tombstone::Gone)));
    assert_eq!(house.ask(&call).await, Answer::Final(Final::Deleted(Tombstone::Gone)));
}

#[tokio::test]
async fn a_storage_that_takes_nothing_is_no_fault_of_the_provider() {
    let house = House::new().await;
    let call = house.call("CA1", Reply::ok(&wav(1))).await;
    house.ask(&call).await;
    house.break_storage();
    let worker = house.start_worker();
    let failure = house.failure(&call).await;
    worker.stop().await;
    let reason = "the recording could not be stored";
    assert_eq!(failure, Failure::new(FailureKind::Transient, reason));
}

#[tokio::test]
async fn a_failure_is_written_and_told_though_the_database_was_away_and_its_answer_lost() {
    let house = house().await;
    house.store.on_fail([Fault::Away, Fault::AnswerLost]);
    let failure = failure(house, Reply::ok(b"no audio")).await;
    assert_eq!(failure.kind, FailureKind::Rejected);
}

#[tokio::test]
async fn a_panic_fails_its_run_alone() {
    let house = House::new().await;
    house.store.on_publish([Fault::Panic]);
    let unlucky = house.call("CA1", Reply::ok(&wav(1))).await;
    house.ask(&unlucky).await;
    let lucky = house.call("CA2", Reply::ok(&wav(1))).await;
    let worker = house.start_worker();
    let failure = house.failure(&unlucky).await;
    assert_eq!(failure, Failure::new(FailureKind::Transient, "internal error while preparing"));
    assert_eq!(house.ask_to_the_end(&lucky).await.status, RecordingStatus::Ready);
    worker.stop().await;
    assert_eq!(house.files(), house.files_of(&house.recording(&lucky).await));
}
