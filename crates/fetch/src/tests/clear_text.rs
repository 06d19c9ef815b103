//! `http://` only where the operator named the host, and what a proxy changes.

use super::*;

const REFUSED: &str = "the recording's address is http, and its host is not allowed by name";

#[tokio::test]
async fn http_needs_a_host_that_is_allowed_by_name() {
    for list in [None, Some("*.example"), Some("*.example:80")] {
        let fetch = Fetch { allow: list.map(str::to_owned), ..Fetch::anywhere() };
        let fetch = fetch.with_names(Names::new([("a.example", vec![&["8.8.8.8"][..]])]));
        let failure = fetch.failure("http://a.example/x.wav").await;
        assert_eq!(failure, FetchFailure::rejected(REFUSED), "{list:?}");
    }
    let names = Names::new([("a.example", vec![&["8.8.8.8"][..]])]);
    let mut fetch = Fetch::anywhere().allowing("a.example").with_names(names);
    let hop = Hop::first(&"http://a.example/x.wav".parse().unwrap()).unwrap();
    assert_eq!(fetch.fetcher().reach(&hop).await, Ok(Reach::Public), "named without a port");
}

#[tokio::test]
async fn a_redirect_into_clear_text_needs_it_too() {
    let home = Stub::start([Reply::redirect("http://b.example/x.wav")]).await;
    let list = format!("127.0.0.1:{},*.example", home.address.port());
    let failure = Fetch::anywhere().allowing(&list).failure(&home.url("127.0.0.1", PATH)).await;
    assert_eq!(failure, FetchFailure::rejected(REFUSED));
}

#[tokio::test]
async fn a_proxy_gets_what_is_public_and_no_look_up_is_made() {
    let proxy = Stub::start([Reply::ok(AUDIO)]).await;
    let mut fetch = Fetch::anywhere().allowing("media.example").with_names(Names::default());
    fetch.proxy = Some(proxy.url("127.0.0.1", "").parse().unwrap());
    assert_eq!(fetch.bytes("http://media.example/x.wav").await, AUDIO);
    assert!(proxy.requests()[0].starts_with("get http://media.example/x.wav http/1.1\r\n"));
}

#[tokio::test]
async fn a_private_host_that_is_named_is_asked_directly_and_an_address_is_still_checked() {
    let (proxy, inside) =
        (Stub::start([Reply::status(500)]).await, Stub::start([Reply::ok(AUDIO)]).await);
    let url = inside.url("127.0.0.1", PATH);
    let mut fetch = Fetch::from(&[&inside]);
    fetch.proxy = Some(proxy.url("127.0.0.1", "").parse().unwrap());
    assert_eq!(fetch.bytes(&url).await, AUDIO);
    let mut fetch = Fetch::anywhere();
    fetch.proxy = Some(proxy.url("127.0.0.1", "").parse().unwrap());
    assert_eq!(fetch.failure(&url).await.kind, FailureKind::Rejected);
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn the_ways_of_an_account_at_one_host_are_kept_apart() {
    let api = Stub::start([
        Reply::redirect("/accounts/AC2/x.wav"),
        Reply::redirect("/elsewhere"),
        Reply::ok(AUDIO),
    ])
    .await;
    let fetch = Fetch::from(&[&api])
        .with_credentials("127.0.0.1/accounts/AC1=Bearer one,127.0.0.1/accounts/AC2=X-Key: two");
    assert_eq!(fetch.bytes(&api.url("127.0.0.1", "/accounts/AC1/x.wav")).await, AUDIO);
    let requests = api.requests();
    assert!(requests[0].contains("\r\nauthorization: bearer one\r\n"), "{requests:?}");
    assert!(!requests[0].contains("x-key") && !requests[1].contains("authorization"));
    assert!(requests[1].contains("\r\nx-key: two\r\n"), "{requests:?}");
    assert!(!requests[2].contains("x-key") && !requests[2].contains("authorization"));
}
