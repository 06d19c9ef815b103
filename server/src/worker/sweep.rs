//! The sweep: marks stuck runs, removes useless objects of the storage, quarantines unknown ones, and
//! forgets workers that are long dead. Makes no run and counts no attempt.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::outage_log::OutageLog;
use crate::{
    clock::earlier,
    engine::{Quarantine, QuarantineError, RecordingService, Removal},
    metrics::Metrics,
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

/// What a sweep of the storage did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects that it removed.
    pub objects: usize,
    /// Files of unfinished uploads that it removed.
    pub temporaries: usize,
    /// Objects that are new in the quarantine.
    pub quarantined: u64,
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
        self.metrics.quarantined(self.store.quarantine_size().await?);
        Ok(())
    }

    /// Forgets workers that were last seen more than a day ago.
    pub async fn forget_workers(&self) -> Result<()> {
        let now = self.store.now().await?;
        self.store.forget_workers(earlier(now, REMEMBER_WORKERS)).await
    }

    /// Sorts what has been in the storage for longer than two job timeouts: removes what is proven
    /// to be useless, and lists the unknown rest as the quarantine. Trouble with the storage is
    /// logged, and ends the sweep.
    pub async fn sweep_storage(&self) -> Result<Swept> {
        let before = earlier(self.store.now().await?, self.service.policy().job_timeout * 2);
        let mut swept = Swept::default();
        let quarantine = Quarantine::new(self.store.clone(), self.storage.clone());
        match quarantine.scan(before, Removal::Allowed).await {
            Ok(scanned) => {
                swept.objects = scanned.removed;
                swept.quarantined = scanned.quarantined;
            }
            Err(QuarantineError::Store(error)) => return Err(error),
            Err(QuarantineError::Storage(error)) => warn!(%error, "cannot list the storage"),
        }
        match self.storage.remove_temporaries_older_than(before).await {
            Ok(removed) => swept.temporaries = removed,
            Err(error) => warn!(%error, "cannot remove temporary files"),
        }
        if swept != Swept::default() {
            let Swept { objects, temporaries, quarantined } = swept;
            info!(objects, temporaries, quarantined, "swept the storage");
            self.metrics.removed(objects, temporaries);
        }
        Ok(swept)
    }
}
