//! What the provider delivers and can't be published, and what goes wrong in ourselves.

use std::time::Duration;

use server::{
    engine::{Availability, rules::Final},
    model::{Failure, FailureKind, Recording, Tombstone},
};
use shared::RecordingStatus;

use crate::{
    faulty::Fault,
    harness::{Harness, wav},
    stub::Reply,
};

async fn harness() -> Harness {
    Harness::new().await.with_limits(|limits| limits.max_recording_bytes = 50_000)
}

/// How a run for this answer fails; nothing of it may be left.
async fn failure(harness: Harness, reply: Reply) -> Failure {
    let call = harness.call("CA1", reply).await;
    // Before the worker is there: a request that sees the failure would have it tried again.
    harness.ask(&call).await;
    let worker = harness.start_worker();
    let failure = harness.failure(&call).await;
    worker.stop().await;
    assert_eq!(harness.files(), Vec::<std::path::PathBuf>::new());
    failure
}

#[tokio::test]
async fn what_is_not_audio_is_rejected_and_it_is_said_what_it_looks_like() {
    let failure = failure(harness().await, Reply::ok(b"%PDF-1.7 secret")).await;
    let reason = "provider sent something that is not audio (it looks like a PDF)";
    assert_eq!(failure, Failure::new(FailureKind::Rejected, reason));
}

#[tokio::test]
async fn an_empty_recording_may_come_better_next_time() {
    let failure = failure(harness().await, Reply::ok(b"")).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.reason, "provider sent an empty recording");
}

#[tokio::test]
async fn a_recording_that_is_cut_off_may_come_better_next_time() {
    let failure = failure(harness().await, Reply::claiming(&wav(1), 40_000)).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.reason, "connection cut after 16,044 of 40,000 bytes");
}

#[tokio::test]
async fn a_provider_that_stops_halfway_is_given_up_at_the_deadline() {
    let a_second = Duration::from_secs(1);
    let hasty = harness().await.with_limits(|limits| limits.run_deadline = a_second);
    let failure = failure(hasty, Reply::halting(&wav(1))).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.reason, "the run's time was up after 8,022 of 16,044 bytes");
}

#[tokio::test]
async fn a_recording_that_is_too_large_is_rejected() {
    let failure = failure(harness().await, Reply::ok(&wav(4))).await;
    let reason = "the recording is larger than 50,000 bytes";
    assert_eq!(failure, Failure::new(FailureKind::Rejected, reason));
}

#[tokio::test]
async fn what_is_gone_at_the_provider_leaves_a_tombstone() {
    let harness = Harness::new().await;
    let call = harness.call("CA1", Reply::status(410)).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    assert_eq!(harness.failure(&call).await.kind, FailureKind::Gone);
    worker.stop().await;
    let recording = harness.view(&call).await.recording;
    assert_eq!(recording, Some(Recording::Tombstone(Tombstone::Gone)));
    assert_eq!(harness.ask(&call).await, Availability::Final(Final::Deleted(Tombstone::Gone)));
}

#[tokio::test]
async fn a_storage_that_takes_nothing_is_no_fault_of_the_provider() {
    let harness = Harness::new().await;
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    harness.ask(&call).await;
    harness.break_storage();
    let worker = harness.start_worker();
    let failure = harness.failure(&call).await;
    worker.stop().await;
    let reason = "the recording could not be stored";
    assert_eq!(failure, Failure::new(FailureKind::Transient, reason));
}

#[tokio::test]
async fn a_failure_is_written_and_told_though_the_database_was_away_and_its_answer_lost() {
    let harness = harness().await;
    harness.store.on_fail([Fault::Away, Fault::AnswerLost]);
    let failure = failure(harness, Reply::ok(b"no audio")).await;
    assert_eq!(failure.kind, FailureKind::Rejected);
}

#[tokio::test]
async fn a_panic_fails_its_run_alone() {
    let harness = Harness::new().await;
    harness.store.on_publish([Fault::Panic]);
    let unlucky = harness.call("CA1", Reply::ok(&wav(1))).await;
    harness.ask(&unlucky).await;
    let lucky = harness.call("CA2", Reply::ok(&wav(1))).await;
    let worker = harness.start_worker();
    let failure = harness.failure(&unlucky).await;
    assert_eq!(failure, Failure::new(FailureKind::Transient, "internal error while preparing"));
    assert_eq!(harness.ask_to_the_end(&lucky).await.status, RecordingStatus::Ready);
    worker.stop().await;
    assert_eq!(harness.files(), harness.files_of(&harness.recording(&lucky).await));
}
