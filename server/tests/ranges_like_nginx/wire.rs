//! One request and its answer, without a client that might smooth them.

use std::fmt::Write as _;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::cases::TAG;

/// One answer, from the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What must be the same for both servers.
#[derive(PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) status: u16,
    pub(crate) content_range: Option<String>,
    pub(crate) content_length: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl std::fmt::Debug for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, content_range, content_length, body } = self;
        write!(f, "{status}, range {content_range:?}, length {content_length:?}, ")?;
        write!(f, "{} bytes from {:?}", body.len(), body.first())
    }
}

impl Answer {
    fn read(raw: &[u8]) -> Self {
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer's headers");
        let head = std::str::from_utf8(&raw[..end]).expect("headers in ASCII");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
        let field = |line: &str| {
            let (name, value) = line.split_once(": ").expect("a header");
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Self {
            status: status.parse().expect("a status"),
            headers: lines.map(field).collect(),
            body: raw[end + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
    }

    pub(crate) fn compared(&self) -> Compared {
        // A refusal's body is each server's own: a page there, a problem (RFC 9457) here.
        let refused = self.status >= 400;
        Compared {
            status: self.status,
            content_range: self.header("content-range"),
            content_length: self.header("content-length").filter(|_| !refused),
            body: if refused { Vec::new() } else { self.body.clone() },
        }
    }
}

/// Sends one request and reads its answer to the end of the connection. Where the headers name the
/// server's own tag, asks for that first.
pub(crate) async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    let mut tag = String::new();
    if headers.iter().any(|(_, value)| value.contains(TAG)) {
        let first = format!("HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(first.as_bytes()).await.expect("a request can be sent");
        let mut raw = Vec::new();
        while !raw.ends_with(b"\r\n\r\n") {
            let read = stream.read_buf(&mut raw).await.expect("an answer can be read");
            assert_ne!(read, 0, "closed early");
        }
        tag = Answer::read(&raw).header("etag").expect("an entity tag");
    }
    for (name, value) in headers {
        write!(request, "{name}: {}\r\n", value.replace(TAG, &tag)).expect("a string takes all");
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).await.expect("a request can be sent");
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await.expect("an answer can be read");
    Answer::read(&raw)
}
