//! The waveform of a recording, and the recording itself where browsers do not play what was sent.

use reqwest::{Method, StatusCode};
use server::model::Sha256Hex;
use sha2::{Digest as _, Sha256};

use crate::{
    program::{Program, header, json},
    stub::Reply,
    wav::{mulaw, wav},
};

const PEAKS: &str = "/api/recordings/peaks/CA1";

#[tokio::test]
async fn a_recording_that_browsers_do_not_play_is_served_as_one_that_they_do_with_its_waveform() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&mulaw(2))).await;
    let whole = program.playable("CA1").await;
    assert_eq!(whole.status(), 200);
    assert_eq!(header(&whole, "content-type"), "audio/wav");
    assert_eq!(header(&whole, "content-disposition"), "inline; filename=\"CA1.wav\"");
    let tag = header(&whole, "etag").to_owned();
    let bytes = whole.bytes().await.unwrap();
    let sha256 = Sha256Hex::from_digest(&Sha256::digest(&bytes));
    assert_eq!(tag, format!("\"{sha256}\""));
    assert_eq!((bytes[20], bytes.len()), (1, 44 + 2 * 16_000), "PCM");
    let recording = program.read("CA1").await["recording"].clone();
    assert_eq!((&recording["duration_seconds"], &recording["channels"]), (&2.0.into(), &1.into()));

    let peaks = program.get(PEAKS, &[]).await;
    assert_eq!(peaks.status(), 200);
    assert_eq!(header(&peaks, "content-type"), "application/octet-stream");
    assert_eq!(header(&peaks, "cache-control"), "private, no-cache");
    let dat = peaks.bytes().await.unwrap();
    assert_eq!(dat[..8], [2, 0, 0, 0, 1, 0, 0, 0], "version 2, 8 bits");
    assert_eq!(dat[24..26].iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>(), [-125, 125]);
}

#[tokio::test]
async fn a_waveform_answers_conditional_and_range_requests_as_a_file_does() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(4))).await;
    program.playable("CA1").await;
    let peaks = program.get(PEAKS, &[]).await;
    let (tag, length) =
        (header(&peaks, "etag").to_owned(), header(&peaks, "content-length").to_owned());
    let dat = peaks.bytes().await.unwrap();
    assert_eq!(length, dat.len().to_string());
    let known = program.get(PEAKS, &[("If-None-Match", &tag)]).await;
    assert_eq!((known.status(), header(&known, "etag")), (StatusCode::NOT_MODIFIED, &*tag));
    let other = program.get(PEAKS, &[("If-Match", "\"other\"")]).await;
    assert_eq!(other.status(), 412);
    let part = program.get(PEAKS, &[("Range", "bytes=8-11")]).await;
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap()), (206, dat.slice(8..12)));
    let head = program.send(Method::HEAD, PEAKS, &[], None).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, &*length));
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_without_a_waveform_says_why() {
    let program = Program::serve(&[]).await;
    program.call("CA2", Reply::status(410)).await;
    program.playable("CA2").await;
    for (call, error) in [("CA2", "recording_deleted"), ("CA3", "call_not_found")] {
        let answer = program.get(&format!("/api/recordings/peaks/{call}"), &[]).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(json(answer).await["error"], error);
    }
}

#[tokio::test]
async fn a_waveform_that_a_power_cut_took_or_spoiled_is_none() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.playable("CA1").await;
    let folder = program.folder.path().join("data/recordings/CA1");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let waveform =
        files.into_iter().find(|file| file.extension() == Some("peaks".as_ref())).unwrap();
    let whole = std::fs::read(&waveform).unwrap();
    for left in [Some(vec![]), Some(vec![0; whole.len()]), Some(whole[..100].to_vec()), None] {
        match left {
            Some(bytes) => std::fs::write(&waveform, bytes).unwrap(),
            None => std::fs::remove_file(&waveform).unwrap(),
        }
        let answer = program.get(PEAKS, &[]).await;
        assert_eq!(
            (answer.status().as_u16(), &json(answer).await["error"]),
            (404, &"no_peaks".into())
        );
        assert_eq!(
            program.file("CA1", &[]).await.status(),
            200,
            "the recording is heard as before"
        );
    }
}

#[tokio::test]
async fn a_waveform_is_as_public_as_its_recording() {
    let token = "0123456789abcdef";
    for (public, status) in [("false", 401), ("true", 404)] {
        let settings = [("TAPEDECK_ADMIN_TOKEN", token), ("TAPEDECK_PUBLIC_PLAYBACK", public)];
        let program = Program::serve(&settings).await;
        assert_eq!(program.get(PEAKS, &[]).await.status(), status);
    }
}
