//! Conditional and range requests, answered by our file response over our listener and by a real
//! nginx on the same files, one by one, and compared. Where we differ, the table says so and why.
//!
//! nginx is the one that `TAPEDECK_TEST_NGINX` names, or the one in `PATH`; without either there is
//! nothing to compare with and the test says so.

mod cases;
mod nginx;
mod wire;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Extension, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, routing};
use http::{HeaderMap, Method};
use sendfile::{FileBody, Handoff, Limits, serve};
use server::http::file::{Disposition, Representation, evaluate, respond};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use cases::{CASES, EMPTY, Expect, LEN, RECORDING};
use nginx::Nginx;
use wire::{Answer, ask};

#[tokio::test]
async fn every_conditional_and_range_request_is_answered_like_nginx_or_as_the_table_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let content: Vec<u8> = (1..=250).cycle().take(LEN).collect();
    write(&folder, RECORDING, &content);
    write(&folder, EMPTY, b"");
    let Some(nginx) = Nginx::start(&folder) else { return };
    let us = start_us(&folder).await;

    let mut wrong = Vec::new();
    for (method, path, headers, expect) in CASES {
        let theirs = nginx.ask(method, path, headers).await;
        let ours = ask(TcpStream::connect(us).await.expect("we listen"), method, path, headers);
        let problem = expect.check(&theirs, &ours.await, &content);
        wrong.extend(problem.map(|what| format!("{method} {path} {headers:?}: {what}")));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

impl Expect {
    fn check(&self, nginx: &Answer, us: &Answer, content: &[u8]) -> Option<String> {
        let (nginx, us) = (nginx.compared(), us.compared());
        match self {
            Self::Same => (nginx != us).then(|| format!("nginx {nginx:?}, we {us:?}")),
            Self::Ours { because, .. } if nginx == us => {
                Some(format!("no difference from nginx any more ({because})"))
            }
            Self::Ours { status, part, because } => {
                let range = part
                    .as_ref()
                    .map(|part| format!("bytes {}-{}/{}", part.start, part.end - 1, content.len()));
                let part = part.clone().unwrap_or(0..content.len());
                let whole = us.body.is_empty() || us.body == content[part];
                let right = us.status == *status && us.content_range == range && whole;
                (!right).then(|| format!("not {status} {range:?} ({because}), but {us:?}"))
            }
        }
    }
}

fn published() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(784_111_777)
}

fn write(folder: &TempDir, path: &str, content: &[u8]) {
    let path = folder.path().join(&path[1..]);
    std::fs::write(&path, content).expect("a temporary file");
    let file = std::fs::File::options().write(true).open(path).expect("that file");
    file.set_modified(published()).expect("its time");
}

/// Our file response over our listener; returns its address. Lives as long as the test's runtime.
async fn start_us(folder: &TempDir) -> std::net::SocketAddr {
    let mut router = Router::new();
    for path in [RECORDING, EMPTY] {
        let file = std::fs::File::open(folder.path().join(&path[1..])).expect("a file");
        router = router.route(path, routing::get(send).with_state(Arc::new(file)));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(serve(listener, router, CancellationToken::new(), Limits::default()));
    address
}

async fn send(
    State(file): State<Arc<std::fs::File>>,
    method: Method,
    headers: HeaderMap,
    handoff: Option<Extension<Handoff>>,
) -> Response {
    let len = file.metadata().expect("a file's length").len();
    let digest = format!("{len:064x}");
    let recording = Representation::new(&digest, published(), len, "audio/wav", "CA1.wav")
        .expect("a representation");
    let outcome = evaluate(&method, &headers, &recording);
    let body = |range| FileBody::new(file, range, handoff.map(|Extension(handoff)| handoff));
    respond(outcome, &recording, Disposition::Inline, body).unwrap_or_else(|refused| {
        let mut response = refused.status().into_response();
        refused.add_headers(response.headers_mut());
        response
    })
}
