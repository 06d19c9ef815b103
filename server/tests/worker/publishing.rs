//! What works: a request wakes the worker, and what it publishes is what the provider sent.

use std::{fs, time::Duration};

use server::{engine::Availability, model::Sha256Hex};
use sha2::{Digest, Sha256};
use shared::RecordingStatus;

use crate::{
    faulty::Fault,
    harness::{Harness, wav},
    stub::Reply,
};

#[tokio::test]
async fn a_request_wakes_the_worker_and_what_it_publishes_can_be_played() {
    let harness = Harness::new().await.without_polling();
    let worker = harness.start_worker();
    let audio = wav(4);
    let call = harness.call("CA1", Reply::ok(&audio)).await;
    let run = harness.ask_to_the_end(&call).await;
    assert_eq!(run.status, RecordingStatus::Ready);
    let recording = harness.recording(&call).await;
    assert_eq!(recording.bytes, audio.len() as u64);
    assert_eq!(recording.sha256, Sha256Hex::from_digest(&Sha256::digest(&audio)));
    assert_eq!(recording.source_sha256, recording.sha256);
    assert_eq!(recording.content_type, "audio/wav");
    assert_eq!((recording.duration_seconds, recording.channels), (Some(4.0), Some(1)));
    assert_eq!(fs::read(harness.storage.path(&recording.key)).unwrap(), audio);
    assert_eq!(harness.files(), harness.files_of(&recording));
    assert_eq!(harness.ask(&call).await, Availability::Ready(recording));
    worker.stop().await;
    assert_eq!(harness.attempt_counter.clears(), 1);
}

#[tokio::test]
async fn several_runs_go_on_at_a_time_and_a_place_that_becomes_free_is_taken_at_once() {
    let harness = Harness::new().await.without_polling();
    let harness = harness.with_limits(|limits| limits.concurrency = 3);
    let audio = wav(1);
    let mut calls = Vec::new();
    for n in 0..4 {
        calls.push(harness.call(&format!("CA{n}"), Reply::halting(&audio)).await);
        harness.ask(&calls[n]).await;
    }
    let worker = harness.start_worker();
    harness.stub.paused(3).await;
    assert_eq!(harness.view(&calls[3]).await.last_run.unwrap().status, RecordingStatus::Queued);
    harness.stub.go_on();
    for call in &calls {
        assert_eq!(harness.ask_to_the_end(call).await.status, RecordingStatus::Ready);
    }
    worker.stop().await;
    assert_eq!(harness.files().len(), 4 * 3, "each with description and waveform");
}

#[tokio::test]
async fn a_long_download_says_how_far_it_is() {
    let harness = Harness::new().await;
    let audio = wav(1);
    let call = harness.call("CA1", Reply::halting(&audio)).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    let run = loop {
        // Nobody is told of this: it is for who looks.
        match harness.view(&call).await.last_run {
            Some(run) if run.bytes_total.is_some() => break run,
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(run.bytes_total, Some(audio.len() as u64));
    assert!((1..audio.len() as u64).contains(&run.bytes_done), "{}", run.bytes_done);
    harness.stub.go_on();
    assert_eq!(harness.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
}

#[tokio::test]
async fn a_database_that_is_away_for_a_while_costs_no_finished_download() {
    let harness = Harness::new().await;
    harness.store.on_publish([Fault::Away, Fault::Away]);
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    let worker = harness.start_worker();
    assert_eq!(harness.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
}

#[tokio::test]
async fn a_publication_whose_answer_was_lost_is_found_to_be_done() {
    let harness = Harness::new().await;
    harness.store.on_publish([Fault::AnswerLost]);
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    let worker = harness.start_worker();
    assert_eq!(harness.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
    assert_eq!(harness.attempt_counter.clears(), 1);
    assert!(harness.storage.path(&harness.recording(&call).await.key).exists());
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_put_back_and_done() {
    let harness = Harness::new().await;
    harness.store.on_claim([Fault::AnswerLost]);
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    let worker = harness.start_worker();
    let run = harness.ask_to_the_end(&call).await;
    assert_eq!((run.status, run.requeues, run.attempt), (RecordingStatus::Ready, 1, 0));
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_outlives_a_database_that_is_away() {
    let harness =
        Harness::new().await.with_limits(|limits| limits.poll = Duration::from_millis(10));
    harness.store.on_claim([Fault::Away; 3]);
    let call = harness.call("CA1", Reply::ok(&wav(1))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    assert_eq!(harness.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
}
