//! The worker with a bucket for its storage.

use std::{fs, time::Duration};

use server::model::{Failure, FailureKind, ObjectKey, Sha256Hex};
use sha2::{Digest, Sha256};
use shared::RecordingStatus;

use crate::{
    harness::{Harness, mulaw, silence, wav},
    s3::S3,
    stub::Reply,
};

/// More than two parts of an upload: 20 MB and some.
const LONG: u32 = 1_300;

#[tokio::test]
async fn small_and_large_recordings_arrive_under_their_runs_keys() {
    let Some(s3) = S3::start() else { return };
    let harness = Harness::keeping_in(s3.storage()).await;
    let worker = harness.start_worker();
    let mut kept = Vec::new();
    for (call, seconds) in [("CA1", 1), ("CA2", LONG)] {
        let audio = wav(seconds);
        let call = harness.call(call, Reply::ok(&audio)).await;
        let run = harness.ask_to_the_end(&call).await;
        assert_eq!(run.status, RecordingStatus::Ready);
        let recording = harness.recording(&call).await;
        assert_eq!(recording.key.run(), run.id);
        assert_eq!(recording.sha256, Sha256Hex::from_digest(&Sha256::digest(&audio)));
        assert!(fs::read(s3.file(recording.key.as_str())).unwrap() == audio);
        let description = recording.key.description();
        kept.extend(
            [recording.key, description, recording.peaks_key.unwrap()].map(|key| key.to_string()),
        );
    }
    worker.stop().await;
    kept.sort();
    assert_eq!(s3.objects(), kept);
    assert_eq!(s3.unfinished(), 0);
}

#[tokio::test]
async fn what_browsers_do_not_play_is_converted_from_bucket_to_bucket() {
    let Some(s3) = S3::start() else { return };
    let harness = Harness::keeping_in(s3.storage()).await;
    let worker = harness.start_worker();
    let call = harness.call("CA1", Reply::ok(&mulaw(LONG * 8_000))).await;
    assert_eq!(harness.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
    let key = harness.recording(&call).await.key;
    assert!(fs::read(s3.file(key.as_str())).unwrap() == silence(LONG * 8_000));
    let beside = [&key.description(), &key, &key.peaks()];
    assert_eq!(s3.objects(), beside.map(ObjectKey::to_string));
    assert_eq!(s3.unfinished(), 0);
}

#[tokio::test]
async fn a_run_that_is_lost_halfway_leaves_nothing_in_the_bucket() {
    let Some(s3) = S3::start() else { return };
    let harness = Harness::keeping_in(s3.storage()).await;
    let call = harness.call("CA1", Reply::halting(&wav(2 * LONG))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    harness.call_stuck(&call).await;
    harness.stub.deserted(1).await;
    worker.stop().await;
    assert_eq!(s3.objects(), Vec::<String>::new());
    assert_eq!(s3.unfinished(), 0);
}

#[tokio::test]
async fn a_bucket_that_is_away_for_a_moment_costs_no_run() {
    let Some(mut s3) = S3::start() else { return };
    let harness = Harness::keeping_in(s3.storage()).await;
    let call = harness.call("CA1", Reply::halting(&wav(2 * LONG))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    s3.kill();
    harness.stub.go_on();
    s3.start_again();
    let run = harness.ask_to_the_end(&call).await;
    assert_eq!((run.status, run.attempt), (RecordingStatus::Ready, 0));
    worker.stop().await;
}

#[tokio::test]
async fn a_bucket_that_stays_away_fails_the_run_in_its_time_and_the_next_one_goes_on() {
    let Some(mut s3) = S3::start() else { return };
    let harness = Harness::keeping_in(s3.storage()).await;
    let harness = harness.with_limits(|limits| limits.run_deadline = Duration::from_secs(2));
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    harness.ask(&call).await;
    s3.kill();
    let worker = harness.start_worker();
    let failure = harness.failure(&call).await;
    let reason = "the recording could not be stored";
    assert_eq!(failure, Failure::new(FailureKind::Transient, reason));
    s3.start_again();
    let run = harness.ask_to_the_end(&call).await;
    assert_eq!((run.status, run.attempt), (RecordingStatus::Ready, 1));
    worker.stop().await;
    let key = harness.recording(&call).await.key;
    assert_eq!(s3.objects(), [&key, &key.description(), &key.peaks()].map(ObjectKey::to_string));
}

#[tokio::test]
async fn a_worker_that_has_to_end_puts_back_what_it_cannot_store() {
    let Some(mut s3) = S3::start() else { return };
    let harness = Harness::keeping_in(s3.storage()).await;
    let harness = harness.with_limits(|limits| limits.grace = Duration::from_millis(1));
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    harness.ask(&call).await;
    s3.kill();
    let worker = harness.start_worker();
    harness.until(&call, |run| run.status == RecordingStatus::Running).await;
    worker.stop().await;
    let run = harness.view(&call).await.last_run.unwrap();
    assert_eq!((run.status, run.requeues), (RecordingStatus::Queued, 1));
}
