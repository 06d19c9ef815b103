//! The one question: may I hear this call?

use reqwest::{Method, StatusCode};

use crate::{
    program::{Program, header, json},
    stub::Reply,
    wav::wav,
};

#[tokio::test]
async fn a_recording_is_fetched_and_played_whole_and_in_parts() {
    let program = Program::serve(&[]).await;
    let sound = wav(4);
    program.call("CA1", Reply::ok(&sound)).await;

    let first = program.file("CA1", &[]).await;
    assert_eq!(first.status(), 202);
    assert_eq!((header(&first, "retry-after"), header(&first, "cache-control")), ("2", "no-store"));
    let progress = json(first).await;
    assert_eq!(progress["message"], "Recording is being prepared");
    assert_eq!((&progress["attempt"], &progress["max_attempts"]), (&0.into(), &3.into()));

    let whole = program.playable("CA1").await;
    assert_eq!(whole.status(), 200);
    assert_eq!(header(&whole, "content-type"), "audio/wav");
    assert_eq!(header(&whole, "content-disposition"), "inline; filename=\"CA1.wav\"");
    assert_eq!(header(&whole, "cache-control"), "private, no-cache");
    assert_eq!(header(&whole, "x-content-type-options"), "nosniff");
    let tag = header(&whole, "etag").to_owned();
    assert_eq!(whole.bytes().await.unwrap(), sound);

    let part = program.file("CA1", &[("Range", "bytes=1000-1999")]).await;
    assert_eq!(part.status(), 206);
    let range = format!("bytes 1000-1999/{}", sound.len());
    assert_eq!(header(&part, "content-range"), range);
    assert_eq!(part.bytes().await.unwrap(), &sound[1000..2000]);

    let known = program.file("CA1", &[("If-None-Match", &tag)]).await;
    assert_eq!(known.status(), 304);
    let beyond = program.file("CA1", &[("Range", "bytes=99999999-")]).await;
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{}", sound.len()));
    assert_eq!(beyond.status(), 416);
    assert_eq!(json(beyond).await["error"], "range_not_satisfiable");
    let other = program.file("CA1", &[("If-Match", "\"other\"")]).await;
    assert_eq!(
        (other.status(), &json(other).await["error"]),
        (StatusCode::PRECONDITION_FAILED, &"precondition_failed".into())
    );

    let saved = program.get("/api/recordings/file/CA1?download=1", &[]).await;
    assert!(header(&saved, "content-disposition").starts_with("attachment"));
    let call = program.read("CA1").await;
    assert_eq!(call["recording"]["state"], "ready");
    assert_eq!(format!("\"{}\"", call["recording"]["sha256"].as_str().unwrap()), tag);
    assert_eq!(call["recording"]["duration_seconds"], 4.0);
}

#[tokio::test]
async fn a_held_request_is_answered_when_the_recording_is_there() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::halting(&wav(1))).await;
    let plain = program.file("CA1", &[]).await;
    assert_eq!(header(&plain, "preference-applied"), "");
    program.provider.paused(1).await;
    let held = program.file("CA1", &[("Prefer", "wait=30")]);
    let released = async {
        tokio::task::yield_now().await;
        program.provider.go_on();
    };
    let (held, ()) = tokio::join!(held, released);
    assert_eq!(held.status(), 200);
}

#[tokio::test]
async fn a_hold_that_ends_says_how_long_it_may_have_been() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::halting(&wav(1))).await;
    let held = program.file("CA1", &[("Prefer", "wait=1")]).await;
    assert_eq!(held.status(), 202);
    assert_eq!(header(&held, "preference-applied"), "wait=1");
    assert_eq!(header(&held, "retry-after"), "2");
}

#[tokio::test]
async fn whatever_will_never_exist_is_said_at_once() {
    let program = Program::serve(&[]).await;
    let nothing =
        program.send(Method::PUT, "/api/calls/CA0", &[], Some("{}".parse().unwrap())).await;
    assert_eq!(nothing.status(), 201);
    program.call("CA410", Reply::status(410)).await;
    for (call, status, error) in [
        ("CA0", 404, "no_recording_url"),
        ("CA404", 404, "call_not_found"),
        ("CA410", 404, "recording_deleted"),
        (".hidden", 400, "invalid_call_sid"),
        ("a%2Fb", 400, "invalid_call_sid"),
        ("%FF", 400, "invalid_call_sid"),
        (&"x".repeat(65), 400, "invalid_call_sid"),
    ] {
        let answer = program.playable(call).await;
        assert_eq!(answer.status(), status, "{call}");
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(json(answer).await["error"], error, "{call}");
    }
}

#[tokio::test]
async fn what_is_no_audio_is_rejected_with_the_reason() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(b"%PDF-1.7 a bill, not a call")).await;
    let answer = program.playable("CA1").await;
    assert_eq!(answer.status(), 500);
    let problem = json(answer).await;
    assert_eq!(problem["error"], "recording_failed");
    assert!(!problem["detail"].as_str().unwrap().contains("127.0.0.1"), "{problem}");
    assert_eq!(program.file("CA1", &[]).await.status(), 500);
    assert_eq!(program.provider.asked("/CA1"), 1, "trying again would not help");
}

#[tokio::test]
async fn head_and_what_a_browser_prefetches_have_no_effect() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let head = program.send(Method::HEAD, "/api/recordings/file/CA1", &[], None).await;
    assert_eq!(head.status(), 202);
    let prefetched = program.file("CA1", &[("Sec-Purpose", "prefetch")]).await;
    assert_eq!(prefetched.status(), 202);
    let peaks = program.get("/api/recordings/peaks/CA1", &[]).await;
    assert_eq!(peaks.status(), 202);
    assert_eq!(program.read("CA1").await["runs"], serde_json::json!([]));

    program.playable("CA1").await;
    let head = program.send(Method::HEAD, "/api/recordings/file/CA1", &[], None).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "16044"));
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_recording_whose_file_is_missing_is_fetched_again() {
    let mut program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.playable("CA1").await;
    std::fs::remove_dir_all(program.folder.path().join("data/recordings/CA1")).unwrap();
    program.terminate_and_serve_again().await;
    assert_eq!(program.playable("CA1").await.status(), 200);
    assert_eq!(program.provider.asked("/CA1"), 2);
}

#[tokio::test]
async fn a_thousand_listeners_at_once_cost_one_run_and_one_download() {
    let program = Program::serve(&[]).await;
    let sound = wav(1);
    program.call("CA1", Reply::halting(&sound)).await;
    let listen = async || program.playable("CA1").await.bytes().await.unwrap();
    let listeners = futures_util::future::join_all((0..1000).map(|_| listen()));
    let release = async {
        program.provider.paused(1).await;
        program.provider.go_on();
    };
    let (heard, ()) = tokio::join!(listeners, release);
    assert!(heard.iter().all(|bytes| *bytes == sound));
    assert_eq!(program.provider.asked("/CA1"), 1);
    assert_eq!(program.read("CA1").await["runs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_deleted_recording_is_gone_for_good() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.playable("CA1").await;
    let delete = async |call: &str| {
        let path = format!("/api/recordings/file/{call}");
        program.send(Method::DELETE, &path, &[], None).await.status().as_u16()
    };
    assert_eq!([delete("CA1").await, delete("CA1").await, delete("CA2").await], [204, 204, 404]);
    let answer = program.file("CA1", &[]).await;
    assert_eq!(
        (answer.status().as_u16(), &json(answer).await["error"]),
        (404, &"recording_deleted".into())
    );
    let again = serde_json::json!({ "recording_url": "https://example.com/a.wav" });
    let put = program.send(Method::PUT, "/api/calls/CA1", &[], Some(again)).await;
    assert_eq!(
        (put.status().as_u16(), &json(put).await["error"]),
        (409, &"recording_deleted".into())
    );
    assert!(!program.folder.path().join("data/recordings/CA1").exists());
}
