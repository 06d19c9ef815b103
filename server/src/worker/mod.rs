//! Takes runs off the queue, fetches and checks their recordings, and publishes them.
//!
//! Decides nothing that is the engine's to decide, answers no request, and writes to a run only
//! under the fence of its claim. `claim` takes runs, `heartbeat` keeps them, `job` is the way of
//! one of them (`download`, `prepare`, then `settle`), `sweep` cleans up behind everybody.

mod active_runs;
mod claim_loop;
mod describe;
mod download;
mod hashing_sink;
mod heartbeat;
mod job;
mod outage_log;
mod prepare;
mod requeue;
mod rounds;
mod settle;
mod sweep;
mod write_retry;

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::timeout};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use tracing::{info, warn};

pub use rounds::Rounds;
pub use sweep::{Sweeper, Swept};

use self::active_runs::ActiveRuns;
use crate::{
    engine::{AttemptCounter, ChangeNotifier, rules::Policy},
    metrics::Metrics,
    model::WorkerId,
    storage::Storage,
    store::Store,
};

/// How long the last word to the database, and to the storage, may take.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// What a worker works with.
#[derive(Clone)]
pub struct WorkerDeps {
    /// Where the queue is.
    pub store: Arc<dyn Store>,
    /// Where recordings go.
    pub storage: Storage,
    /// Where they come from.
    pub provider: Arc<fetch::Fetcher>,
    /// Is cleared when a recording becomes ready.
    pub attempt_counter: Arc<dyn AttemptCounter>,
    /// The engine's lengths of time; the lease among them.
    pub policy: Policy,
    /// Is told of each status that a run is given here.
    pub notifier: Arc<ChangeNotifier>,
}

/// How much a worker takes on, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct WorkerLimits {
    /// Runs at a time; 1 or more.
    pub concurrency: u32,
    /// How long a run may take, counted from its claim.
    pub run_deadline: Duration,
    /// A larger recording is rejected.
    pub max_recording_bytes: u64,
    /// How long running work may go on after a shutdown has begun.
    pub grace: Duration,
    /// How often the queue is looked at when nothing rings.
    pub poll: Duration,
}

impl Default for WorkerLimits {
    fn default() -> Self {
        Self {
            concurrency: 4,
            run_deadline: Duration::from_mins(4),
            max_recording_bytes: 2 << 30,
            grace: Duration::from_secs(20),
            poll: Duration::from_secs(2),
        }
    }
}

/// See the module.
pub struct Worker(Core);

/// What the worker's tasks share.
struct Core {
    id: WorkerId,
    deps: WorkerDeps,
    limits: WorkerLimits,
    metrics: Arc<Metrics>,
    active: ActiveRuns,
    rounds: Rounds,
    /// Locked from before a claim until its runs are among `active`.
    claiming: Mutex<()>,
    /// Cancelled when the grace time is over.
    grace_is_over: CancellationToken,
    /// Removes objects, beside everything else.
    cleanup: TaskTracker,
}

impl Worker {
    /// A worker with a new id. Does nothing until it [runs](Worker::run).
    pub fn new(deps: WorkerDeps, limits: WorkerLimits) -> Self {
        Self(Core {
            id: WorkerId::new(),
            deps,
            limits,
            metrics: Arc::default(),
            active: ActiveRuns::default(),
            rounds: Rounds::default(),
            claiming: Mutex::new(()),
            grace_is_over: CancellationToken::new(),
            cleanup: TaskTracker::new(),
        })
    }

    /// Counts there what it does.
    #[must_use]
    pub fn with_metrics(mut self, metrics: Arc<Metrics>) -> Self {
        metrics.worker_places(self.0.limits.concurrency);
        self.0.metrics = metrics;
        self
    }

    /// The name that its claims are under.
    pub fn id(&self) -> WorkerId {
        self.0.id
    }

    /// The rounds of its claim loop.
    pub fn rounds(&self) -> Rounds {
        self.0.rounds.clone()
    }

    /// Works until `shutdown` is cancelled. Then takes nothing more, lets running work finish
    /// within the grace time, puts the rest back, and retires.
    pub async fn run(self, shutdown: CancellationToken) {
        let core = Arc::new(self.0);
        let (place, concurrency) = (place(), core.limits.concurrency);
        info!(worker = %core.id, place, concurrency, "worker started");
        // While the database is away it is no news that this fails; it stays without a place.
        let _ = core.deps.store.introduce(core.id, &place).await;
        let heartbeat = AbortOnDropHandle::new(tokio::spawn(heartbeat::beat(core.clone())));
        claim_loop::until(&core, &shutdown).await;
        drop(heartbeat);
        core.cleanup.close();
        let _ = timeout(SHUTDOWN_TIMEOUT, core.cleanup.wait()).await;
        let _ = timeout(SHUTDOWN_TIMEOUT, core.deps.storage.cleaned_up()).await;
        match timeout(SHUTDOWN_TIMEOUT, core.deps.store.retire(core.id)).await {
            Ok(Ok(())) => info!(worker = %core.id, "worker retired"),
            Ok(Err(error)) => warn!(worker = %core.id, %error, "worker ended without retiring"),
            Err(_) => warn!(worker = %core.id, "worker ended without retiring"),
        }
    }
}

/// The host's name and this process: where an operator finds the worker.
fn place() -> String {
    let host = rustix::system::uname();
    format!("{}:{}", host.nodename().to_string_lossy(), std::process::id())
}
