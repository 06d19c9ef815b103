//! Downloads from a real HTTP server on 127.0.0.1. Pauses are a millisecond here; the tests of `retry`
//! cover their real lengths.

mod addresses;
mod body;
mod buckets;
mod clear_text;
mod codings;
mod redirects;
mod resuming;
mod retries;
mod stub;
mod tls;

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use self::stub::{Reply, Stub};
use super::*;

const AGENT: &str = "fetch-tests/1";
const AUDIO: &[u8] = b"RIFF\x0c\0\0\0WAVEdata....";
/// In every path, so that a reason that holds a URL is found out.
const PATH: &str = "/secret.wav?token=secret";

/// Keeps what it is given.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    restarts: usize,
    full: bool,
}

#[async_trait]
impl Sink for Kept {
    async fn restart(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.restarts += 1;
        Ok(())
    }

    async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        if self.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }
}

/// Names with addresses, one list of addresses for each look-up; the last again and again.
#[derive(Default)]
struct Names(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Names {
    fn new<'a>(names: impl IntoIterator<Item = (&'a str, Vec<&'a [&'a str]>)>) -> Self {
        let parse = |ips: &[&str]| ips.iter().map(|ip| ip.parse().unwrap()).collect();
        let names = names.into_iter().map(|(name, lookups)| {
            (name.to_owned(), lookups.into_iter().map(parse).collect::<Vec<_>>())
        });
        Self(Mutex::new(names.collect()))
    }
}

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let lookups = names.get_mut(name.trim_end_matches('.')).ok_or(io::ErrorKind::NotFound)?;
        Ok(if lookups.len() > 1 { lookups.remove(0) } else { lookups[0].clone() })
    }
}

/// A fetch to be made.
struct Fetch {
    allow: Option<String>,
    credentials: Credentials,
    names: Names,
    roots: Vec<Certificate>,
    proxy: Option<Proxy>,
    timing: Timing,
    limits: Limits,
    sink: Kept,
    progress: Vec<(u64, Option<u64>)>,
}

impl Fetch {
    /// Nothing is allowed by name.
    fn anywhere() -> Self {
        Self {
            allow: None,
            credentials: Credentials::default(),
            names: Names::new([("localhost", vec![&["127.0.0.1"][..]])]),
            roots: Vec::new(),
            proxy: None,
            timing: Timing {
                first_pause: Duration::from_millis(1),
                longest_pause: Duration::from_millis(1),
                missing: Duration::from_millis(10),
                ..Timing::default()
            },
            limits: Limits::new(1_000_000, Instant::now() + Duration::from_secs(60)),
            sink: Kept::default(),
            progress: Vec::new(),
        }
    }

    /// These stubs are allowed, as 127.0.0.1 and as localhost.
    fn from(stubs: &[&Stub]) -> Self {
        let named = |stub: &&Stub| {
            let port = stub.address.port();
            format!("127.0.0.1:{port},localhost:{port}")
        };
        Self::anywhere().allowing(&stubs.iter().map(named).collect::<Vec<_>>().join(","))
    }

    fn allowing(self, list: &str) -> Self {
        Self { allow: Some(list.to_owned()), ..self }
    }

    fn with_credentials(self, credentials: &str) -> Self {
        Self { credentials: credentials.parse().unwrap(), ..self }
    }

    fn with_names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    fn at_most(mut self, max_bytes: u64) -> Self {
        self.limits.max_bytes = max_bytes;
        self
    }

    fn within(mut self, time: Duration) -> Self {
        self.limits.deadline = Instant::now() + time;
        self
    }

    fn fetcher(&mut self) -> Fetcher {
        let allow = self.allow.as_deref().map(|list| list.parse().unwrap());
        let policy = Policy::new(allow, self.credentials.clone());
        let names = Arc::new(std::mem::take(&mut self.names));
        let setup = Setup {
            timing: self.timing,
            roots: self.roots.clone(),
            proxy: self.proxy.clone(),
            ..Setup::new(AGENT, || SystemTime::UNIX_EPOCH)
        };
        Fetcher::with_lookup(policy, &setup, names).unwrap()
    }

    async fn run(&mut self, url: &str) -> Result<Fetched, FetchError> {
        let fetcher = self.fetcher();
        let progress = &mut self.progress;
        let mut note = |done, total| progress.push((done, total));
        fetcher.fetch(&url.parse().unwrap(), &mut self.sink, self.limits, &mut note).await
    }

    /// The bytes, where it works.
    async fn bytes(mut self, url: &str) -> Vec<u8> {
        let fetched = self.run(url).await.unwrap();
        assert_eq!(fetched.bytes, self.sink.bytes.len() as u64);
        self.sink.bytes
    }

    /// The failure, where it does not; no reason may give anything away.
    async fn failure(mut self, url: &str) -> FetchFailure {
        match self.run(url).await {
            Err(FetchError::Provider(failure)) => {
                for secret in ["secret", "127.0.0.1", "localhost", "http:", "password"] {
                    assert!(!failure.reason.contains(secret), "{failure}");
                }
                failure
            }
            other => panic!("{other:?}"),
        }
    }
}
