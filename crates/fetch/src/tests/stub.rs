//! A provider of our own on 127.0.0.1 that answers what a test tells it to, byte for byte.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What to answer, and what to do to the connection then.
#[derive(Clone)]
pub(super) struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Keep,
    Close,
    Reset,
    Hang,
}

impl Reply {
    /// A head with these lines, and this body as it is.
    pub(super) fn raw(head: &str, body: &[u8]) -> Self {
        let head = head.trim().lines().map(|line| format!("{}\r\n", line.trim()));
        let mut bytes = head.collect::<String>().into_bytes();
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        Self { bytes, then: Then::Close }
    }

    /// 200 with a length.
    pub(super) fn ok(body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 200 OK\nContent-Length: {}", body.len());
        Self { then: Then::Keep, ..Self::raw(&head, body) }
    }

    /// 200 that claims to be longer than it is.
    pub(super) fn short(body: &[u8], claimed: usize) -> Self {
        Self::raw(&format!("HTTP/1.1 200 OK\nContent-Length: {claimed}"), body)
    }

    /// A status without a body.
    pub(super) fn status(status: u16) -> Self {
        Self::raw(&format!("HTTP/1.1 {status} Whatever\nContent-Length: 0"), b"")
    }

    /// 302 to there.
    pub(super) fn redirect(location: &str) -> Self {
        Self::raw(&format!("HTTP/1.1 302 Found\nLocation: {location}\nContent-Length: 0"), b"")
    }

    /// So many bytes of its body, and then the end of the connection.
    pub(super) fn cut_to(mut self, len: usize) -> Self {
        let head = self.bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        self.bytes.truncate(head + len);
        self
    }

    /// Then resets the connection.
    pub(super) fn then_reset(self) -> Self {
        Self { then: Then::Reset, ..self }
    }

    /// Then says nothing more and keeps the connection open.
    pub(super) fn then_hang(self) -> Self {
        Self { then: Then::Hang, ..self }
    }
}

/// What it saw.
#[derive(Default)]
struct Seen {
    requests: Vec<String>,
    connections: usize,
}

/// Answers requests with the replies in order; the last one again and again.
pub(super) struct Stub {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Stub {
    pub(super) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let replies: Vec<_> = replies.into_iter().collect();
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    seen.lock().unwrap().connections += 1;
                    tokio::spawn(converse(stream, replies.clone(), Arc::clone(&seen)));
                }
            }
        });
        Self { address, seen, task }
    }

    /// A URL of it; `host` is how it is called.
    pub(super) fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    /// A URL of it that is asked over TLS, which it does not speak: for what is refused before.
    pub(super) fn https_url(&self, host: &str) -> String {
        format!("https://{host}:{}/", self.address.port())
    }

    /// The heads of all requests, in lower case.
    pub(super) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(mut stream: TcpStream, replies: Vec<Reply>, seen: Arc<Mutex<Seen>>) {
    while let Some(head) = read_head(&mut stream).await {
        let reply = {
            let mut seen = seen.lock().unwrap();
            seen.requests.push(head);
            replies[(seen.requests.len() - 1).min(replies.len() - 1)].clone()
        };
        // The client may be gone already: that is its right.
        let _ = stream.write_all(&reply.bytes).await;
        match reply.then {
            Then::Keep => {}
            Then::Close => return,
            Then::Reset => return stream.set_zero_linger().unwrap(),
            Then::Hang => std::future::pending().await,
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).to_ascii_lowercase())
}
