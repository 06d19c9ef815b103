//! Opens what the settings name: database, storage, Redis, and the services on top of them. Every failure is
//! one line that says what would do.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use fetch::{Fetcher, Setup};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    clock::{Clock, SystemClock, wall_clock},
    config::{DatabaseUrl, Settings, StorageUrl},
    engine::{
        AttemptCounter, ChangeNotifier, CounterState, LongPoll, NoAttemptCounter, QueueCache,
        RecordingService, relay_changes,
    },
    http::Scrape,
    metrics::Metrics,
    redis::RedisAttemptCounter,
    storage::{FileStorage, OpenError, S3Storage, Storage, take_ownership},
    store::{PostgresStore, SqliteStore, Store},
    worker::{Sweeper, Worker, WorkerDeps, WorkerLimits},
};

/// Hints that wait to be sent to the other processes. Further ones are dropped; the others poll as well.
const HINTS: usize = 10_000;

/// How long a reading of the queue serves all readers.
const QUEUE_HOLDS: Duration = Duration::from_secs(1);

/// The services that a server and a worker share.
pub struct Services {
    /// The program's clock.
    pub clock: Arc<dyn Clock>,
    /// The database.
    pub store: Arc<dyn Store>,
    /// Where recordings are kept.
    pub storage: Storage,
    /// The attempt counter in Redis, or none.
    pub attempt_counter: Arc<dyn AttemptCounter>,
    /// Reports every change.
    pub notifier: Arc<ChangeNotifier>,
    /// Decides on runs.
    pub service: Arc<RecordingService>,
    /// Reads the queue for all readers.
    pub queue: Arc<QueueCache>,
    /// The counters of this process.
    pub metrics: Arc<Metrics>,
    /// Relays changes until it is dropped.
    #[expect(dead_code, reason = "held, never read")]
    relay: AbortOnDropHandle<()>,
}

/// Opens the database alone, and migrates it.
pub async fn open_store(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>> {
    let lease_policy = settings.policy.lease_policy();
    Ok(match &settings.database {
        DatabaseUrl::Sqlite(path) => {
            let store = SqliteStore::open(path, clock, lease_policy).await;
            Arc::new(store.with_context(|| {
                format!("TAPEDECK_DATABASE_URL: the database {} can't be used", path.display())
            })?)
        }
        DatabaseUrl::Postgres(dsn) => {
            let store = PostgresStore::open(dsn, lease_policy).await;
            Arc::new(store.with_context(|| format!("TAPEDECK_DATABASE_URL: {dsn} can't be used"))?)
        }
    })
}

/// As [`open_store`], but creates no database: an operator's command on an empty new database would mislead.
pub async fn open_existing_store(
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Store>> {
    if let DatabaseUrl::Sqlite(path) = &settings.database
        && !path.exists()
    {
        let path = path.display();
        bail!("TAPEDECK_DATABASE_URL: there is no database {path}; name the server's own");
    }
    open_store(settings, clock).await
}

fn open_attempt_counter(
    settings: &Settings,
    metrics: &Arc<Metrics>,
) -> Result<Arc<dyn AttemptCounter>> {
    Ok(match &settings.redis_url {
        Some(url) => {
            let attempt_counter = RedisAttemptCounter::new(url.as_str());
            let attempt_counter = attempt_counter.context("TAPEDECK_REDIS_URL can't be used")?;
            Arc::new(attempt_counter.with_metrics(metrics.clone()))
        }
        None => Arc::new(NoAttemptCounter),
    })
}

/// A service for a command that is neither server nor worker. Where Redis does not answer it is left
/// alone: to wait for it at each of many calls would take too long, and the rows decide.
pub async fn recording_service_on(
    settings: &Settings,
    store: Arc<dyn Store>,
) -> Result<RecordingService> {
    let mut attempt_counter = open_attempt_counter(settings, &Arc::default())?;
    if attempt_counter.state().await == CounterState::Unreachable {
        attempt_counter = Arc::new(NoAttemptCounter);
    }
    Ok(RecordingService::new(store, attempt_counter, settings.policy, Arc::default()))
}

impl Services {
    /// Opens everything. Must be called on a Tokio runtime.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = open_store(settings, clock.clone()).await?;
        let storage = open_own_storage(settings, &*store).await.context("TAPEDECK_STORAGE_URL")?;
        let metrics = Arc::<Metrics>::default();
        let attempt_counter = open_attempt_counter(settings, &metrics)?;
        let (others, hints) = mpsc::channel(HINTS);
        let notifier = Arc::new(ChangeNotifier::with_peers(others));
        let service = RecordingService::new(
            store.clone(),
            attempt_counter.clone(),
            settings.policy,
            notifier.clone(),
        );
        let service = Arc::new(service.with_metrics(metrics.clone()));
        let relay = relay_changes(store.clone(), notifier.clone(), hints);
        let relay = AbortOnDropHandle::new(tokio::spawn(relay));
        let queue = Arc::new(QueueCache::new(store.clone(), QUEUE_HOLDS));
        Ok(Self {
            clock,
            store,
            storage,
            attempt_counter,
            notifier,
            service,
            queue,
            metrics,
            relay,
        })
    }

    /// A worker. `own`: a provider in this process that it may fetch from.
    pub fn worker(&self, settings: &Settings, own: Option<SocketAddr>) -> Result<Worker> {
        let policy = settings.provider.clone();
        let policy = own.into_iter().fold(policy, fetch::Policy::with_own);
        let agent = concat!("tapedeck/", env!("CARGO_PKG_VERSION"));
        let setup = Setup {
            roots: settings.roots.clone(),
            proxy: settings.provider_proxy.clone(),
            ..Setup::new(agent, wall_clock)
        };
        let provider = Fetcher::new(policy, &setup);
        let parts = WorkerDeps {
            store: self.store.clone(),
            storage: self.storage.clone(),
            provider: Arc::new(provider.context("TLS can't be set up")?),
            attempt_counter: self.attempt_counter.clone(),
            policy: settings.policy,
            notifier: self.notifier.clone(),
        };
        let limits = WorkerLimits {
            concurrency: settings.worker_concurrency,
            run_deadline: settings.run_deadline,
            max_recording_bytes: settings.max_recording_bytes,
            grace: settings.shutdown_grace,
            poll: self.store.poll_every(),
        };
        Ok(Worker::new(parts, limits).with_metrics(self.metrics.clone()))
    }

    /// What there is to say when somebody asks for metrics; `long_poll` where requests are held.
    pub fn scrape(&self, long_poll: Option<Arc<LongPoll>>) -> Scrape {
        Scrape {
            metrics: self.metrics.clone(),
            queue: self.queue.clone(),
            store: self.store.clone(),
            policy: *self.service.policy(),
            long_poll,
        }
    }

    /// The sweep.
    pub fn sweeper(&self) -> Sweeper {
        Sweeper::new(self.service.clone(), self.store.clone(), self.storage.clone())
            .with_metrics(self.metrics.clone())
    }
}

/// Opens the storage, whosever it is.
pub fn open_storage(settings: &Settings) -> Result<Storage, OpenError> {
    Ok(match &settings.storage {
        StorageUrl::Files(folder) => FileStorage::open(folder)?.into(),
        StorageUrl::S3(location) => S3Storage::open(location, &settings.s3)?.into(),
    })
}

/// Opens the storage, and makes sure that it is this database's.
pub async fn open_own_storage(settings: &Settings, store: &dyn Store) -> Result<Storage> {
    let storage = open_storage(settings)?;
    take_ownership(&storage, store).await?;
    Ok(storage)
}
