//! Conditional and range requests, answered by our file response over our listener and by a real
//! nginx on the same files, one by one, and compared. Where we differ, the table says so and why.
//!
//! nginx is the one that `TAPEDECK_TEST_NGINX` names, or the one in `PATH`; without either there is
//! nothing to compare with and the test says so.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Extension, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, routing};
use http::{HeaderMap, Method};
use server::http::file::{Disposition, RecordingBody, Representation, Source, evaluate, respond};
use server::http::listen::{Handoff, Limits, serve};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_util::sync::CancellationToken;

const LEN: usize = 10_000;
const RECORDING: &str = "/recording.wav";
const EMPTY: &str = "/empty.wav";

const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const PUBLISHED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

/// In a header's value: the server's own entity tag, which each makes in its own way.
const TAG: &str = "{tag}";

enum Expect {
    /// Same status, `Content-Range`, `Content-Length` and bytes as nginx.
    Same,
    /// On purpose not what nginx says, but this.
    Ours { status: u16, part: Option<Range<usize>>, because: &'static str },
}
use Expect::Same;

const fn ours(status: u16, because: &'static str) -> Expect {
    Expect::Ours { status, part: None, because }
}

type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], Expect);

/// Method, path, headers, expectation.
const CASES: &[Case] = &[
    ("GET", RECORDING, &[], Same),
    ("HEAD", RECORDING, &[], Same),
    // One range.
    ("GET", RECORDING, &[("Range", "bytes=0-0")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-499")], Same),
    ("GET", RECORDING, &[("Range", "bytes=500-999")], Same),
    ("GET", RECORDING, &[("Range", "bytes=9999-9999")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=9500-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-500")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-1")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-20000")], Same),
    ("GET", RECORDING, &[("Range", "bytes=9000-20000")], Same),
    ("GET", RECORDING, &[("Range", "BYTES=0-9")], Same),
    ("GET", RECORDING, &[("Range", "bytes= 0-9")], Same),
    // Past the end, reversed, empty.
    ("GET", RECORDING, &[("Range", "bytes=10000-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=10000-20000")], Same),
    ("GET", RECORDING, &[("Range", "bytes=500-100")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-0")], Same),
    (
        "GET",
        RECORDING,
        &[("Range", "bytes=0-99999999999999999999999999")],
        Expect::Ours {
            status: 206,
            part: Some(0..LEN),
            because: "RFC 9110 14.1.2: a last position past the end, however far, is the end",
        },
    ),
    ("GET", RECORDING, &[("Range", "bytes=99999999999999999999999999-")], Same),
    // Several ranges.
    ("GET", RECORDING, &[("Range", "bytes=0-9,20000-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=20000-,30000-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9,20-29")], ours(200, MULTIPART)),
    ("GET", RECORDING, &[("Range", "bytes=0-99,50-149")], ours(200, MULTIPART)),
    ("GET", RECORDING, &[("Range", "bytes=0-,0-")], Same),
    // Rubbish.
    ("GET", RECORDING, &[("Range", "bytes=")], Same),
    ("GET", RECORDING, &[("Range", "bytes=-")], Same),
    ("GET", RECORDING, &[("Range", "bytes=abc")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9x")], Same),
    ("GET", RECORDING, &[("Range", "bytes=1-2-3")], Same),
    ("GET", RECORDING, &[("Range", "bytes")], Same),
    ("GET", RECORDING, &[("Range", "0-9")], Same),
    ("GET", RECORDING, &[("Range", "items=0-9")], Same),
    ("GET", RECORDING, &[("Range", "")], Same),
    // HEAD.
    ("HEAD", RECORDING, &[("Range", "bytes=0-9")], ours(200, RANGE_IS_FOR_GET)),
    ("HEAD", RECORDING, &[("Range", "bytes=10000-")], ours(200, RANGE_IS_FOR_GET)),
    // If-Range.
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", TAG)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", "\"other\"")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", "W/{tag}")], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", PUBLISHED)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", BEFORE)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", AFTER)], Same),
    ("GET", RECORDING, &[("Range", "bytes=0-9"), ("If-Range", "rubbish")], Same),
    ("GET", RECORDING, &[("Range", "bytes=10000-"), ("If-Range", "\"other\"")], Same),
    ("GET", RECORDING, &[("If-Range", TAG)], Same),
    // One condition.
    ("GET", RECORDING, &[("If-None-Match", TAG)], Same),
    ("HEAD", RECORDING, &[("If-None-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-None-Match", "W/{tag}")], Same),
    ("GET", RECORDING, &[("If-None-Match", "\"a\", {tag} , \"b\"")], Same),
    ("GET", RECORDING, &[("If-None-Match", "*")], Same),
    ("GET", RECORDING, &[("If-None-Match", "\"other\"")], Same),
    ("GET", RECORDING, &[("If-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-Match", "*")], Same),
    ("GET", RECORDING, &[("If-Match", "\"a\", {tag}")], Same),
    ("GET", RECORDING, &[("If-Match", "W/{tag}")], Same),
    ("GET", RECORDING, &[("If-Match", "\"other\"")], Same),
    ("HEAD", RECORDING, &[("If-Match", "\"other\"")], Same),
    ("GET", RECORDING, &[("If-Modified-Since", PUBLISHED)], Same),
    ("HEAD", RECORDING, &[("If-Modified-Since", PUBLISHED)], Same),
    ("GET", RECORDING, &[("If-Modified-Since", AFTER)], Same),
    ("GET", RECORDING, &[("If-Modified-Since", BEFORE)], Same),
    ("GET", RECORDING, &[("If-Modified-Since", "rubbish")], Same),
    ("GET", RECORDING, &[("If-Unmodified-Since", PUBLISHED)], Same),
    ("GET", RECORDING, &[("If-Unmodified-Since", AFTER)], Same),
    ("GET", RECORDING, &[("If-Unmodified-Since", BEFORE)], Same),
    (
        "GET",
        RECORDING,
        &[("If-Unmodified-Since", "rubbish")],
        ours(200, "RFC 9110 13.1.4: a field that is no HTTP date must be ignored"),
    ),
    // Several conditions, and conditions with a range.
    ("GET", RECORDING, &[("If-None-Match", "\"other\""), ("If-Modified-Since", PUBLISHED)], Same),
    (
        "GET",
        RECORDING,
        &[("If-None-Match", TAG), ("If-Modified-Since", BEFORE)],
        ours(304, "RFC 9110 13.2.2 step 4: with If-None-Match, If-Modified-Since does not count"),
    ),
    (
        "GET",
        RECORDING,
        &[("If-Match", TAG), ("If-Unmodified-Since", BEFORE)],
        ours(200, "RFC 9110 13.2.2 step 2: with If-Match, If-Unmodified-Since does not count"),
    ),
    ("GET", RECORDING, &[("If-Match", "\"other\""), ("If-None-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-Match", TAG), ("If-None-Match", TAG)], Same),
    ("GET", RECORDING, &[("If-None-Match", TAG), ("Range", "bytes=0-9")], Same),
    ("GET", RECORDING, &[("If-None-Match", TAG), ("Range", "bytes=10000-")], Same),
    ("GET", RECORDING, &[("If-None-Match", "\"other\""), ("Range", "bytes=0-9")], Same),
    ("GET", RECORDING, &[("If-Match", "\"other\""), ("Range", "bytes=0-9")], Same),
    ("GET", RECORDING, &[("If-Match", TAG), ("Range", "bytes=0-9")], Same),
    // An empty file.
    ("GET", EMPTY, &[], Same),
    ("HEAD", EMPTY, &[], Same),
    ("GET", EMPTY, &[("Range", "bytes=5-")], Same),
    ("GET", EMPTY, &[("Range", "bytes=0-")], Same),
    ("GET", EMPTY, &[("Range", "bytes=0-0")], Same),
    ("GET", EMPTY, &[("Range", "bytes=-5")], Same),
    ("GET", EMPTY, &[("Range", "bytes=-0")], Same),
];

const MULTIPART: &str = "RFC 9110 14.2: Range may be ignored; no player asks for a multipart";
const RANGE_IS_FOR_GET: &str = "RFC 9110 14.2: Range is defined for GET alone and else ignored";

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
            Same => (nginx != us).then(|| format!("nginx {nginx:?}, we {us:?}")),
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

/// One answer, from the wire.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What must be the same for both servers.
#[derive(PartialEq, Eq)]
struct Compared {
    status: u16,
    content_range: Option<String>,
    content_length: Option<String>,
    body: Vec<u8>,
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

    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
    }

    fn compared(&self) -> Compared {
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
async fn ask(
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
        request += &format!("{name}: {}\r\n", value.replace(TAG, &tag));
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).await.expect("a request can be sent");
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await.expect("an answer can be read");
    Answer::read(&raw)
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
    Extension(handoff): Extension<Handoff>,
) -> Response {
    let len = file.metadata().expect("a file's length").len();
    let digest = format!("{len:064x}");
    let recording = Representation::new(&digest, published(), len, "audio/wav", "CA1.wav")
        .expect("a representation");
    let outcome = evaluate(&method, &headers, &recording);
    let body = |range| RecordingBody::new(Source::File(file), range, Some(handoff));
    respond(outcome, &recording, Disposition::Inline, body).unwrap_or_else(|refused| {
        let mut response = refused.status().into_response();
        refused.add_headers(response.headers_mut());
        response
    })
}

/// An nginx that serves one folder on a socket there; ends with the test.
struct Nginx {
    process: Child,
    socket: std::path::PathBuf,
}

impl Nginx {
    /// `None` where there is no nginx and none was asked for.
    fn start(folder: &TempDir) -> Option<Self> {
        let wanted = std::env::var_os("TAPEDECK_TEST_NGINX");
        let program = wanted.clone().unwrap_or_else(|| "nginx".into());
        let version = match Command::new(&program).arg("-V").output() {
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) if wanted.is_none() && error.kind() == ErrorKind::NotFound => {
                println!("not compared: no nginx in PATH, and TAPEDECK_TEST_NGINX names none");
                return None;
            }
            Err(error) => panic!("{} cannot be run: {error}", program.display()),
        };
        let configuration = folder.path().join("nginx.conf");
        std::fs::write(&configuration, configure(folder.path(), &version)).expect("a file");
        let process = Command::new(&program)
            .args(["-e", "stderr", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(configuration)
            .stderr(Stdio::piped())
            .spawn()
            .expect("nginx starts, since it told its version");
        let mut nginx = Self { process, socket: folder.path().join("nginx.sock") };
        nginx.wait_until_it_listens();
        Some(nginx)
    }

    /// nginx tells of its event method once its sockets listen; its log ends if it fails.
    fn wait_until_it_listens(&mut self) {
        let log = BufReader::new(self.process.stderr.take().expect("piped above"));
        let mut lines = log.lines().map_while(Result::ok);
        let mut told = String::new();
        let listens = lines.by_ref().any(|line| {
            told = told.clone() + &line + "\n";
            line.contains("event method")
        });
        assert!(listens, "nginx does not start:\n{told}");
        // Else it would stop at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let stream = UnixStream::connect(&self.socket).await.expect("nginx listens");
        ask(stream, method, path, headers).await
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One process that is us, so that it can read the folder; a socket file, so that no port can be
/// taken meanwhile; nothing written outside the folder.
fn configure(folder: &Path, version: &str) -> String {
    let has = |module: &&str| !version.contains(&format!("--without-http_{module}_module"));
    let temporary: String = ["proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .filter(|module| has(module))
        .map(|module| format!("    {module}_temp_path {module};\n"))
        .collect();
    let folder = folder.display();
    format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {{ }}
http {{
    access_log off;
    client_body_temp_path body;
{temporary}    # Later than published is not modified either (RFC 9110 13.1.3); nginx's default is exact.
    if_modified_since before;
    server {{
        listen unix:{folder}/nginx.sock;
        root {folder};
    }}
}}
"
    )
}
