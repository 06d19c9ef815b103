//! The settings: read once from the environment and from files, parsed into types, and passed on.
//! Decides nothing. An error is one line that names the variable, or the line and column in the
//! file, the value and what would do.

mod credential;
mod database;
mod embed;
mod error;
mod file;
mod layers;
mod public_url;
mod reader;
mod s3;
mod source;
mod storage;
#[cfg(test)]
mod tests;
mod token;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use fetch::{AllowList, Credentials};
use tracing_subscriber::EnvFilter;

pub use self::{
    database::DatabaseUrl,
    embed::EmbedOrigins,
    error::InvalidSetting,
    file::Position,
    layers::{Origin, Recorded},
    public_url::PublicUrl,
    source::{Door, Reconcile, SourceName, SourceSettings},
    storage::StorageUrl,
    token::AdminToken,
};
use self::{error::Value, layers::Layers, reader::Reader};
use crate::{access::link::LinkKeys, engine::rules::Policy, storage::S3Options};

/// All settings. README.md explains each of them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TAPEDECK_DATABASE_URL`
    pub database: DatabaseUrl,
    /// `TAPEDECK_REDIS_URL`; may hold a password.
    pub redis_url: Option<RedisUrl>,
    /// `TAPEDECK_STORAGE_URL`
    pub storage: StorageUrl,
    /// The `AWS_*` variables, where the storage is a bucket.
    pub s3: S3Options,
    /// Job timeout, attempts, window and lease.
    pub policy: Policy,
    /// `TAPEDECK_RUN_DEADLINE`; shorter than the job timeout.
    pub run_deadline: Duration,
    /// `TAPEDECK_DRAIN`
    pub drain: Duration,
    /// `TAPEDECK_SHUTDOWN_GRACE`
    pub shutdown_grace: Duration,
    /// `TAPEDECK_SWEEP_INTERVAL`
    pub sweep_interval: Duration,
    /// `TAPEDECK_WORKER_CONCURRENCY`
    pub worker_concurrency: u32,
    /// `TAPEDECK_MAX_RECORDING_BYTES`
    pub max_recording_bytes: u64,
    /// `TAPEDECK_PROVIDER_ALLOW` and `TAPEDECK_PROVIDER_AUTH`
    pub provider: fetch::Policy,
    /// `TAPEDECK_PROVIDER_PROXY`
    pub provider_proxy: Option<fetch::Proxy>,
    /// `TAPEDECK_CA_FILE`: roots that providers' certificates may have, beside the machine's own.
    pub roots: Vec<fetch::Certificate>,
    /// `TAPEDECK_ADMIN_TOKEN`
    pub admin_token: Option<AdminToken>,
    /// `TAPEDECK_PUBLIC_PLAYBACK`
    pub public_playback: bool,
    /// `TAPEDECK_PUBLIC_URL`
    pub public_url: Option<PublicUrl>,
    /// `TAPEDECK_LINK_KEYS`; none: no signed links.
    pub link_keys: LinkKeys,
    /// `TAPEDECK_EMBED_ORIGINS`; none: only this site's own pages may frame `/embed`.
    pub embed_origins: EmbedOrigins,
    /// `TAPEDECK_METRICS_ADDR`
    pub metrics_addr: Option<SocketAddr>,
    /// `TAPEDECK_LOG`, as a filter in `tracing-subscriber`'s notation.
    pub log: Option<String>,
    /// `TAPEDECK_LOG_FORMAT`
    pub log_format: LogFormat,
    /// `LEPTOS_SITE_ADDR`
    pub site_addr: SocketAddr,
    /// `LEPTOS_SITE_ROOT`
    pub site_root: PathBuf,
    /// Whether `cargo leptos` started this process: it sets `LEPTOS_BIN_DIR` for the programs that it
    /// runs.
    pub under_cargo_leptos: bool,
    /// The `[[source]]` entries of the file that `TAPEDECK_CONFIG` names.
    pub sources: Vec<SourceSettings>,
    /// Variables that begin with `TAPEDECK_`, and keys of the file, that are no setting.
    pub unknown: Vec<String>,
    /// Each setting as it was read, secrets masked: for `tapedeck config check`.
    pub records: Vec<Recorded>,
}

/// A URL of Redis, checked to be one. [`Debug`] hides it: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// The whole URL, for the client; not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisUrl(…)")
    }
}

/// A third of the lease is the interval of its renewals; a shorter lease would expire between two of
/// them on a busy machine.
const SHORTEST_LEASE: Duration = Duration::from_secs(3);
/// A sweep reads every active run.
const SHORTEST_SWEEP: Duration = Duration::from_secs(1);

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Settings {
    /// Reads the settings from variables: pairs of name and value, as `std::env::vars_os` gives.
    /// `TAPEDECK_CONFIG` may name a file among them.
    pub fn read(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, InvalidSetting> {
        Self::read_with(variables, [], [])
    }

    /// The same. What systemd's credentials and `.env` have counts after the environment and the file,
    /// in this order.
    pub fn read_with(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        credentials: impl IntoIterator<Item = (OsString, OsString)>,
        dot_env: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, InvalidSetting> {
        let mut reader = Reader::new(Layers::read(environment, credentials, dot_env)?);
        let default = Policy::default();
        let job_timeout = reader.duration("TAPEDECK_JOB_TIMEOUT", default.job_timeout)?;
        let policy = Policy {
            job_timeout,
            max_attempts: reader.count("TAPEDECK_MAX_RETRY_ATTEMPTS", default.max_attempts)?,
            retry_window: reader.duration("TAPEDECK_RETRY_WINDOW", default.retry_window)?,
            lease: reader.duration_from("TAPEDECK_LEASE", SHORTEST_LEASE, default.lease)?,
        };
        let run_deadline = reader.duration("TAPEDECK_RUN_DEADLINE", job_timeout * 4 / 5)?;
        let storage = reader.parse("TAPEDECK_STORAGE_URL")?.unwrap_or_default();
        let s3 = match storage {
            StorageUrl::Files(_) => S3Options::default(),
            StorageUrl::S3(_) => s3::read(&mut reader)?,
        };
        let mut settings = Self {
            database: reader.parse("TAPEDECK_DATABASE_URL")?.unwrap_or_default(),
            redis_url: reader.secret("TAPEDECK_REDIS_URL", redis_url)?,
            storage,
            s3,
            policy,
            run_deadline,
            drain: reader.duration("TAPEDECK_DRAIN", Duration::from_secs(5))?,
            shutdown_grace: reader.duration("TAPEDECK_SHUTDOWN_GRACE", Duration::from_secs(20))?,
            sweep_interval: reader.duration_from(
                "TAPEDECK_SWEEP_INTERVAL",
                SHORTEST_SWEEP,
                Duration::from_secs(30),
            )?,
            worker_concurrency: reader.count("TAPEDECK_WORKER_CONCURRENCY", 4)?,
            max_recording_bytes: reader.size("TAPEDECK_MAX_RECORDING_BYTES", 2 << 30)?,
            provider: fetch::Policy::new(
                reader.parse::<AllowList>("TAPEDECK_PROVIDER_ALLOW")?,
                reader
                    .secret("TAPEDECK_PROVIDER_AUTH", |text| {
                        text.parse::<Credentials>().map_err(|error| error.to_string())
                    })?
                    .unwrap_or_default(),
            ),
            provider_proxy: reader.secret("TAPEDECK_PROVIDER_PROXY", |text| {
                text.parse::<fetch::Proxy>().map_err(|error| error.to_string())
            })?,
            roots: reader.checked("TAPEDECK_CA_FILE", roots)?.unwrap_or_default(),
            admin_token: reader.secret("TAPEDECK_ADMIN_TOKEN", AdminToken::parse)?,
            public_playback: reader.flag("TAPEDECK_PUBLIC_PLAYBACK")?,
            public_url: reader.parse("TAPEDECK_PUBLIC_URL")?,
            link_keys: reader.secret("TAPEDECK_LINK_KEYS", str::parse)?.unwrap_or_default(),
            embed_origins: reader.parse("TAPEDECK_EMBED_ORIGINS")?.unwrap_or_default(),
            metrics_addr: reader.checked("TAPEDECK_METRICS_ADDR", metrics_addr)?,
            log: reader.checked("TAPEDECK_LOG", log_filter)?,
            log_format: reader.checked("TAPEDECK_LOG_FORMAT", log_format)?.unwrap_or_default(),
            site_addr: reader
                .checked("LEPTOS_SITE_ADDR", site_addr)?
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000))),
            site_root: reader
                .checked("LEPTOS_SITE_ROOT", site_root)?
                .unwrap_or_else(|| "target/site".into()),
            under_cargo_leptos: reader.is_set("LEPTOS_BIN_DIR"),
            sources: Vec::new(),
            unknown: Vec::new(),
            records: Vec::new(),
        };
        settings.unknown = reader.unknown();
        let (records, layers) = reader.finish();
        settings.records = records;
        settings.sources = layers.sources;
        settings.check()?;
        Ok(settings)
    }

    /// Refuses settings that are valid alone and contradict each other.
    fn check(&self) -> Result<(), InvalidSetting> {
        let Policy { job_timeout, retry_window, .. } = self.policy;
        let shown = |time: Duration| Value::Shown(humantime::format_duration(time).to_string());
        if retry_window <= job_timeout {
            let longest = humantime::format_duration(job_timeout);
            let advice = format!("must be longer than TAPEDECK_JOB_TIMEOUT, which is {longest}");
            return Err(InvalidSetting::new("TAPEDECK_RETRY_WINDOW", shown(retry_window), advice));
        }
        if self.run_deadline >= job_timeout {
            let longest = humantime::format_duration(job_timeout);
            let advice = format!("must be shorter than TAPEDECK_JOB_TIMEOUT, which is {longest}");
            let deadline = shown(self.run_deadline);
            return Err(InvalidSetting::new("TAPEDECK_RUN_DEADLINE", deadline, advice));
        }
        if let (None, Some(source)) = (&self.public_url, self.sources.first()) {
            let advice = format!(
                "is not set, and the source {} needs it: providers sign the address; write it as \
                 https://calls.example.com",
                source.name
            );
            return Err(InvalidSetting::new("TAPEDECK_PUBLIC_URL", Value::NotShown, advice));
        }
        if self.admin_token.is_none() && !self.site_addr.ip().is_loopback() {
            return Err(InvalidSetting::new(
                "LEPTOS_SITE_ADDR",
                Value::Shown(self.site_addr.to_string()),
                "is open to other machines; set TAPEDECK_ADMIN_TOKEN to 16 characters or more, or \
                 choose a loopback address such as 127.0.0.1:3000",
            ));
        }
        Ok(())
    }
}

fn redis_url(text: &str) -> Result<RedisUrl, String> {
    match redis::Client::open(text) {
        Ok(_) => Ok(RedisUrl(text.to_owned())),
        Err(_) => Err("is not a URL of Redis; write it as redis://host:6379".to_owned()),
    }
}

fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err("is not a log filter; write error, warn, info, debug or trace, or such as \
                  info,server::worker=debug"
            .to_owned()),
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("is neither text nor json".to_owned()),
    }
}

fn site_addr(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "is not an address with a port; write it as 127.0.0.1:3000 or [::1]:3000".to_owned()
    })
}

fn metrics_addr(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "is not an address with a port; write it as 127.0.0.1:9464 or 0.0.0.0:9464".to_owned()
    })
}

/// The certificates of a PEM file.
fn roots(path: &str) -> Result<Vec<fetch::Certificate>, String> {
    let advice = "name a file of certificates in PEM";
    let bytes =
        std::fs::read(path).map_err(|error| format!("can't be read ({error}); {advice}"))?;
    match fetch::Certificate::from_pem_bundle(&bytes) {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        _ => Err(format!("holds no certificate; {advice}")),
    }
}

fn site_root(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("is empty; name a folder".to_owned()) } else { Ok(text.into()) }
}
