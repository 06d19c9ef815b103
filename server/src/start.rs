//! Opens what the program works with, by the settings. Every failure is one line that says what
//! would do.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    clock::{Clock, SystemClock},
    engine::{AttemptsMirror, Changes, Desk, MirrorState, QueueWatch, Unmirrored, WaitingRoom},
    http::Scrape,
    metrics::Metrics,
    provider::{Provider, ProviderPolicy, Timing},
    redis::RedisMirror,
    settings::{DatabaseUrl, Settings, StorageUrl},
    storage::FileStorage,
    store::{PostgresStore, SqliteStore, Store},
    worker::{Sweeper, Worker, WorkerLimits, WorkerParts},
};

/// Nothing tells one process on SQLite what another one did, so each looks this often.
pub const SQLITE_POLL: Duration = Duration::from_millis(250);

/// The queue in numbers is read no more often than this, however many look at it.
const QUEUE_HOLDS: Duration = Duration::from_secs(1);

/// What both a server and a worker have.
pub struct Parts {
    /// The program's clock.
    pub clock: Arc<dyn Clock>,
    /// The database.
    pub store: Arc<dyn Store>,
    /// Where recordings are kept.
    pub storage: FileStorage,
    /// Where attempts show, too.
    pub mirror: Arc<dyn AttemptsMirror>,
    /// Rung when a run is made.
    pub work: Arc<Notify>,
    /// Told of every change.
    pub changes: Arc<Changes>,
    /// Decides on runs.
    pub desk: Arc<Desk>,
    /// Reads the queue for whoever looks at it.
    pub queue: Arc<QueueWatch>,
    /// Where this process counts what it does.
    pub metrics: Arc<Metrics>,
}

/// Opens the database alone, and brings it up to date.
pub async fn open_store(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>> {
    let lease = settings.policy.lease;
    Ok(match &settings.database {
        DatabaseUrl::Sqlite(path) => {
            let store = SqliteStore::open(path, clock, lease).await;
            Arc::new(store.with_context(|| {
                format!("TAPEDECK_DATABASE_URL: the database {} can't be used", path.display())
            })?)
        }
        DatabaseUrl::Postgres(dsn) => {
            let store = PostgresStore::open(dsn, lease).await;
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
    let (work, changes) = (Arc::new(Notify::new()), Arc::new(Changes::new()));
    Ok(Desk::new(store, mirror, settings.policy, work, changes))
}

impl Parts {
    /// Opens everything. Must be called on a Tokio runtime.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = open_store(settings, clock.clone()).await?;
        let StorageUrl::Files(folder) = &settings.storage;
        let storage = open_storage(folder, &*store).await.context("TAPEDECK_STORAGE_URL")?;
        let metrics = Arc::<Metrics>::default();
        let mirror = open_mirror(settings, &metrics)?;
        let work = Arc::new(Notify::new());
        let changes = Arc::new(Changes::new());
        let desk = Desk::new(
            store.clone(),
            mirror.clone(),
            settings.policy,
            work.clone(),
            changes.clone(),
        );
        let desk = Arc::new(desk.with_metrics(metrics.clone()));
        let queue = Arc::new(QueueWatch::new(store.clone(), QUEUE_HOLDS));
        Ok(Self { clock, store, storage, mirror, work, changes, desk, queue, metrics })
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
            work: self.work.clone(),
        };
        let limits = WorkerLimits {
            concurrency: settings.worker_concurrency,
            run_deadline: settings.run_deadline,
            max_recording_bytes: settings.max_recording_bytes,
            grace: settings.shutdown_grace,
            poll: SQLITE_POLL,
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

/// Opens the storage and makes sure that it is this database's: a worker that writes where no
/// server reads must not start, and a sweep must never take another installation's recordings.
async fn open_storage(folder: &Path, store: &dyn Store) -> Result<FileStorage> {
    let storage = FileStorage::open(folder)?;
    let (known, found) = (store.storage_id().await?, storage.id()?);
    match (known, found) {
        (Some(known), Some(_)) => storage.claim(&known)?,
        (Some(known), None) => {
            if store.has_recordings().await? {
                bail!(
                    "{} is not the storage that this database's recordings are in (id {known:?}); \
                     use that one",
                    folder.display()
                );
            }
            storage.claim(&known)?;
        }
        (None, Some(found)) => bail!(
            "the storage in {} belongs to another database (id {found:?}); use that database, or \
             an empty folder",
            folder.display()
        ),
        // Of several that start at once, one's id stands.
        (None, None) => {
            let id = store.adopt_storage(&Uuid::new_v4().to_string()).await?;
            storage.claim(&id)?;
        }
    }
    Ok(storage)
}

/// Tells this process what others changed.
pub async fn follow_changes(store: Arc<dyn Store>, changes: Arc<Changes>) {
    let mut since = None;
    loop {
        tokio::time::sleep(SQLITE_POLL).await;
        let seen = match since {
            Some(since) => store.changed_since(since).await,
            None => store.now().await.map(|now| (Vec::new(), now)),
        };
        // While the database is away nothing changes in it either.
        let Ok((calls, next)) = seen else { continue };
        for call_sid in &calls {
            changes.tell(call_sid);
        }
        since = Some(next);
    }
}
