//! What is heard in a recording before it is published, and what is made of it.

use std::{fs, path::PathBuf, time::Duration};

use audio::is_whole_dat;
use server::model::{Failure, FailureKind, ObjectKey, Sha256Hex};
use sha2::{Digest, Sha256};
use shared::RecordingStatus;

use crate::{
    faulty::Fault,
    harness::{Harness, mulaw, silence, wav},
    stub::Reply,
};

/// Samples that are all in memory, and more than are.
const SHORT: u32 = 8_000;
const LONG: u32 = 800_000;

#[tokio::test]
async fn mulaw_is_served_as_pcm_and_what_the_provider_sent_is_not_kept() {
    let harness = Harness::new().await;
    let worker = harness.start_worker();
    for (call, samples) in [("CA1", SHORT), ("CA2", LONG)] {
        let (sent, served) = (mulaw(samples), silence(samples));
        let call = harness.call(call, Reply::ok(&sent)).await;
        let run = harness.ask_to_the_end(&call).await;
        assert_eq!(run.status, RecordingStatus::Ready);
        let recording = harness.recording(&call).await;
        assert_eq!(recording.key, ObjectKey::new(&call, run.id, run.fence).converted());
        assert!(fs::read(harness.storage.path(&recording.key)).unwrap() == served);
        assert_eq!(
            (recording.content_type.as_str(), recording.bytes),
            ("audio/wav", served.len() as u64)
        );
        assert_eq!(recording.sha256, Sha256Hex::from_digest(&Sha256::digest(&served)));
        assert_eq!(recording.source_sha256, Sha256Hex::from_digest(&Sha256::digest(&sent)));
        let seconds = f64::from(samples) / 8_000.0;
        assert_eq!((recording.duration_seconds, recording.channels), (Some(seconds), Some(1)));
        let waveform =
            fs::read(harness.storage.path(recording.peaks_key.as_ref().unwrap())).unwrap();
        assert!(is_whole_dat(&waveform));
    }
    worker.stop().await;
    assert_eq!(harness.files().len(), 2 * 3, "{:?}", harness.files());
}

#[tokio::test]
async fn what_can_not_be_decoded_fails_its_run_alone() {
    let harness = Harness::new().await;
    let hostile = [b"ID3\x04\0\0\0\0\0\x04....".as_slice(), &vec![0xff; 400_000]].concat();
    let hostile = harness.call("CA1", Reply::ok(&hostile)).await;
    harness.ask(&hostile).await;
    let sound = harness.call("CA2", Reply::halting(&wav(1))).await;
    harness.ask(&sound).await;
    let worker = harness.start_worker();
    harness.stub.paused(1).await;
    let reason = "nothing in the recording could be decoded";
    assert_eq!(harness.failure(&hostile).await, Failure::new(FailureKind::Rejected, reason));
    harness.stub.go_on();
    assert_eq!(harness.ask_to_the_end(&sound).await.status, RecordingStatus::Ready);
    worker.stop().await;
    assert_eq!(harness.files(), harness.files_of(&harness.recording(&sound).await));
}

#[tokio::test]
async fn a_run_that_is_lost_while_it_is_decoded_stops_and_leaves_nothing() {
    let harness = Harness::new().await;
    let call = harness.call("CA1", Reply::ok(&mulaw(100 << 20))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    // What is converted has begun to be written.
    while !harness.files().iter().any(|file| file.to_string_lossy().ends_with(".pcm")) {
        tokio::task::yield_now().await;
    }
    harness.call_stuck(&call).await;
    worker.stop().await;
    assert_eq!(harness.view(&call).await.recording, None);
    assert_eq!(harness.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_run_that_is_lost_when_all_is_made_leaves_none_of_it() {
    let harness = Harness::new().await;
    harness.store.on_publish([Fault::CalledStuck]);
    let call = harness.call("CA1", Reply::ok(&mulaw(SHORT))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    harness.failure(&call).await;
    worker.stop().await;
    assert_eq!(harness.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_lost_answer_to_a_publication_costs_nothing_of_what_was_made() {
    let harness = Harness::new().await;
    harness.store.on_publish([Fault::AnswerLost]);
    let call = harness.call("CA1", Reply::ok(&mulaw(SHORT))).await;
    let worker = harness.start_worker();
    assert_eq!(harness.ask_to_the_end(&call).await.status, RecordingStatus::Ready);
    worker.stop().await;
    assert_eq!(harness.files(), harness.files_of(&harness.recording(&call).await));
}

#[tokio::test]
async fn decoding_has_the_runs_time_and_no_more() {
    let moment = Duration::from_millis(1_500);
    let harness = Harness::new().await.with_limits(|limits| limits.run_deadline = moment);
    let call = harness.call("CA1", Reply::ok(&mulaw(300 << 20))).await;
    harness.ask(&call).await;
    let worker = harness.start_worker();
    let failure = harness.failure(&call).await;
    worker.stop().await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(harness.files(), Vec::<PathBuf>::new());
}
