//! Processes of the program on a PostgreSQL of their own, and what is asked of them.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use reqwest::{Client, Method, Response};
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::{
    postgres_server::Database,
    redis_server::Redis,
    stub::{Reply, Stub},
};

/// Requests that are under way at once while many calls are registered.
const AT_ONCE: usize = 16;

pub(crate) struct Harness {
    pub(crate) provider: Stub,
    pub(crate) redis: Redis,
    pub(crate) address: String,
    postgres: Database,
    processes: Vec<Child>,
    http: Client,
    folder: tempfile::TempDir,
}

impl Harness {
    /// One server, with a worker inside or without.
    pub(crate) async fn new(serve: &[&str]) -> Self {
        let postgres = Database::durable().await.expect("PostgreSQL is installed");
        let redis = Redis::start().expect("redis-server is installed");
        let provider = Stub::start().await;
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let (folder, http) = (tempfile::tempdir().unwrap(), Client::builder().build().unwrap());
        let processes = Vec::new();
        let mut harness = Self { provider, redis, address, postgres, processes, http, folder };
        harness.start(&[&["serve"], serve].concat());
        while harness.send(Method::GET, "/readyz", None).await.is_none_or(|a| a.status() != 200) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        harness
    }

    pub(crate) fn start(&mut self, arguments: &[&str]) {
        self.start_with(arguments, &[]);
    }

    pub(crate) fn start_with(&mut self, arguments: &[&str], settings: &[(&str, &str)]) {
        let storage = format!("file://{}/recordings", self.folder.path().display());
        let process = Command::new(env!("CARGO_BIN_EXE_tapedeck"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("LEPTOS_SITE_ADDR", &self.address)
            .env("TAPEDECK_DATABASE_URL", self.postgres.url())
            .env("TAPEDECK_REDIS_URL", self.redis.url())
            .env("TAPEDECK_STORAGE_URL", storage)
            .env("TAPEDECK_PROVIDER_ALLOW", self.provider.address.to_string())
            .env("TAPEDECK_LOG", "error")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .spawn();
        self.processes.push(process.unwrap());
    }

    /// Resident memory of the server, in bytes (`VmRSS`, proc(5)).
    pub(crate) fn server_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.processes[0].id()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0
    }

    /// Registers calls with this recording.
    pub(crate) async fn register(&self, calls: &[String], reply: &Reply) {
        self.each(calls, async |call| {
            let url = self.provider.serve(&format!("/{call}"), reply.clone());
            let body = serde_json::json!({ "recording_url": url }).to_string();
            let answer = self.send(Method::PUT, &format!("/api/calls/{call}"), Some(body)).await;
            assert_eq!(answer.unwrap().status(), 201);
        })
        .await;
    }

    /// Queues them without hurry.
    pub(crate) async fn prefetch(&self, calls: &[String]) {
        self.each(calls, async |call| {
            let path = format!("/api/calls/{call}/prefetch");
            assert_eq!(self.send(Method::POST, &path, None).await.unwrap().status(), 202);
        })
        .await;
    }

    async fn each(&self, calls: &[String], work: impl AsyncFn(&str)) {
        stream::iter(calls).for_each_concurrent(AT_ONCE, |call| work(call)).await;
    }

    /// Asks for a recording, held by the server until it is there.
    pub(crate) async fn playable(&self, call: &str) {
        loop {
            let request = self.http.get(format!("http://{}{}", self.address, file(call)));
            let answer = request.header("Prefer", "wait=30").send().await.unwrap();
            match answer.status().as_u16() {
                200 => return drop(answer.bytes().await.unwrap()),
                202 => {}
                other => panic!("{call}: {other}"),
            }
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<String>) -> Option<Response> {
        let request = self.http.request(method, format!("http://{}{path}", self.address));
        let request = request.header("Content-Type", "application/json");
        request.body(body.unwrap_or_default()).send().await.ok()
    }

    /// One number from the database.
    pub(crate) async fn number(&self, sql: &'static str) -> f64 {
        let mut database = PgConnection::connect(&self.postgres.url()).await.unwrap();
        sqlx::query(sql).fetch_one(&mut database).await.unwrap().get::<f64, _>(0)
    }

    /// When the call's run ended, in seconds since 1970.
    pub(crate) async fn finished_at(&self, call: &str) -> f64 {
        let mut database = PgConnection::connect(&self.postgres.url()).await.unwrap();
        sqlx::query("SELECT finished_at / 1e6::float8 FROM recording_runs WHERE call_sid = $1")
            .bind(call)
            .fetch_one(&mut database)
            .await
            .unwrap()
            .get(0)
    }

    pub(crate) async fn until_the_queue_is_empty(&self) {
        // On one connection: each new one is a process of PostgreSQL's.
        let mut database = PgConnection::connect(&self.postgres.url()).await.unwrap();
        let left = "SELECT count(*) FROM recording_runs WHERE status IN ('queued', 'running')";
        while sqlx::query_scalar::<_, i64>(left).fetch_one(&mut database).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

pub(crate) fn file(call: &str) -> String {
    format!("/api/recordings/file/{call}")
}

pub(crate) fn calls(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{name}-{n}")).collect()
}

/// A recording of this length.
pub(crate) fn wav(bytes: usize) -> Reply {
    Reply::silence(bytes)
}

/// The same, of which half comes when the provider is told to go on.
pub(crate) fn halting(bytes: usize) -> Reply {
    let mut body = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0".to_vec();
    body.resize(bytes, 0);
    Reply::halting(&body)
}
