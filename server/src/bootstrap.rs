//! Opens what the program works with, by the settings. Every failure is one line that says what
//! would do.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    clock::{Clock, SystemClock},
    config::{DatabaseUrl, Settings, StorageUrl},
    engine::{
        AttemptsMirror, Changes, Desk, MirrorState, QueueWatch, Shown, Unmirrored, WaitingRoom,
    },
    http::Scrape,
    metrics::Metrics,
    provider::{Provider, ProviderPolicy, Timing},
    redis::RedisMirror,
    storage::{FileStorage, OpenError, S3Storage, Storage, take_ownership},
    store::{Hint, PostgresStore, SqliteStore, Store},
    worker::{Sweeper, Worker, WorkerLimits, WorkerParts},
};

/// Hints on their way to the other processes; more are left out, and found out by looking.
const HINTS: usize = 10_000;

/// The queue in numbers is read no more often than this, however many look at it.
const QUEUE_HOLDS: Duration = Duration::from_secs(1);

/// What both a server and a worker have.
pub struct Parts {
    /// The program's clock.
    pub clock: Arc<dyn Clock>,
    /// The database.
    pub store: Arc<dyn Store>,
    /// Where recordings are kept.
    pub storage: Storage,
    /// Where attempts show, too.
    pub mirror: Arc<dyn AttemptsMirror>,
    /// Told of every change.
    pub changes: Arc<Changes>,
    /// Decides on runs.
    pub desk: Arc<Desk>,
    /// Reads the queue for whoever looks at it.
    pub queue: Arc<QueueWatch>,
    /// Where this process counts what it does.
    pub metrics: Arc<Metrics>,
    /// Dropped, it ends.
    #[expect(dead_code, reason = "held, never read")]
    following: AbortOnDropHandle<()>,
}

/// Opens the database alone, and brings it up to date.
pub async fn open_store(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>> {
    let terms = settings.policy.terms();
    Ok(match &settings.database {
        DatabaseUrl::Sqlite(path) => {
            let store = SqliteStore::open(path, clock, terms).await;
            Arc::new(store.with_context(|| {
                format!("TAPEDECK_DATABASE_URL: the database {} can't be used", path.display())
            })?)
        }
        DatabaseUrl::Postgres(dsn) => {
            let store = PostgresStore::open(dsn, terms).await;
            Arc::new(store.with_context(|| format!("TAPEDECK_DATABASE_URL: {dsn} can't be used"))?)
        }
    })
}

/// As [`open_store`], but makes none where there is none: an operator who looks at an empty new
/// database instead of the real one is misled.
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

fn open_mirror(settings: &Settings, metrics: &Arc<Metrics>) -> Result<Arc<dyn AttemptsMirror>> {
    Ok(match &settings.redis_url {
        Some(url) => {
            let mirror = RedisMirror::new(url.as_str());
            let mirror = mirror.context("TAPEDECK_REDIS_URL can't be used")?;
            Arc::new(mirror.with_metrics(metrics.clone()))
        }
        None => Arc::new(Unmirrored),
    })
}

/// A desk for a command that is neither server nor worker. Where Redis does not answer it is left
/// alone: to wait for it at each of many calls would take too long, and the rows decide.
pub async fn desk_on(settings: &Settings, store: Arc<dyn Store>) -> Result<Desk> {
    let mut mirror = open_mirror(settings, &Arc::default())?;
    if mirror.state().await == MirrorState::Away {
        mirror = Arc::new(Unmirrored);
    }
    Ok(Desk::new(store, mirror, settings.policy, Arc::default()))
}

impl Parts {
    /// Opens everything. Must be called on a Tokio runtime.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = open_store(settings, clock.clone()).await?;
        let storage = open_own_storage(settings, &*store).await.context("TAPEDECK_STORAGE_URL")?;
        let metrics = Arc::<Metrics>::default();
        let mirror = open_mirror(settings, &metrics)?;
        let (others, hints) = mpsc::channel(HINTS);
        let changes = Arc::new(Changes::passed_on(others));
        let desk = Desk::new(store.clone(), mirror.clone(), settings.policy, changes.clone());
        let desk = Arc::new(desk.with_metrics(metrics.clone()));
        let following = follow_changes(store.clone(), changes.clone(), hints);
        let following = AbortOnDropHandle::new(tokio::spawn(following));
        let queue = Arc::new(QueueWatch::new(store.clone(), QUEUE_HOLDS));
        Ok(Self { clock, store, storage, mirror, changes, desk, queue, metrics, following })
    }

    /// A worker. `own`: a provider in this process that it may fetch from.
    pub fn worker(&self, settings: &Settings, own: Option<SocketAddr>) -> Result<Worker> {
        let policy = settings.provider.clone();
        let policy = own.into_iter().fold(policy, ProviderPolicy::with_own);
        let provider = Provider::new(policy, Timing::default(), self.clock.clone());
        let parts = WorkerParts {
            store: self.store.clone(),
            storage: self.storage.clone(),
            provider: Arc::new(provider.context("TLS can't be set up")?),
            mirror: self.mirror.clone(),
            policy: settings.policy,
            changes: self.changes.clone(),
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

    /// What there is to say when somebody asks for metrics; `room` where requests are held.
    pub fn scrape(&self, room: Option<Arc<WaitingRoom>>) -> Scrape {
        Scrape {
            metrics: self.metrics.clone(),
            queue: self.queue.clone(),
            store: self.store.clone(),
            policy: *self.desk.policy(),
            room,
        }
    }

    /// What cleans up.
    pub fn sweeper(&self) -> Sweeper {
        Sweeper::new(self.desk.clone(), self.store.clone(), self.storage.clone())
            .with_metrics(self.metrics.clone())
    }
}

fn open_storage(settings: &Settings) -> Result<Storage, OpenError> {
    Ok(match &settings.storage {
        StorageUrl::Files(folder) => FileStorage::open(folder)?.into(),
        StorageUrl::S3(location) => S3Storage::open(location, &settings.s3)?.into(),
    })
}

/// Opens the storage, and makes sure that it is this database's.
async fn open_own_storage(settings: &Settings, store: &dyn Store) -> Result<Storage> {
    let storage = open_storage(settings)?;
    take_ownership(&storage, store).await?;
    Ok(storage)
}

/// Tells this process what others changed, and the others what this one did, until dropped.
async fn follow_changes(store: Arc<dyn Store>, changes: Arc<Changes>, ours: mpsc::Receiver<Hint>) {
    let theirs = |hint: Hint| changes.hear(&hint);
    tokio::join!(store.relay(ours, &theirs), look_for_changes(&*store, &changes));
}

/// A hint can be lost, and SQLite has none.
async fn look_for_changes(store: &dyn Store, changes: &Changes) {
    let mut since = None;
    let mut shown = Shown::default();
    loop {
        tokio::time::sleep(store.poll_every()).await;
        let seen = match since {
            Some(since) => store.changed_since(since).await,
            None => store.now().await.map(|now| (Vec::new(), now)),
        };
        // While the database is away nothing changes in it either.
        let Ok((seen, next)) = seen else { continue };
        for call_sid in shown.news(seen) {
            changes.hear(&Hint { call_sid, is_work: false });
        }
        since = Some(next);
    }
}
