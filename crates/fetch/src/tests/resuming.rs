//! Downloads that break off and go on.

use super::*;

const TAG: &str = "ETag: \"v1\"";

/// The beginning of [`AUDIO`], and then the end of the connection.
fn cut(head: &str, at: usize) -> Reply {
    let head = format!("HTTP/1.1 200 OK\nContent-Length: {}\n{head}", AUDIO.len());
    Reply::raw(&head, &AUDIO[..at])
}

/// [`AUDIO`] from there on, as a 206.
fn rest(head: &str, from: usize) -> Reply {
    let (len, last) = (AUDIO.len(), AUDIO.len() - 1);
    let range = format!("Content-Range: bytes {from}-{last}/{len}");
    let head =
        format!("HTTP/1.1 206 Partial Content\nContent-Length: {}\n{range}\n{head}", len - from);
    Reply::raw(&head, &AUDIO[from..])
}

fn range_of(request: &str) -> Option<&str> {
    request.lines().find_map(|line| line.strip_prefix("range: "))
}

/// The bytes and the number of restarts, and the `Range` of each request.
async fn fetched(replies: Vec<Reply>) -> (Vec<u8>, usize, Vec<Option<String>>) {
    let stub = Stub::start(replies).await;
    let mut fetch = Fetch::from(&[&stub]);
    let fetched = fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap();
    assert_eq!((fetched.bytes, fetched.ending), (AUDIO.len() as u64, Ending::Framed));
    let ranges = stub.requests().iter().map(|head| range_of(head).map(str::to_owned)).collect();
    (fetch.sink.bytes, fetch.sink.restarts, ranges)
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_where_it_stopped() {
    let (bytes, restarts, ranges) =
        fetched(vec![cut(TAG, 6), rest(TAG, 6).cut_to(3), Reply::status(503), rest("", 9)]).await;
    assert_eq!((bytes, restarts), (AUDIO.to_vec(), 0));
    let asked = ranges.iter().map(Option::as_deref).collect::<Vec<_>>();
    assert_eq!(asked, [None, Some("bytes=6-"), Some("bytes=9-"), Some("bytes=9-")]);
}

#[tokio::test]
async fn the_rest_is_asked_for_under_the_tag() {
    let stub = Stub::start([cut(TAG, 6), rest(TAG, 6)]).await;
    Fetch::from(&[&stub]).bytes(&stub.url("127.0.0.1", PATH)).await;
    assert!(stub.requests()[1].contains("\r\nif-range: \"v1\"\r\n"), "{:?}", stub.requests());
}

#[tokio::test]
async fn a_200_begins_anew() {
    let (bytes, restarts, _) = fetched(vec![cut(TAG, 6), Reply::ok(AUDIO)]).await;
    assert_eq!((bytes, restarts), (AUDIO.to_vec(), 1));
}

#[tokio::test]
async fn without_a_strong_tag_a_download_begins_anew() {
    for head in ["", "ETag: W/\"v1\"", "ETag: \"v1\"\nAccept-Ranges: none"] {
        let (bytes, restarts, ranges) = fetched(vec![cut(head, 6), Reply::ok(AUDIO)]).await;
        assert_eq!((bytes, restarts), (AUDIO.to_vec(), 1), "{head}");
        assert_eq!(ranges, [None, None], "{head}");
    }
}

#[tokio::test]
async fn a_part_that_does_not_fit_is_not_taken() {
    for other in [
        rest("ETag: \"v2\"", 6),
        rest(TAG, 5),
        rest(TAG, 7),
        Reply::raw("HTTP/1.1 206 Partial Content\nContent-Length: 4", b"oops"),
        Reply::raw(
            "HTTP/1.1 206 Partial Content\nContent-Range: bytes 6-9/10\nContent-Length: 4",
            b"oops",
        ),
        Reply::status(416),
    ] {
        let (bytes, restarts, ranges) = fetched(vec![cut(TAG, 6), other, Reply::ok(AUDIO)]).await;
        assert_eq!((bytes, restarts), (AUDIO.to_vec(), 1));
        assert_eq!(ranges[2], None, "the whole is asked for");
    }
}

#[tokio::test]
async fn progress_makes_the_next_try_start_soon() {
    // Ten breaks under doubling pauses would take minutes.
    let replies = (0..AUDIO.len() - 1)
        .map(|at| if at == 0 { cut(TAG, 1) } else { rest(TAG, at).cut_to(1) })
        .chain([rest(TAG, AUDIO.len() - 1)]);
    let stub = Stub::start(replies).await;
    let mut fetch = Fetch::from(&[&stub]).within(Duration::from_secs(30));
    fetch.timing.first_pause = Duration::from_millis(20);
    fetch.timing.longest_pause = Duration::from_secs(30);
    assert_eq!(fetch.bytes(&stub.url("127.0.0.1", PATH)).await, AUDIO);
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_is_reported() {
    for (head, ending) in [
        ("HTTP/1.1 200 OK\nConnection: close", Ending::Closed),
        ("HTTP/1.0 200 OK", Ending::Closed),
        ("HTTP/1.0 200 OK\nContent-Length: 6", Ending::Framed),
    ] {
        let stub = Stub::start([Reply::raw(head, b"RIFFxy")]).await;
        let mut fetch = Fetch::from(&[&stub]);
        let fetched = fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap();
        assert_eq!(fetched.ending, ending, "{head}");
    }
}

#[tokio::test]
async fn what_was_cut_off_to_the_end_is_reported_with_what_came() {
    let stub = Stub::start([cut(TAG, 6), Reply::status(503)]).await;
    let mut fetch = Fetch::from(&[&stub]).within(Duration::from_millis(200));
    let error = fetch.run(&stub.url("127.0.0.1", PATH)).await.unwrap_err();
    let FetchError::Provider(failure) = error else { panic!("{error:?}") };
    assert_eq!(failure.cut_off, Some(6));
    assert_eq!(fetch.sink.bytes, AUDIO[..6]);
}

#[tokio::test]
async fn a_body_below_the_least_rate_is_cut_and_goes_on() {
    let slow = cut(TAG, 6).then_hang();
    let stub = Stub::start([slow, rest(TAG, 6)]).await;
    let mut fetch = Fetch::from(&[&stub]);
    fetch.timing.rate_grace = Duration::from_millis(50);
    assert_eq!(fetch.bytes(&stub.url("127.0.0.1", PATH)).await, AUDIO);
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn a_provider_that_is_always_too_slow_gives_its_place_back() {
    let stub = Stub::start([cut(TAG, 1).then_hang()]).await;
    let mut fetch = Fetch::from(&[&stub]);
    fetch.timing.rate_grace = Duration::from_millis(10);
    fetch.timing.longest_pause = Duration::from_secs(30);
    fetch.limits.longest_pause = Some(Duration::from_millis(5));
    let failure = fetch.failure(&stub.url("127.0.0.1", PATH)).await;
    assert!(matches!(failure.kind, FailureKind::Wait(_)), "{failure:?}");
    assert!(failure.reason.starts_with("provider sent too slowly after "), "{failure}");
}
