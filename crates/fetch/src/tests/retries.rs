//! What is asked again, what is not, and how it ends.

use super::*;

/// What a provider that always answers this leads to, and how often it was asked.
async fn always(reply: Reply, time: Duration) -> (FetchFailure, usize) {
    let stub = Stub::start([reply]).await;
    let fetch = Fetch::from(&[&stub]).within(time);
    let failure = fetch.failure(&stub.url("127.0.0.1", PATH)).await;
    (failure, stub.requests().len())
}

#[tokio::test]
async fn what_may_pass_is_asked_again_within_the_run() {
    for status in [408, 429, 500, 502, 503, 504, 404, 206, 202] {
        let stub = Stub::start([Reply::status(status), Reply::ok(AUDIO)]).await;
        assert_eq!(Fetch::from(&[&stub]).bytes(&stub.url("127.0.0.1", PATH)).await, AUDIO);
        assert_eq!(stub.requests().len(), 2, "{status}");
    }
}

#[tokio::test]
async fn a_provider_that_stays_down_fails_the_run_by_its_deadline() {
    let (failure, asked) = always(Reply::status(503), Duration::from_millis(200)).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert!(asked > 1, "{asked}");
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_fails_the_run_at_once() {
    for value in ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"] {
        let head = format!("HTTP/1.1 503 Busy\nRetry-After: {value}\nContent-Length: 0");
        let (failure, asked) = always(Reply::raw(&head, b""), Duration::from_secs(60)).await;
        assert_eq!(failure.kind, FailureKind::Transient);
        assert!(failure.reason.starts_with("provider answered 503 and asked"), "{failure}");
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn a_recording_that_stays_missing_is_gone() {
    let (failure, asked) = always(Reply::status(404), Duration::from_secs(60)).await;
    assert_eq!(failure, FetchFailure::gone("provider answered 404"));
    assert!(asked > 1, "{asked}");
}

#[tokio::test]
async fn what_will_not_pass_is_asked_once() {
    for (status, kind) in [
        (410, FailureKind::Gone),
        (400, FailureKind::Rejected),
        (401, FailureKind::Rejected),
        (403, FailureKind::Rejected),
        (451, FailureKind::Rejected),
    ] {
        let (failure, asked) = always(Reply::status(status), Duration::from_secs(60)).await;
        assert_eq!(failure.kind, kind, "{status}");
        assert_eq!(failure.reason, format!("provider answered {status}"));
        assert_eq!(asked, 1);
    }
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_asked_again() {
    for silent in [Reply::raw("", b"").then_hang(), Reply::short(AUDIO, 99).then_hang()] {
        let stub = Stub::start([silent, Reply::ok(AUDIO)]).await;
        let mut fetch = Fetch::from(&[&stub]);
        fetch.timing.idle = Duration::from_millis(100);
        assert_eq!(fetch.bytes(&stub.url("127.0.0.1", PATH)).await, AUDIO);
    }
}

#[tokio::test]
async fn the_deadline_ends_a_download_that_goes_on() {
    let reply = Reply::short(AUDIO, 99).then_hang();
    let (failure, asked) = always(reply, Duration::from_millis(500)).await;
    assert_eq!(failure.kind, FailureKind::Transient);
    assert_eq!(failure.reason, "the run's time was up after 20 of 99 bytes");
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn nobody_there_is_asked_again_until_the_deadline() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let (url, fetch) = (stub.url("127.0.0.1", PATH), Fetch::from(&[&stub]));
    drop(stub);
    let failure = fetch.within(Duration::from_millis(100)).failure(&url).await;
    assert_eq!(failure.kind, FailureKind::Transient);
}
