//! A storage service's 403, and a file that is not there yet.

use super::*;

fn denied(code: &str, message: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let head = "HTTP/1.1 403 Forbidden\nx-amz-request-id: 4442587FB7D0A2F9";
    Reply::raw(&format!("{head}\nContent-Length: {}", body.len()), body.as_bytes())
}

async fn kind(reply: Reply, is_young: bool) -> FailureKind {
    let stub = Stub::start([reply]).await;
    let mut fetch = Fetch::from(&[&stub]);
    fetch.limits.is_young = is_young;
    let failure = fetch.failure(&stub.url("127.0.0.1", PATH)).await;
    assert!(failure.reason.starts_with("provider answered 40"), "{failure}");
    failure.kind
}

#[tokio::test]
async fn what_is_not_there_yet_ends_a_young_fetch_at_once() {
    assert_eq!(kind(denied("AccessDenied", "Access Denied"), true).await, FailureKind::NotYet);
    assert_eq!(kind(denied("NoSuchKey", "no such key"), true).await, FailureKind::NotYet);
    assert_eq!(kind(Reply::status(404), true).await, FailureKind::NotYet);
}

#[tokio::test]
async fn what_is_not_young_any_more_is_refused_or_gone() {
    assert_eq!(kind(denied("AccessDenied", "Access Denied"), false).await, FailureKind::Rejected);
    assert_eq!(kind(Reply::status(404), false).await, FailureKind::Gone);
}

#[tokio::test]
async fn other_refusals_are_final_for_a_young_one_too() {
    assert_eq!(kind(denied("SignatureDoesNotMatch", ""), true).await, FailureKind::Rejected);
    assert_eq!(kind(Reply::status(403), true).await, FailureKind::Rejected);
    assert_eq!(kind(Reply::status(401), true).await, FailureKind::Rejected);
}

#[tokio::test]
async fn an_expired_address_has_a_kind_of_its_own() {
    for is_young in [true, false] {
        let expired = denied("AccessDenied", "Request has expired");
        assert_eq!(kind(expired, is_young).await, FailureKind::Expired);
    }
}

#[tokio::test]
async fn a_long_wait_gives_the_place_back() {
    let busy = Reply::raw("HTTP/1.1 429 Busy\nRetry-After: 30\nContent-Length: 0", b"");
    let stub = Stub::start([busy]).await;
    let mut fetch = Fetch::from(&[&stub]);
    fetch.limits.longest_pause = Some(Duration::from_secs(3));
    let failure = fetch.failure(&stub.url("127.0.0.1", PATH)).await;
    assert_eq!(failure.kind, FailureKind::Wait(Duration::from_secs(30)));
    assert_eq!(stub.requests().len(), 1);
}
