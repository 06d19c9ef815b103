//! A provider on 127.0.0.1 that answers each path as it is told, and says what it sees happen.

#![allow(dead_code)] // no test uses all of it

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    select,
    sync::watch,
    task::JoinHandle,
};

/// What to send, byte for byte.
#[derive(Clone)]
pub(crate) struct Reply {
    bytes: Vec<u8>,
    /// Stops after so many bytes until the stub is told to go on.
    pause_after: Option<usize>,
    /// So many zeros after the bytes.
    zeros: usize,
}

impl Reply {
    /// 200 with a length.
    pub(crate) fn ok(body: &[u8]) -> Self {
        Self::claiming(body, body.len())
    }

    /// 200 with a length and a media type.
    pub(crate) fn of_type(media_type: &str, body: &[u8]) -> Self {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
        );
        Self { bytes: [head.as_bytes(), body].concat(), pause_after: None, zeros: 0 }
    }

    /// 200 that claims to be so long.
    pub(crate) fn claiming(body: &[u8], length: usize) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        Self { bytes: [head.as_bytes(), body].concat(), pause_after: None, zeros: 0 }
    }

    /// 200 of which only half comes until [`Stub::go_on`].
    pub(crate) fn halting(body: &[u8]) -> Self {
        let reply = Self::ok(body);
        Self { pause_after: Some(reply.bytes.len() - body.len() / 2), ..reply }
    }

    /// What an S3 server answers to a request for these bytes of an object, of which there are
    /// more; only half comes until [`Stub::go_on`].
    pub(crate) fn halting_part(body: &[u8]) -> Self {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Length: {length}\r\nETag: \"a\"\r\n\
             Content-Range: bytes 0-{}/99999\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
            length - 1
        );
        let bytes = [head.as_bytes(), body].concat();
        Self { pause_after: Some(bytes.len() - length / 2), bytes, zeros: 0 }
    }

    /// 200 with a WAV of this length, silent but for its head.
    pub(crate) fn silence(length: usize) -> Self {
        let field = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        let sound = length - 44;
        let head = [
            &b"RIFF"[..],
            &field(length - 8),
            b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data",
            &field(sound),
        ];
        Self { zeros: sound, ..Self::claiming(&head.concat(), length) }
    }

    /// A status without a body.
    pub(crate) fn status(status: u16) -> Self {
        let bytes = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n").into();
        Self { bytes, pause_after: None, zeros: 0 }
    }
}

/// See the module.
pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    /// How often each path was asked for.
    asked: Mutex<HashMap<String, usize>>,
    /// How many replies have come to their pause.
    paused: watch::Sender<usize>,
    /// How many clients went away during a pause.
    deserted: watch::Sender<usize>,
    may_go_on: watch::Sender<bool>,
}

impl Stub {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    // As any server does: else each second write waits for an acknowledgement.
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(converse(stream, Arc::clone(&shared)));
                }
            }
        });
        Self { address, shared, task }
    }

    /// Answers this from now on; its URL.
    pub(crate) fn serve(&self, path: &str, reply: Reply) -> String {
        self.shared.replies.lock().unwrap().insert(path.to_owned(), reply);
        format!("http://{}{path}", self.address)
    }

    /// How often this path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.shared.asked.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    /// Waits until so many replies are halfway.
    pub(crate) async fn paused(&self, count: usize) {
        self.shared.paused.subscribe().wait_for(|paused| *paused >= count).await.unwrap();
    }

    /// Waits until so many clients have left halfway.
    pub(crate) async fn deserted(&self, count: usize) {
        self.shared.deserted.subscribe().wait_for(|gone| *gone >= count).await.unwrap();
    }

    /// Sends the other halves, now and from now on.
    pub(crate) fn go_on(&self) {
        self.shared.may_go_on.send_replace(true);
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some(path) = read_path(&mut stream).await {
        *shared.asked.lock().unwrap().entry(path.clone()).or_default() += 1;
        let reply = shared.replies.lock().unwrap().get(&path).cloned();
        let reply = reply.unwrap_or_else(|| Reply::status(404));
        let (first, second) = reply.bytes.split_at(reply.pause_after.unwrap_or(0));
        // The client may be gone already: that is its right.
        let _ = stream.write_all(first).await;
        if reply.pause_after.is_some() && pause(&mut stream, &shared).await.is_none() {
            return;
        }
        let _ = stream.write_all(second).await;
        let _ =
            tokio::io::copy(&mut tokio::io::repeat(0).take(reply.zeros as u64), &mut stream).await;
        if reply.is_short() {
            return;
        }
    }
}

/// Nothing if the client leaves meanwhile.
async fn pause(stream: &mut BufReader<TcpStream>, shared: &Shared) -> Option<()> {
    shared.paused.send_modify(|paused| *paused += 1);
    let mut may_go_on = shared.may_go_on.subscribe();
    select! {
        _ = may_go_on.wait_for(|may| *may) => Some(()),
        _ = stream.read_u8() => {
            shared.deserted.send_modify(|gone| *gone += 1);
            None
        }
    }
}

impl Reply {
    /// It promised more than it has: the connection is of no use any more.
    fn is_short(&self) -> bool {
        let end = self.bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        let promised = format!("Content-Length: {}\r\n", self.bytes.len() - end + self.zeros);
        !String::from_utf8_lossy(&self.bytes[..end]).contains(&promised)
    }
}

async fn read_path(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).split(' ').nth(1)?.to_owned())
}
