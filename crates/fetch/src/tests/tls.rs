//! The provider over https, at a server whose certificate is its own. The certificate and its key
//! were made for these tests and guard nothing:
//! `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500
//! -subj "/CN=tapedeck tests" -addext subjectAltName=DNS:localhost
//! -addext basicConstraints=critical,CA:FALSE`

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::*;

const CERTIFICATE: &[u8] = include_bytes!("localhost.cert.pem");
const KEY: &[u8] = include_bytes!("localhost.key.pem");

/// Gives every request over TLS the same answer, on a thread of its own.
struct TlsStub {
    port: u16,
    requests: mpsc::Receiver<String>,
}

impl TlsStub {
    fn start(answer: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, requests) = mpsc::channel();
        let (config, answer) = (config(), answer.into());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if let Ok(head) = converse(stream.unwrap(), Arc::clone(&config), &answer) {
                    let _ = seen.send(head); // the test may be over
                }
            }
        });
        Self { port, requests }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}{PATH}", self.port)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }

    fn fetch(&self) -> Fetch {
        Fetch::anywhere()
            .allowing(&format!("localhost:{}", self.port))
            .with_credentials("localhost=user:password")
    }

    fn trusted(&self) -> Fetch {
        let root = reqwest::Certificate::from_pem(CERTIFICATE).unwrap();
        Fetch { roots: vec![root], ..self.fetch() }
    }
}

fn config() -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    Arc::new(config.unwrap())
}

fn converse(stream: TcpStream, config: Arc<ServerConfig>, answer: &str) -> io::Result<String> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut tls = StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tls.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    tls.write_all(answer.as_bytes())?;
    tls.conn.send_close_notify();
    tls.flush()?;
    Ok(head)
}

#[tokio::test]
async fn a_recording_and_credentials_travel_over_https() {
    let stub = TlsStub::start("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nRIFFxy");
    assert_eq!(stub.trusted().bytes(&stub.url()).await, b"RIFFxy");
    let request = stub.requests.recv().unwrap();
    assert!(request.contains("authorization: basic"), "{request}");
}

#[tokio::test]
async fn a_certificate_without_a_trusted_root_is_not_accepted() {
    let stub = TlsStub::start("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nRIFFxy");
    let failure = stub.fetch().within(Duration::from_millis(500)).failure(&stub.url()).await;
    assert_eq!(failure, FetchFailure::transient("provider's certificate was not accepted"));
    assert_eq!(stub.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_refused() {
    let plain = Stub::start([Reply::ok(AUDIO)]).await;
    let location = plain.url("localhost", PATH);
    let stub = TlsStub::start(format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n"));
    let failure = stub.trusted().failure(&stub.url()).await;
    assert_eq!(failure, FetchFailure::rejected("provider redirects from https to http"));
    assert_eq!(plain.connections(), 0);
}
