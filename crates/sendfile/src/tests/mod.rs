//! The listener over real sockets. Nothing here waits for a time to pass: each test waits for
//! bytes, or for the end of a connection.

mod files;
mod lifecycle;
mod limits;

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{ErrorPage, FileBody, Handoff, Limits, Options, Peer, serve};

/// A listener on a free port, serving until dropped.
struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(router: Router, limits: impl Into<Options>) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), router, limits)
    }

    /// With socket buffers so small that every answer is sent in many pieces.
    fn start_with_tiny_buffers(router: Router) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self::on(socket.listen(16).unwrap(), router, Limits::default())
    }

    fn on(listener: TcpListener, router: Router, limits: impl Into<Options>) -> Self {
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, router, shutdown.clone(), limits.into()));
        Self { address, shutdown, serving }
    }

    async fn connect(&self) -> Client {
        Client { stream: TcpStream::connect(self.address).await.unwrap(), read: Vec::new() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// One connection, by hand, so that a test decides what is sent and read, and when.
struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    async fn send(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    async fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    }

    /// The next answer's status line and headers, in lower case.
    async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = self.read.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap().to_lowercase();
            }
            assert_ne!(self.stream.read_buf(&mut self.read).await.unwrap(), 0, "closed early");
        }
    }

    /// The next `len` bytes of an answer.
    async fn bytes(&mut self, len: usize) -> Vec<u8> {
        while self.read.len() < len {
            assert_ne!(self.stream.read_buf(&mut self.read).await.unwrap(), 0, "closed early");
        }
        self.read.drain(..len).collect()
    }

    /// All that comes until the server closes, in order or not.
    async fn rest(mut self) -> Vec<u8> {
        let mut into = std::mem::take(&mut self.read);
        while self.stream.read_buf(&mut into).await.is_ok_and(|n| n > 0) {}
        into
    }
}

/// One connection at a time; the next one waits in the kernel's queue.
fn one_after_another() -> Limits {
    Limits { connections: 1, spare_connections: 0, ..Limits::default() }
}

/// Errors whose body is their number.
fn numbered(limits: Limits) -> Options {
    let error_pages = |status: StatusCode| ErrorPage {
        headers: vec![(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/number"))],
        body: status.as_str().to_owned().into(),
    };
    Options { limits, error_pages }
}

/// Bytes of which no two aligned words are the same, and none is zero: a piece in a wrong place
/// shows, and a placeholder too.
fn patterned(len: usize) -> Vec<u8> {
    let words = 0x0101_0101_u32..;
    words.flat_map(u32::to_be_bytes).map(|byte| byte.max(1)).take(len).collect()
}

fn file(content: &[u8]) -> Arc<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    Arc::new(file)
}

/// Sends `?FIRST-LAST` of `file`, or all of it, through the connection's handoff.
fn file_router(file: Arc<File>) -> Router {
    use axum::extract::{Extension, RawQuery};

    let send = async move |RawQuery(query): RawQuery, handoff: Option<Extension<Handoff>>| {
        let len = file.metadata().unwrap().len();
        let range = query.map_or(0..len, |query| {
            let (first, last) = query.split_once('-').unwrap();
            first.parse().unwrap()..last.parse::<u64>().unwrap() + 1
        });
        let handoff = handoff.map(|Extension(handoff)| handoff);
        Body::new(FileBody::new(Arc::clone(&file), range, handoff))
    };
    Router::new().route("/", axum::routing::get(send))
}

#[tokio::test]
async fn a_handler_sees_the_peer_address() {
    use axum::extract::Extension;

    let who = async |Extension(Peer(peer)): Extension<Peer>| peer.to_string();
    let router = Router::new().route("/", axum::routing::get(who));
    let server = Server::start(router, Limits::default()).await;
    let mut client = server.connect().await;
    let ours = client.stream.local_addr().unwrap().to_string();
    client.get("/").await;
    client.head().await;
    assert_eq!(client.bytes(ours.len()).await, ours.as_bytes());
}

#[tokio::test]
async fn a_304_says_no_length() {
    let router = Router::new().route("/", axum::routing::get(async || StatusCode::NOT_MODIFIED));
    let server = Server::start(router, Limits::default()).await;
    for method in ["GET", "HEAD"] {
        let mut client = server.connect().await;
        client.send(&format!("{method} / HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        let head = client.head().await;
        assert!(head.starts_with("http/1.1 304") && !head.contains("content-length"), "{head}");
    }
}
