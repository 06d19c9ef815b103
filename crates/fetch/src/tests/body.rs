//! Bodies: whole, cut off, too large, empty, and not audio.

use super::*;

#[tokio::test]
async fn a_recording_arrives_whole() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let mut fetch = Fetch::from(&[&stub]);
    fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap();
    assert_eq!(fetch.sink.bytes, AUDIO);
    let length = AUDIO.len() as u64;
    assert_eq!(fetch.progress.first(), Some(&(0, Some(length))));
    assert_eq!(fetch.progress.last(), Some(&(length, Some(length))));
    assert_eq!(fetch.sink.restarts, 0);

    let request = stub.requests().remove(0);
    assert!(request.starts_with("get /secret.wav?token=secret http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\naccept-encoding: identity\r\n"), "{request}");
    let agent = format!("\r\nuser-agent: {AGENT}\r\n");
    assert!(request.contains(&agent), "{request}");
    assert!(!request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn a_recording_without_a_length_arrives_whole() {
    let chunked = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked";
    for reply in [
        Reply::raw(chunked, b"4\r\nRIFF\r\n2\r\nxy\r\n0\r\n\r\n"),
        Reply::raw("HTTP/1.1 200 OK\nConnection: close", b"RIFFxy"),
        Reply::raw("HTTP/1.0 200 OK", b"RIFFxy"),
    ] {
        let stub = Stub::start([reply]).await;
        let mut fetch = Fetch::from(&[&stub]);
        fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap();
        assert_eq!(fetch.sink.bytes, b"RIFFxy");
        assert_eq!(fetch.progress.last(), Some(&(6, None)));
    }
}

#[tokio::test]
async fn a_recording_that_was_cut_off_is_fetched_again_from_its_beginning() {
    let chunked = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked";
    for cut in [
        Reply::short(&AUDIO[..9], AUDIO.len()),
        Reply::short(&AUDIO[..9], AUDIO.len()).then_reset(),
        Reply::raw(chunked, b"4\r\nRIFF\r\n"),
        Reply::raw("", b"").then_reset(),
        Reply::raw("not http at all", b""),
    ] {
        let stub = Stub::start([cut, Reply::ok(AUDIO)]).await;
        let mut fetch = Fetch::from(&[&stub]);
        fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap();
        assert_eq!(fetch.sink.bytes, AUDIO);
        assert_eq!(stub.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_recording_that_is_always_cut_off_fails_by_its_deadline() {
    let stub = Stub::start([Reply::short(&AUDIO[..9], 12_345)]).await;
    let fetch = Fetch::from(&[&stub]).within(Duration::from_millis(200));
    let failure = fetch.failure(&stub.url("127.0.0.1", PATH)).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert!(failure.reason.contains(" of 12,345 bytes"), "{failure}");
    assert!(stub.requests().len() > 1);
}

#[tokio::test]
async fn a_recording_larger_than_allowed_is_refused_and_not_asked_for_again() {
    let chunked = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked";
    for reply in [
        Reply::raw("HTTP/1.1 200 OK\nContent-Length: 7", b"").then_hang(),
        Reply::raw(chunked, b"4\r\nRIFF\r\n3\r\nxyz\r\n").then_hang(),
    ] {
        let stub = Stub::start([reply]).await;
        let failure = Fetch::from(&[&stub]).at_most(6).failure(&stub.url("127.0.0.1", PATH)).await;
        assert_eq!(failure, FetchFailure::rejected("the recording is larger than 6 bytes"));
        assert_eq!(stub.requests().len(), 1);
    }
    let stub = Stub::start([Reply::ok(b"RIFFxy")]).await;
    assert_eq!(
        Fetch::from(&[&stub]).at_most(6).bytes(&stub.url("127.0.0.1", "/")).await,
        b"RIFFxy"
    );
}

#[tokio::test]
async fn an_empty_recording_is_asked_for_again() {
    for empty in [Reply::ok(b""), Reply::raw("HTTP/1.0 200 OK", b""), Reply::status(204)] {
        let stub = Stub::start([empty, Reply::ok(AUDIO)]).await;
        assert_eq!(Fetch::from(&[&stub]).bytes(&stub.url("127.0.0.1", PATH)).await, AUDIO);
    }
}

#[tokio::test]
async fn a_page_with_status_200_is_refused() {
    let html = "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nContent-Length: 4";
    let bare = "HTTP/1.1 200 OK\nContent-Type: audio/wav\nContent-Length: 6";
    for (reply, reason) in [
        (Reply::raw(html, b"oops"), "provider sent a web page instead of audio"),
        (Reply::raw(bare, b"<html>"), "provider sent a web page instead of audio"),
        (Reply::ok(b"{\"code\": 20404}"), "provider sent JSON instead of audio"),
    ] {
        let stub = Stub::start([reply]).await;
        let failure = Fetch::from(&[&stub]).failure(&stub.url("127.0.0.1", PATH)).await;
        assert_eq!(failure, FetchFailure::rejected(reason));
        assert_eq!(stub.requests().len(), 1);
    }
}

#[tokio::test]
async fn audio_that_is_declared_to_be_a_page_is_audio() {
    for media_type in ["text/html; charset=utf-8", "application/json"] {
        let head =
            format!("HTTP/1.1 200 OK\nContent-Type: {media_type}\nContent-Length: {}", AUDIO.len());
        let stub = Stub::start([Reply::raw(&head, AUDIO)]).await;
        let mut fetch = Fetch::from(&[&stub]);
        let fetched = fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap();
        assert_eq!(fetched.media_type.as_deref(), Some(media_type));
        assert_eq!(fetch.sink.bytes, AUDIO);
    }
}

#[tokio::test]
async fn a_sink_that_fails_is_not_the_providers_fault() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let mut fetch = Fetch::from(&[&stub]);
    fetch.sink.full = true;
    let error = fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap_err();
    assert!(matches!(error, FetchError::Sink(_)), "{error:?}");
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn connections_are_used_again() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let mut fetch = Fetch::from(&[&stub]);
    let fetcher = fetch.fetcher();
    let url: Url = stub.url("127.0.0.1", PATH).parse().unwrap();
    for _ in 0..3 {
        fetcher.fetch(&url, &mut fetch.sink, fetch.limits, &mut |_, _| {}).await.unwrap();
    }
    assert_eq!(stub.connections(), 1);
}

#[test]
fn a_fetch_can_run_on_any_thread() {
    fn assert_send<T: Send>(_: T) {}
    let mut fetch = Fetch::anywhere();
    let fetcher = fetch.fetcher();
    let url: Url = "https://example.com/".parse().unwrap();
    assert_send(fetcher.fetch(&url, &mut fetch.sink, fetch.limits, &mut |_, _| {}));
}
