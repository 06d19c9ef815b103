//! What telephony systems send, through the worker: what is published of it, and final answers where
//! nothing can be. `crates/audio` tries every format; here each way through the worker is tried once.

use std::fs;

use server::model::{Failure, FailureKind, ObjectKey};
use shared::RecordingStatus;

use crate::{
    harness::{Harness, silence, wav},
    stub::Reply,
};

/// A fixture of `crates/audio`.
fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/audio/tests/fixtures");
    fs::read(format!("{folder}/{name}")).unwrap()
}

/// A WAV as a recorder leaves it that was killed: its lengths are 0.
fn killed(mut wav: Vec<u8>) -> Vec<u8> {
    wav[4..8].fill(0);
    wav[40..44].fill(0);
    wav
}

#[tokio::test]
async fn a_head_that_is_false_is_written_anew() {
    let harness = Harness::new().await;
    let worker = harness.start_worker();
    for (call, sent, content_type, seconds) in [
        ("CA1", killed(wav(3)), "audio/wav", 3.0),
        ("CA2", killed(wav(90)), "audio/wav", 90.0),
        ("CA3", [&[0; 1_152][..], &fixture("tone.mp3")].concat(), "audio/mpeg", 0.5),
        ("CA4", fixture("field/qt-last.mov"), "audio/mp4", 0.5),
        ("CA5", fixture("field/live.webm"), "audio/webm", 1.5),
        ("CA6", fixture("tone.aac"), "audio/mp4", 0.64),
    ] {
        let call = harness.call(call, Reply::ok(&sent)).await;
        let run = harness.ask_to_the_end(&call).await;
        assert_eq!(run.status, RecordingStatus::Ready, "{content_type}");
        let recording = harness.recording(&call).await;
        assert_eq!(recording.key, ObjectKey::new(&call, run.id, run.fence).converted());
        assert_eq!(recording.content_type, content_type);
        let found = recording.duration_seconds.unwrap();
        assert!((found - seconds).abs() < 0.01, "{content_type}: {found}");
        assert!(recording.peaks_key.is_some(), "{content_type}");
        let served = fs::read(harness.storage.path(&recording.key)).unwrap();
        assert_eq!(served.len() as u64, recording.bytes);
        if content_type == "audio/wav" {
            let samples = u32::try_from(served.len() - 44).unwrap() / 2;
            assert!(served == silence(samples), "the head says what follows");
        }
    }
    worker.stop().await;
}

#[tokio::test]
async fn sound_that_browsers_play_is_published_as_it_came() {
    let harness = Harness::new().await;
    let worker = harness.start_worker();
    for (call, sent, content_type) in [
        ("CA1", fixture("tone.m4a"), "audio/mp4"),
        ("CA2", fixture("tone-opus.ogg"), "audio/ogg"),
        ("CA3", fixture("tone.flac"), "audio/flac"),
    ] {
        let call = harness.call(call, Reply::ok(&sent)).await;
        let run = harness.ask_to_the_end(&call).await;
        let recording = harness.recording(&call).await;
        assert_eq!(recording.key, ObjectKey::new(&call, run.id, run.fence));
        assert_eq!(recording.content_type, content_type);
        assert_eq!(recording.sha256, recording.source_sha256);
        assert!(fs::read(harness.storage.path(&recording.key)).unwrap() == sent);
        assert!(recording.peaks_key.is_some(), "{content_type}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn the_media_type_decides_only_where_the_bytes_have_no_head() {
    let harness = Harness::new().await;
    let worker = harness.start_worker();
    let headless: Vec<u8> =
        (0..400_000_u32).map(|at| (at.wrapping_mul(at) % 253).to_le_bytes()[0]).collect();
    for (call, media_type, sent, seconds) in [
        ("CA1", "audio/basic", headless[..8_000].to_vec(), 1.0),
        ("CA2", "audio/PCMA;rate=16000", headless[..8_000].to_vec(), 0.5),
        ("CA3", "audio/L16;rate=8000;channels=1", headless.clone(), 25.0),
        ("CA4", "text/html; charset=utf-8", wav(2), 2.0),
        ("CA5", "audio/basic", [b"\r\n", &wav(2)[..]].concat(), 2.0),
    ] {
        let call = harness.call(call, Reply::of_type(media_type, &sent)).await;
        assert_eq!(
            harness.ask_to_the_end(&call).await.status,
            RecordingStatus::Ready,
            "{media_type}"
        );
        let recording = harness.recording(&call).await;
        assert_eq!(recording.duration_seconds, Some(seconds), "{media_type}");
        assert_eq!(recording.content_type, "audio/wav", "{media_type}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn what_can_not_be_published_is_a_final_answer_that_says_what_came() {
    let harness = Harness::new().await;
    let worker = harness.start_worker();
    let mut g723 = wav(1);
    g723[20] = 0x42;
    let headless: Vec<u8> =
        (0..40_000_u32).map(|at| (at.wrapping_mul(at) % 253).to_le_bytes()[0]).collect();
    for (call, sent, reason) in [
        ("CA1", wav(0), "Nothing was recorded."),
        ("CA2", g723, "provider sent G.723.1 in WAV, which no browser plays"),
        (
            "CA3",
            headless,
            "provider sent something that is not audio \
             (it looks like sound without a head, or unknown binary data)",
        ),
    ] {
        let id = harness.call(call, Reply::ok(&sent)).await;
        harness.ask(&id).await;
        let failure = harness.failure(&id).await;
        assert_eq!(failure, Failure::new(FailureKind::Rejected, reason));
        assert_eq!(harness.stub.asked(&format!("/{call}")), 1, "the provider is asked once");
    }
    worker.stop().await;
    assert_eq!(harness.files().len(), 0, "{:?}", harness.files());
}
