//! Redirects: each hop is checked like the first, and credentials stay at home.

use super::*;

#[tokio::test]
async fn redirects_are_followed_wherever_a_call_could_go() {
    let media = Stub::start([Reply::ok(AUDIO)]).await;
    let there = media.url("127.0.0.1", "/media/secret");
    let api = Stub::start([Reply::redirect("/secret/2"), Reply::redirect(&there)]).await;
    assert_eq!(Fetch::from(&[&api, &media]).bytes(&api.url("localhost", PATH)).await, AUDIO);
    assert!(api.requests()[1].starts_with("get /secret/2 "));
    assert!(!media.requests()[0].contains("referer"));
}

#[tokio::test]
async fn a_redirect_to_an_address_that_is_not_allowed_is_refused() {
    let inside = Stub::start([Reply::ok(AUDIO)]).await;
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let api = Stub::start([Reply::redirect(&inside.url(host, PATH))]).await;
        let failure = Fetch::from(&[&api]).failure(&api.url("127.0.0.1", PATH)).await;
        assert_eq!(failure.kind, FailureKind::Rejected, "{host}");
        assert_eq!(api.requests().len(), 1);
    }
    // Listed, but not by its port: then only public addresses will do.
    let api = Stub::start([Reply::redirect(&inside.url("127.0.0.1", PATH))]).await;
    let list = format!("127.0.0.1:{},127.0.0.1", api.address.port());
    let failure = Fetch::anywhere().allowing(&list).failure(&api.url("127.0.0.1", PATH)).await;
    let reason = "the recording's host has a loopback address, which is not allowed";
    assert_eq!(failure, FetchFailure::rejected(reason));
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn redirects_without_end_are_refused() {
    let api = Stub::start([Reply::redirect(PATH)]).await;
    let failure = Fetch::from(&[&api]).failure(&api.url("127.0.0.1", PATH)).await;
    assert_eq!(failure, FetchFailure::rejected("provider redirects too often"));
    assert_eq!(api.requests().len(), MAX_REDIRECTS + 1);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_refused() {
    for reply in [Reply::status(302), Reply::redirect("file:///etc/passwd")] {
        let api = Stub::start([reply]).await;
        let failure = Fetch::from(&[&api]).failure(&api.url("127.0.0.1", PATH)).await;
        assert_eq!(failure.kind, FailureKind::Rejected);
    }
}

#[tokio::test]
async fn credentials_are_shown_at_home_and_nowhere_else() {
    let media = Stub::start([Reply::ok(AUDIO)]).await;
    let api =
        Stub::start([Reply::redirect("/secret/2"), Reply::redirect(&media.url("localhost", PATH))])
            .await;
    let fetch = Fetch::from(&[&api, &media])
        .with_credentials("127.0.0.1=user:password,localhost=other:password");
    assert_eq!(fetch.bytes(&api.url("127.0.0.1", PATH)).await, AUDIO);
    // RFC 7617: base64 of `user:password`; the stub lowers its case.
    let basic = "\r\nauthorization: basic dxnlcjpwyxnzd29yza==\r\n";
    assert!(api.requests().iter().all(|request| request.contains(basic)), "{:?}", api.requests());
    assert!(!media.requests()[0].contains("authorization"), "{:?}", media.requests());
}

#[tokio::test]
async fn credentials_are_not_shown_to_whom_another_host_sends_us() {
    let home = Stub::start([Reply::ok(AUDIO)]).await;
    let abroad = Stub::start([Reply::redirect(&home.url("127.0.0.1", "/secret/other"))]).await;
    let start = Stub::start([Reply::redirect(&abroad.url("localhost", PATH))]).await;
    let fetch = Fetch::from(&[&start, &abroad, &home]).with_credentials("127.0.0.1=user:password");
    assert_eq!(fetch.bytes(&start.url("127.0.0.1", PATH)).await, AUDIO);
    assert!(start.requests()[0].contains("authorization"));
    assert!(!abroad.requests()[0].contains("authorization"));
    assert!(!home.requests()[0].contains("authorization"), "though it has some of its own");
}
