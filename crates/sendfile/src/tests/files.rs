//! Files that the kernel sends: the right bytes whatever the peer does, or none.

use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::*;

const LEN: usize = 3 * Handoff::MAX_LEN + 4321;

#[tokio::test]
async fn the_whole_file_arrives_byte_for_byte() {
    let content = patterned(LEN);
    let server = Server::start(file_router(file(&content)), Limits::default()).await;
    let mut client = server.connect().await;
    client.get("/").await;
    assert!(client.head().await.contains(&format!("content-length: {LEN}\r\n")));
    assert!(client.bytes(LEN).await == content);
}

#[tokio::test]
async fn a_peer_that_reads_slowly_through_tiny_buffers_gets_every_byte() {
    let content = patterned(LEN);
    let server = Server::start_with_tiny_buffers(file_router(file(&content)));
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let stream = socket.connect(server.address).await.unwrap();
    let mut client = Client { stream, read: Vec::with_capacity(1024) };
    client.get("/").await;
    client.head().await;
    let mut got = Vec::new();
    while got.len() < LEN {
        got.extend(client.bytes((LEN - got.len()).min(997)).await);
        tokio::task::yield_now().await;
    }
    assert!(got == content);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let content = patterned(LEN);
    let ranges =
        [(0, 0), (1, 70_000), (LEN - 5, LEN - 1), (0, LEN - 1), (1_048_575, 1_048_577), (9, 9)];
    for server in [
        Server::start(file_router(file(&content)), Limits::default()).await,
        Server::start_with_tiny_buffers(file_router(file(&content))),
    ] {
        let mut client = server.connect().await;
        let requests = ranges.map(|(a, b)| format!("GET /?{a}-{b} HTTP/1.1\r\nHost: x\r\n\r\n"));
        client.send(&requests.concat()).await;
        for (first, last) in ranges {
            let head = client.head().await;
            assert!(head.starts_with("http/1.1 200"), "{head}");
            let body = client.bytes(last + 1 - first).await;
            assert!(body == content[first..=last], "{first}-{last}");
        }
    }
}

#[tokio::test]
async fn head_has_the_length_and_the_connection_goes_on() {
    let content = patterned(LEN);
    let server = Server::start(file_router(file(&content)), Limits::default()).await;
    let mut client = server.connect().await;
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(client.head().await.contains(&format!("content-length: {LEN}\r\n")));
    client.get("/?5-9").await;
    client.head().await;
    assert_eq!(client.bytes(5).await, content[5..10]);
}

#[tokio::test]
async fn http_1_0_is_served_and_closed() {
    let content = patterned(LEN);
    let server = Server::start(file_router(file(&content)), Limits::default()).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    client.head().await;
    assert!(client.rest().await == content);
}

#[tokio::test]
async fn a_peer_that_goes_away_in_the_middle_frees_its_place() {
    let router = file_router(file(&patterned(32 << 20)));
    let server = Server::start(router, one_after_another()).await;
    for _ in 0..5 {
        let mut client = server.connect().await;
        client.get("/").await;
        client.head().await;
    }
}

#[tokio::test]
async fn a_file_that_gets_shorter_ends_the_connection_without_a_wrong_byte() {
    let content = patterned(32 << 20);
    let shared = file(&content);
    let server = Server::start(file_router(Arc::clone(&shared)), Limits::default()).await;
    let mut client = server.connect().await;
    client.get("/").await;
    client.head().await;
    shared.set_len(12 << 20).unwrap();
    let got = client.rest().await;
    assert!(got.len() < content.len());
    assert!(content.starts_with(&got));
}

/// A router around one that has a layer which does `tamper` to every body.
fn tampering(router: Router, tamper: fn(Body) -> Body) -> Router {
    router.layer(tower::util::MapResponseLayer::new(move |response: Response| response.map(tamper)))
}

#[tokio::test]
async fn a_layer_that_copies_or_changes_bodies_ends_the_connection_without_a_byte_of_it() {
    let copy: fn(Body) -> Body = |body| {
        Body::new(body.map_frame(|frame| frame.map_data(|data| Bytes::copy_from_slice(&data))))
    };
    let halve: fn(Body) -> Body =
        |body| Body::new(body.map_frame(|frame| frame.map_data(|data| data.slice(..1000))));
    for tamper in [copy, halve] {
        let router = tampering(file_router(file(&patterned(LEN))), tamper);
        let server = Server::start(router, Limits::default()).await;
        let mut client = server.connect().await;
        client.get("/").await;
        let got = client.rest().await;
        let body = got
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(&[][..], |end| &got[end + 4..]);
        assert_eq!(body, b"");
    }
}

#[tokio::test]
async fn a_layer_that_passes_bodies_on_from_another_task_does_no_harm() {
    let elsewhere: fn(Body) -> Body = |mut body| {
        let (to, from) = tokio::sync::mpsc::channel(4);
        tokio::spawn(async move {
            while let Some(frame) = body.frame().await {
                let frame = frame.map(|frame| frame.into_data().unwrap());
                if to.send(frame).await.is_err() {
                    break;
                }
            }
        });
        let frames = futures_util::stream::unfold(from, async |mut from| {
            from.recv().await.map(|frame| (frame, from))
        });
        Body::from_stream(frames)
    };
    let content = patterned(LEN);
    let server =
        Server::start(tampering(file_router(file(&content)), elsewhere), Limits::default()).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    let got = client.rest().await;
    let body =
        got.windows(4).position(|four| four == b"\r\n\r\n").map_or(&[][..], |end| &got[end + 4..]);
    assert!(content.starts_with(body), "right bytes, or the end of the connection");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_sent_in_chunks() {
    let unknown: fn(Body) -> Body = |body| Body::from_stream(body.into_data_stream());
    let content = patterned(LEN);
    let server =
        Server::start(tampering(file_router(file(&content)), unknown), Limits::default()).await;
    let mut client = server.connect().await;
    client.get("/").await;
    assert!(client.head().await.contains("transfer-encoding: chunked\r\n"));
    let mut got = Vec::new();
    loop {
        let mut size = Vec::new();
        while !size.ends_with(b"\r\n") {
            size.extend(client.bytes(1).await);
        }
        let size = usize::from_str_radix(std::str::from_utf8(&size).unwrap().trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        got.extend(client.bytes(size).await);
        assert_eq!(client.bytes(2).await, b"\r\n");
    }
    assert!(got == content);
}
