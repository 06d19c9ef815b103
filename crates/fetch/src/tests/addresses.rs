//! Which addresses are connected to: literals in any notation, and what a name resolves to.

use super::*;

async fn refused(fetch: Fetch, url: &str, what: &str) {
    let failure = fetch.failure(url).await;
    let reason = format!("the recording's host has {what}, which is not allowed");
    assert_eq!(failure, FetchFailure::rejected(reason), "{url}");
}

#[tokio::test]
async fn an_address_in_any_notation_is_checked() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let port = stub.address.port();
    for host in
        ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "①27.0.0.1"]
    {
        refused(Fetch::anywhere(), &format!("http://{host}:{port}/"), "a loopback address").await;
    }
    for (host, what) in [
        ("0", "an unspecified address"),
        ("[::1]", "a loopback address"),
        ("[::]", "an unspecified address"),
        ("[::ffff:127.0.0.1]", "an IPv6 address that stands for an IPv4 one"),
        ("[::ffff:7f00:1]", "an IPv6 address that stands for an IPv4 one"),
        ("[64:ff9b::7f00:1]", "an IPv6 address that stands for an IPv4 one"),
        ("169.254.169.254", "a cloud's metadata address"),
        ("0xa9fea9fe", "a cloud's metadata address"),
        ("[fd00:ec2::254]", "a cloud's metadata address"),
        ("10.1.2.3", "a private address"),
        ("100.64.0.1", "a carrier's shared address"),
    ] {
        refused(Fetch::anywhere(), &format!("http://{host}:{port}/"), what).await;
    }
    assert_eq!(stub.connections(), 0);
}

#[tokio::test]
async fn a_name_is_checked_by_what_it_resolves_to() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    for (ip, what) in [
        ("127.0.0.1", "a loopback address"),
        ("192.168.1.1", "a private address"),
        ("::ffff:127.0.0.1", "an IPv6 address that stands for an IPv4 one"),
        ("fe80::1", "a link-local address"),
    ] {
        let names = || Names::new([("cdn.example", vec![&[ip][..]])]);
        let url = stub.https_url("cdn.example");
        refused(Fetch::anywhere().with_names(names()), &url, what).await;
        // On the list by name or by wildcard: still only with a public address.
        for list in ["cdn.example", "*.example"] {
            refused(Fetch::anywhere().allowing(list).with_names(names()), &url, what).await;
        }
        let list = format!("*.example:{}", stub.address.port());
        refused(Fetch::anywhere().allowing(&list).with_names(names()), &url, what).await;
    }
    assert_eq!(stub.connections(), 0);
}

#[tokio::test]
async fn the_systems_own_names_are_checked_too() {
    let setup = Setup::new(AGENT, || SystemTime::UNIX_EPOCH);
    let fetcher = Fetcher::new(Policy::default(), &setup).unwrap();
    let url = "https://localhost:9/".parse().unwrap();
    let limits = Fetch::anywhere().limits;
    let failed = fetcher.fetch(&url, &mut Kept::default(), limits, &mut |_, _| {}).await;
    let Err(FetchError::Provider(failure)) = failed else { panic!("{failed:?}") };
    assert_eq!(failure.kind, FailureKind::Rejected, "{failure}");
}

#[tokio::test]
async fn a_host_and_port_that_is_named_may_be_private() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let internal = || Names::new([("media.internal", vec![&["127.0.0.1"][..]])]);
    let list = format!("media.internal:{}", stub.address.port());
    let named = || Fetch::anywhere().allowing(&list).with_names(internal());
    assert_eq!(named().bytes(&stub.url("media.internal", PATH)).await, AUDIO);
    assert_eq!(named().bytes(&stub.url("MEDIA.internal.", PATH)).await, AUDIO);
    // The very same address under another name is not what was named.
    let failure = named().failure(&stub.url("127.0.0.1", PATH)).await;
    assert_eq!(failure.reason, "the recording's host is not on the list of providers");
}

#[tokio::test]
async fn a_listener_of_our_own_is_allowed_beside_any_public_address() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let policy = Policy::default().with_own(stub.address);
    let setup = Setup::new(AGENT, || SystemTime::UNIX_EPOCH);
    let fetcher = Fetcher::new(policy, &setup).unwrap();
    let mut sink = Kept::default();
    let limits = Fetch::anywhere().limits;
    let url = stub.url("127.0.0.1", PATH).parse().unwrap();
    fetcher.fetch(&url, &mut sink, limits, &mut |_, _| {}).await.unwrap();
    assert_eq!(sink.bytes, AUDIO);
}

#[tokio::test]
async fn an_answer_that_changes_between_check_and_connection_gains_nothing() {
    let stub = Stub::start([Reply::ok(AUDIO)]).await;
    let (public, private) = (&["8.8.8.8"][..], &["127.0.0.1"][..]);
    let url = stub.url("rebind.example", PATH);
    let list = format!("rebind.example:{}", stub.address.port());
    // Named, and public when it was looked up: the client for public addresses is asked, and it
    // refuses the private one.
    let names = Names::new([("rebind.example", vec![public, private])]);
    let fetch = Fetch::anywhere().allowing(&list).with_names(names);
    refused(fetch, &url, "a loopback address").await;
    // The other way round: what was meant for a private address is not sent to a public one.
    let names = Names::new([("rebind.example", vec![private, public, private, private])]);
    let fetch = Fetch::anywhere().allowing(&list).with_names(names);
    let fetch = fetch.with_credentials("rebind.example=user:password");
    assert_eq!(fetch.bytes(&url).await, AUDIO);
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn credentials_over_http_need_a_private_address() {
    let names = Names::new([
        ("public.example", vec![&["8.8.8.8"][..]]),
        ("private.example", vec![&["10.0.0.1"][..]]),
    ]);
    let mut fetch =
        Fetch::anywhere().allowing("public.example:80,private.example:80").with_names(names);
    let fetcher = fetch.fetcher();
    let all: Credentials = "public.example=u:p,private.example=u:p".parse().unwrap();
    for (url, expected) in [("http://public.example/", false), ("http://private.example/", true)] {
        let hop = Hop::first(&url.parse().unwrap()).unwrap();
        let reach = fetcher.reach(&hop).await.unwrap();
        assert_eq!(hop.credential(&all, reach).is_some(), expected, "{url}");
    }
}
