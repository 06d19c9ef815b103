//! Connections come, wait, take too long and end; the server stops in good order.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::*;

const SOON: Duration = Duration::from_millis(20);
const LEN: usize = 32 << 20;

/// `/` answers at once; `/slow` says that it started, then waits to be let on.
fn slow_router(started: Arc<Semaphore>, go_on: Arc<Semaphore>) -> Router {
    let slow = async move || {
        started.add_permits(1);
        go_on.acquire().await.unwrap().forget();
        "done"
    };
    Router::new()
        .route("/slow", axum::routing::get(slow))
        .route("/", axum::routing::get(async || "ok"))
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let limits = Limits { idle_timeout: SOON, ..Limits::default() };
    let server = Server::start(file_router(file(b"x")), limits).await;
    let mut client = server.connect().await;
    client.get("/").await;
    client.head().await;
    assert_eq!(client.rest().await, b"x");
}

#[tokio::test]
async fn a_peer_that_reads_nothing_loses_its_place_to_the_next() {
    let limits = Limits { write_timeout: SOON, ..one_after_another() };
    let server = Server::start(file_router(file(&patterned(LEN))), limits).await;
    let mut stuck = server.connect().await;
    stuck.get("/").await;
    let mut next = server.connect().await;
    next.get("/?0-9").await;
    next.head().await;
    assert!(stuck.rest().await.len() < LEN);
}

#[tokio::test]
async fn a_connection_too_many_waits_until_one_ends() {
    let (started, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let router = slow_router(Arc::clone(&started), Arc::clone(&go_on));
    let server = Server::start(router, one_after_another()).await;
    let mut first = server.connect().await;
    first.get("/slow").await;
    started.acquire().await.unwrap().forget();
    let mut second = server.connect().await;
    second.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    go_on.add_permits(1);
    first.head().await;
    assert_eq!(started.available_permits(), 0, "the second was not begun beside the first");
    drop(first);
    started.acquire().await.unwrap().forget();
    go_on.add_permits(1);
    assert!(second.head().await.starts_with("http/1.1 200"));
}

#[tokio::test]
async fn a_shutdown_lets_the_answer_under_way_finish_and_takes_no_more() {
    let (started, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let router = slow_router(Arc::clone(&started), Arc::clone(&go_on));
    let mut server = Server::start(router, Limits::default()).await;
    let mut idle = server.connect().await;
    idle.get("/").await;
    idle.head().await;
    let mut busy = server.connect().await;
    busy.get("/slow").await;
    started.acquire().await.unwrap().forget();

    server.shutdown.cancel();
    assert_eq!(idle.rest().await, b"ok", "an idle connection is closed");
    // The idle connection's end says that the shutdown has begun; the listener goes with it.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.add_permits(1);
    assert!(busy.head().await.contains("connection: close"));
    assert_eq!(busy.rest().await, b"done");
    (&mut server.serving).await.unwrap();
}

#[tokio::test]
async fn a_shutdown_cuts_off_what_takes_longer_than_the_grace() {
    let started = Arc::new(Semaphore::new(0));
    let router = slow_router(Arc::clone(&started), Arc::new(Semaphore::new(0)));
    let limits = Limits { grace: SOON, ..Limits::default() };
    let mut server = Server::start(router, limits).await;
    let mut client = server.connect().await;
    client.get("/slow").await;
    started.acquire().await.unwrap().forget();
    server.shutdown.cancel();
    (&mut server.serving).await.unwrap();
    assert_eq!(client.rest().await, b"");
}
