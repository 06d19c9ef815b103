//! Cleans up behind everybody: marks stuck runs, removes objects that no recording names, forgets
//! workers that are long dead. Makes no run and counts nothing.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::outage_log::OutageLog;
use crate::{
    clock::earlier,
    engine::RecordingService,
    metrics::Metrics,
    model::ObjectKey,
    storage::Storage,
    store::{Result, Store},
};

/// A worker that was not seen for so long is forgotten.
const REMEMBER_WORKERS: Duration = Duration::from_hours(24);
/// A listing of the whole storage is not for every sweep: once in so many job timeouts.
const LIST_EVERY: u32 = 12;

/// See the module. One for the program.
pub struct Sweeper {
    service: Arc<RecordingService>,
    store: Arc<dyn Store>,
    storage: Storage,
    metrics: Arc<Metrics>,
}

/// What a sweep of the storage removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects.
    pub objects: usize,
    /// Files of uploads that never came to their end.
    pub temporaries: usize,
}

impl Sweeper {
    /// Sweeps nothing yet.
    pub fn new(service: Arc<RecordingService>, store: Arc<dyn Store>, storage: Storage) -> Self {
        Self { service, store, storage, metrics: Arc::default() }
    }

    /// Counts there what it does.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics, ..self }
    }

    /// Sweeps `every` so often until `shutdown`.
    pub async fn run(self, every: Duration, shutdown: CancellationToken) {
        let list_every = self.service.policy().job_timeout * LIST_EVERY;
        let mut listed_at = None::<Instant>;
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut outage = OutageLog::new("sweep");
        while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
            let with_storage = listed_at.is_none_or(|at| at.elapsed() >= list_every);
            // Between two removals it may stop anywhere.
            let Some(swept) = shutdown.run_until_cancelled(self.sweep(with_storage)).await else {
                return;
            };
            if with_storage && swept.is_ok() {
                listed_at = Some(Instant::now());
            }
            outage.note(&swept);
            self.metrics.swept(swept.is_ok());
        }
    }

    async fn sweep(&self, with_storage: bool) -> Result<()> {
        self.service.sweep().await?; // cleanup_stuck_recording_jobs
        self.forget_workers().await?;
        if with_storage {
            self.sweep_storage().await?;
        }
        Ok(())
    }

    /// Forgets workers that were last seen more than a day ago.
    pub async fn forget_workers(&self) -> Result<()> {
        let now = self.store.now().await?;
        self.store.forget_workers(earlier(now, REMEMBER_WORKERS)).await
    }

    /// Removes what lies in the storage for longer than two job timeouts, if no recording names
    /// it and its run ended so long ago. Trouble with the storage is logged, and ends the sweep.
    pub async fn sweep_storage(&self) -> Result<Swept> {
        let before = earlier(self.store.now().await?, self.service.policy().job_timeout * 2);
        let mut swept = Swept::default();
        let mut listing = self.storage.list_written_before(before);
        while let Some(keys) = listing.recv().await {
            let keys = match keys {
                Ok(keys) => keys,
                Err(error) => {
                    warn!(%error, "cannot list the storage");
                    break;
                }
            };
            let keys: Vec<_> = keys.into_iter().map(|object| object.key).collect();
            for key in self.store.orphans(&keys, before).await? {
                swept.objects += usize::from(self.remove(&key).await);
            }
        }
        match self.storage.remove_temporaries_older_than(before).await {
            Ok(removed) => swept.temporaries = removed,
            Err(error) => warn!(%error, "cannot remove temporary files"),
        }
        if swept != Swept::default() {
            let Swept { objects, temporaries } = swept;
            info!(objects, temporaries, "removed what no recording names");
            self.metrics.removed(objects, temporaries);
        }
        Ok(swept)
    }

    async fn remove(&self, key: &ObjectKey) -> bool {
        let removed = self.storage.delete(key).await;
        if let Err(error) = &removed {
            warn!(%key, %error, "cannot remove an orphan");
        }
        removed.is_ok()
    }
}
