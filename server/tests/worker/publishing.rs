//! What works: a request wakes the worker, and what it publishes is what the provider sent.

use std::{fs, time::Duration};

use server::{engine::Answer, model::Sha256Hex};
use sha2::{Digest, Sha256};
use shared::RecordingStatus;

use crate::{
    faulty::Fault,
    house::{House, wav},
    stub::Reply,
};

#[tokio::test]
async fn a_request_wakes_the_worker_and_what_it_publishes_can_be_played() {
    let house = House::new().await.without_polling();
    let worker = house.start_worker();
    let audio = wav(4);
    let call = house.call("CA1", Reply::ok(&audio)).await;
    let run = house.ask_to_the_end(&call).await;
    assert_eq!(run.status, RecordingStatus::Ready);
    let recording = house.recording(&call).await;
    assert_eq!(recording.bytes, audio.len() as u64);
    assert_eq!(recording.sha256, Sha256Hex::from_digest(&Sha256::digest(&audio)));
    assert_eq!(recording.source_sha256, recording.sha256);
    assert_eq!(recording.content_type, "audio/wav");
    assert_eq!((recording.duration_seconds, recording.channels), (Some(4.0), Some(1)));
    assert_eq!(fs::read(house.storage.path(&recording.key)).unwrap(), audio);
    assert_eq!(house.files(), house.files_of(&recording));
    assert_eq!(house.ask(&call).await, Answer::Ready(recording));
    worker.stop().await;
    assert_eq!(house.mirror.clears(), 1);
}

#[tokio::test]
async fn several_runs_go_on_at_a_time_and_a_place_that_becomes_free_is_taken_at_once() {
    let house = House::new().await.without_polling();
    let house = house.with_limits(|limits| limits.concurrency = 3);
    let audio = wav(1);
    let mut calls = Vec::new();
    for n in 0..4 {
        calls.push(house.call(&format!("CA{n}"), Reply::halting(&audio)).await);
        house.ask(&calls[n]).await;
    }
    let worker = house.start_worker();
    house.stub.paused(3).await;
    assert_eq!(house.view(&calls[3]).await.last_run.unwrap().status, RecordingStatus::Queued);
    house.stub.go_on();
    for call in &calls {
        assert_eq!(house.ask_to_the_end(call).await.status, RecordingStatus::Ready);
    }
    worker.stop().await;
    assert_eq!(house.files().len(), 4 * 2, "each with its outline");
}

#[tokio::test]
async fn a_long_download_says_how_far_it_is() {
    let house = House::new().await;
    let audio = wav(1);
    let call = house.call("CA1", Reply::halting(&audio)).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    house.stub.paused(1).await;
    let run = loop {
        // Nobody is told of this: it is for who looks.
        match house.view(&call).await.last_run {
            Some(run) if run.bytes_total.is_some() => break run,
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(run.bytes_total, Some(audio.len() as u64));
    assert!((1..audio.len() as u64).contains(&run.bytes_done), "{}", run.bytes_done);
    house.stub.go_on();
    assert_eq!(house.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
}

#[tokio::test]
async fn a_database_that_is_away_for_a_while_costs_no_finished_download() {
    let house = House::new().await;
    house.store.on_publish([Fault::Away, Fault::Away]);
    let call = house.call("CA1", Reply::ok(&wav(1))).await;
    let worker = house.start_worker();
    assert_eq!(house.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
}

#[tokio::test]
async fn a_publication_whose_answer_was_lost_is_found_to_be_done() {
    let house = House::new().await;
    house.store.on_publish([Fault::AnswerLost]);
    let call = house.call("CA1", Reply::ok(&wav(1))).await;
    let worker = house.start_worker();
    assert_eq!(house.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
    assert_eq!(house.mirror.clears(), 1);
    assert!(house.storage.path(&house.recording(&call).await.key).exists());
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_put_back_and_done() {
    let house = House::new().await;
    house.store.on_claim([Fault::AnswerLost]);
    let call = house.call("CA1", Reply::ok(&wav(1))).await;
    let worker = house.start_worker();
    let run = house.ask_to_the_end(&call).await;
    assert_eq!((run.status, run.requeues, run.attempt), (RecordingStatus::Ready, 1, 0));
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_outlives_a_database_that_is_away() {
    let house = House::new().await.with_limits(|limits| limits.poll = Duration::from_millis(10));
    house.store.on_claim([Fault::Away; 3]);
    let call = house.call("CA1", Reply::ok(&wav(1))).await;
    house.ask(&call).await;
    let worker = house.start_worker();
    assert_eq!(house.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
}
