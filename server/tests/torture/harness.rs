//! Everything that takes part: databases, storage, provider, servers, workers.

use std::{
    net::TcpListener,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use reqwest::Client;
use tokio::sync::Mutex;

use crate::{
    cluster::{Cluster, Process},
    listener::Servers,
    plan::Plan,
    postgres_server::Database,
    provider::Provider,
    redis_server::Redis,
    s3_server::S3,
};

/// T.
pub(crate) const JOB_TIMEOUT: Duration = Duration::from_secs(6);
/// W.
pub(crate) const RETRY_WINDOW: Duration = Duration::from_secs(15);
/// M.
pub(crate) const MAX_ATTEMPTS: u32 = 3;
const SERVERS: usize = 2;
const WORKERS: usize = 2;

pub(crate) struct Harness {
    pub(crate) provider: Provider,
    pub(crate) postgres: Database,
    pub(crate) redis: Redis,
    /// Held while something is done to it.
    pub(crate) s3: Mutex<S3>,
    pub(crate) cluster: Cluster,
    pub(crate) servers: Servers,
    pub(crate) folder: tempfile::TempDir,
}

impl Harness {
    /// `None` where this machine lacks something; then it has been said.
    pub(crate) async fn start(plan: &Plan) -> Option<Self> {
        let postgres = Database::alone().await?;
        let redis = Redis::start()?;
        let s3 = S3::start()?;
        let provider = Provider::start(plan).await;
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&postgres, &redis, &s3, &provider);

        let addresses: Vec<_> = (0..SERVERS).map(|_| free_address()).collect();
        let servers = addresses.iter().enumerate().map(|(n, address)| {
            let own = [&settings[..], &[("LEPTOS_SITE_ADDR".into(), address.clone())]].concat();
            // One has a worker inside.
            let arguments: &[&str] = if n == 0 { &["serve"] } else { &["serve", "--no-worker"] };
            Process::start(&format!("server-{n}"), arguments, &own, folder.path(), n)
        });
        let servers = servers.collect();
        let workers = (0..WORKERS).map(|n| {
            let name = format!("worker-{n}");
            Process::start(&name, &["worker"], &settings, folder.path(), SERVERS + n)
        });
        let cluster = Cluster { servers, workers: workers.collect(), revived: AtomicU64::new(0) };

        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().build().unwrap();
        let urls = addresses.iter().map(|address| format!("http://{address}")).collect();
        let servers = Servers { http, urls: Arc::new(urls) };
        let s3 = Mutex::new(s3);
        Some(Self { provider, postgres, redis, s3, cluster, servers, folder })
    }

    /// Does something at any server, until one does it. Gives the status.
    pub(crate) async fn insist(&self, method: reqwest::Method, path: &str, body: String) -> u16 {
        for n in 0.. {
            let url = &self.servers.urls[n % self.servers.urls.len()];
            let request = self.servers.http.request(method.clone(), format!("{url}{path}"));
            let request = request.timeout(Duration::from_secs(5));
            let request = request.header("Content-Type", "application/json").body(body.clone());
            if let Ok(answer) = request.send().await
                && answer.status().as_u16() < 500
            {
                return answer.status().as_u16();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        unreachable!("it insists");
    }

    pub(crate) async fn register(&self, sid: &str, version: u32) -> u16 {
        let body = serde_json::json!({ "recording_url": self.provider.url(sid, version) });
        self.insist(reqwest::Method::PUT, &format!("/api/calls/{sid}"), body.to_string()).await
    }
}

fn settings(
    postgres: &Database,
    redis: &Redis,
    s3: &S3,
    provider: &Provider,
) -> Vec<(String, String)> {
    let seconds = |time: Duration| format!("{}s", time.as_secs());
    let mut settings = [
        ("TAPEDECK_DATABASE_URL", postgres.url()),
        ("TAPEDECK_REDIS_URL", redis.url()),
        ("TAPEDECK_PROVIDER_ALLOW", provider.address.to_string()),
        ("TAPEDECK_JOB_TIMEOUT", seconds(JOB_TIMEOUT)),
        ("TAPEDECK_RETRY_WINDOW", seconds(RETRY_WINDOW)),
        ("TAPEDECK_MAX_RETRY_ATTEMPTS", MAX_ATTEMPTS.to_string()),
        ("TAPEDECK_LEASE", "3s".to_owned()),
        ("TAPEDECK_SWEEP_INTERVAL", "2s".to_owned()),
        ("TAPEDECK_SHUTDOWN_GRACE", "1s".to_owned()),
        ("TAPEDECK_DRAIN", "1ms".to_owned()),
        ("TAPEDECK_WORKER_CONCURRENCY", "3".to_owned()),
    ]
    .to_vec();
    settings.extend(s3.settings());
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
