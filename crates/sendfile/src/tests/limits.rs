//! Peers that send too slowly, too much or nonsense, and more of them than there are places.

use std::time::Duration;

use axum::extract::{Extension, Request};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::*;
use crate::{BodyError, LeastPace, Spare};

const SOON: Duration = Duration::from_millis(50);

/// Answers with the request's body, or 408.
fn echo() -> Router {
    let echo = async |request: Request| {
        let read = axum::body::to_bytes(request.into_body(), 1 << 20).await;
        read.map_or_else(|error| too_slow(&error).into_response(), IntoResponse::into_response)
    };
    Router::new().route("/", axum::routing::post(echo))
}

fn too_slow(error: &axum::Error) -> StatusCode {
    let mut causes =
        std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| {
            error.source()
        });
    match causes.find_map(|cause| cause.downcast_ref()) {
        Some(BodyError::TooSlow) => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// `/` answers whether the connection is spare; `/hang` never answers, and notes that it began.
fn places(began: Arc<Semaphore>) -> Router {
    let hang = async move || {
        began.add_permits(1);
        std::future::pending::<Response>().await
    };
    let place = async |spare: Option<Extension<Spare>>| {
        if spare.is_some() { "spare" } else { "usual" }
    };
    Router::new().route("/hang", axum::routing::get(hang)).route("/", axum::routing::get(place))
}

/// The response's status, headers and body, as text, up to the end of the connection.
async fn answer(server: &Server, request: &str) -> String {
    let mut client = server.connect().await;
    client.send(request).await;
    String::from_utf8(client.rest().await).unwrap().to_lowercase()
}

#[tokio::test]
async fn a_head_that_does_not_come_to_an_end_is_answered_with_408() {
    let limits = Limits { head_timeout: SOON, ..Limits::default() };
    let server = Server::start(file_router(file(b"x")), numbered(limits)).await;
    let answer = answer(&server, "GET / HTTP/1.1\r\nHost:").await;
    assert!(
        answer.starts_with("http/1.1 408 request timeout\r\nconnection: close\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n408"), "{answer}");
}

#[tokio::test]
async fn a_second_head_that_does_not_come_to_an_end_is_answered_with_408() {
    let limits = Limits { head_timeout: SOON, ..Limits::default() };
    let server = Server::start(file_router(file(b"x")), numbered(limits)).await;
    let mut client = server.connect().await;
    client.get("/").await;
    client.head().await;
    client.bytes(1).await;
    client.send("GET / HTTP/1.1\r\nHost:").await;
    assert!(client.head().await.starts_with("http/1.1 408"));
}

#[tokio::test]
async fn a_connection_that_sends_nothing_is_closed_without_a_word() {
    let limits = Limits { head_timeout: SOON, ..Limits::default() };
    let server = Server::start(file_router(file(b"x")), numbered(limits)).await;
    assert_eq!(answer(&server, "").await, "");
}

#[tokio::test]
async fn a_408_does_not_fall_into_a_response_that_is_not_read() {
    let limits = Limits { head_timeout: SOON, ..Limits::default() };
    let content = patterned(32 << 20);
    let server = Server::start(file_router(file(&content)), numbered(limits)).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost:").await;
    client.head().await;
    assert!(client.bytes(content.len()).await == content);
}

#[tokio::test]
async fn a_body_without_bytes_fails_in_the_service() {
    let idle = LeastPace { idle: SOON, ..Limits::default().body_pace };
    let server = Server::start(echo(), Limits { body_pace: idle, ..Limits::default() }).await;
    for sent in ["", "12"] {
        let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
        let answer = answer(&server, &format!("{head}{sent}")).await;
        assert!(answer.starts_with("http/1.1 408"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_trickles_fails_in_the_service() {
    let body_pace = LeastPace { grace: SOON, ..Limits::default().body_pace };
    let server = Server::start(echo(), Limits { body_pace, ..Limits::default() }).await;
    let mut client = server.connect().await;
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n").await;
    let (mut from, mut to) = client.stream.split();
    let trickle = async {
        while to.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await; // a slow peer
        }
    };
    let mut answer = vec![0; 12];
    tokio::select! {
        () = trickle => panic!("closed without an answer"),
        read = from.read_exact(&mut answer) => read.map(drop).unwrap(),
    }
    assert_eq!(answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn a_body_that_comes_in_time_arrives_whole() {
    let server = Server::start(echo(), Limits::default()).await;
    let mut client = server.connect().await;
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12").await;
    client.send("345").await;
    client.head().await;
    assert_eq!(client.bytes(5).await, b"12345");
}

#[tokio::test]
async fn errors_that_the_service_never_sees_have_a_page() {
    let limits = Limits { max_header_bytes: 8192, ..Limits::default() };
    let server = Server::start(file_router(file(b"x")), numbered(limits)).await;
    let long = "x".repeat(10_000);
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(200)), "431"),
        ("GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n".to_owned(), "400"),
        ("G@T / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400"),
    ] {
        let answer = answer(&server, &request).await;
        assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{request}: {answer}");
        assert!(answer.contains("\r\ncontent-type: text/number\r\n"), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{status}")), "{answer}");
    }
}

#[tokio::test]
async fn a_connection_above_the_limit_is_marked_and_ends_after_its_response() {
    let began = Arc::new(Semaphore::new(0));
    let limits = Limits { connections: 1, ..Limits::default() };
    let server = Server::start(places(Arc::clone(&began)), limits).await;
    let mut hanging = server.connect().await;
    hanging.get("/hang").await;
    began.acquire().await.unwrap().forget();
    for _ in 0..3 {
        let answer = answer(&server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(answer.contains("connection: close") && answer.ends_with("spare"), "{answer}");
    }
    drop(hanging);
}

#[tokio::test]
async fn an_idle_connection_makes_room_for_a_new_one() {
    let began = Arc::new(Semaphore::new(0));
    let limits = Limits { connections: 2, ..Limits::default() };
    let server = Server::start(places(Arc::clone(&began)), limits).await;
    let mut busy = server.connect().await;
    busy.get("/hang").await;
    began.acquire().await.unwrap().forget();
    let mut idle = server.connect().await;
    idle.get("/").await;
    idle.head().await;
    assert_eq!(idle.bytes(5).await, b"usual");
    let mut next = server.connect().await;
    next.get("/").await;
    next.head().await;
    assert_eq!(next.bytes(5).await, b"usual");
    assert_eq!(idle.rest().await, b"", "closed for the next one");
}

#[tokio::test]
async fn connections_that_hang_above_the_limit_do_not_stop_the_next() {
    let began = Arc::new(Semaphore::new(0));
    let limits = Limits { connections: 1, spare_connections: 2, ..Limits::default() };
    let server = Server::start(places(Arc::clone(&began)), limits).await;
    let mut hanging = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect().await;
        client.get("/hang").await;
        began.acquire().await.unwrap().forget();
        hanging.push(client);
    }
    let answer = answer(&server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.ends_with("spare"), "{answer}");
    assert_eq!(hanging.remove(1).rest().await, b"", "the oldest above the limit was closed");
}
