//! Where listeners stand in front of the service: what one was told holds for all who ask at the same
//! moment, and whoever is willing to wait is held until something changes. Decides nothing.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use shared::CallSid;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    Availability, ChangeNotifier, RecordingService,
    rules::{Purpose, next_deadline},
};
use crate::{model::View, store::StoreError};

/// What the waiting room may use up, and how old its answers may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// An answer holds for so long, unless this process changes something; zero: never. Another
    /// process's changes show this much later.
    pub remember: Duration,
    /// Calls remembered at once.
    pub remembered: u64,
    /// Requests held at once; more are not held.
    pub held: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { remember: Duration::from_millis(250), remembered: 10_000, held: 10_000 }
    }
}

/// What a request that was willing to wait is told.
#[derive(Clone, Debug)]
pub struct WaitResult {
    /// The answer, as of now.
    pub answer: Arc<Availability>,
    /// Whether the request was held.
    pub was_held: bool,
}

// A failure is shared by all who asked at the same moment.
type Result<T> = std::result::Result<T, Arc<StoreError>>;

/// See the module.
pub struct LongPoll {
    service: Arc<RecordingService>,
    notifier: Arc<ChangeNotifier>,
    /// Answers by call and [`ChangeNotifier::generation`]: one that was looked up before a change can't
    /// be taken for one after it.
    remembered: Option<Cache<(CallSid, u64), Arc<Availability>>>,
    places: Semaphore,
    most_held: usize,
    closing: CancellationToken,
}

impl LongPoll {
    /// A waiting room in front of this service. Once `closing` is cancelled, nobody is held.
    pub fn new(
        service: Arc<RecordingService>,
        notifier: Arc<ChangeNotifier>,
        limits: Limits,
        closing: CancellationToken,
    ) -> Self {
        let remembered = (!limits.remember.is_zero()).then(|| {
            Cache::builder().max_capacity(limits.remembered).time_to_live(limits.remember).build()
        });
        Self {
            service,
            notifier,
            remembered,
            places: Semaphore::new(limits.held),
            most_held: limits.held,
            closing,
        }
    }

    /// How many requests are held now.
    pub fn held(&self) -> usize {
        self.most_held - self.places.available_permits()
    }

    /// Answers a listener at once.
    pub async fn ask(&self, call_sid: &CallSid) -> Result<Arc<Availability>> {
        let ask = async { self.service.ask(call_sid, Purpose::Listen).await.map(Arc::new) };
        let Some(remembered) = &self.remembered else {
            return ask.await.map_err(Arc::new);
        };
        let key = (call_sid.clone(), self.notifier.generation(call_sid));
        // Of all who ask at once, one goes to the service; failures are shared and not remembered.
        remembered.try_get_with(key, ask).await
    }

    /// Answers a listener who waits for up to `patience` while the recording is being prepared:
    /// until the answer is another, its run's attempt is another, or the time is up.
    pub async fn wait(&self, call_sid: &CallSid, patience: Duration) -> Result<WaitResult> {
        let until = Instant::now() + patience;
        let mut watch = self.notifier.watch(call_sid);
        let mut answer = self.ask(call_sid).await?;
        let Availability::Preparing(first) = &*answer else {
            return Ok(WaitResult { answer, was_held: false });
        };
        let Ok(_place) = self.places.try_acquire() else {
            return Ok(WaitResult { answer, was_held: false });
        };
        let attempt = attempt_of(first);
        while let Availability::Preparing(view) = &*answer
            && attempt_of(view) == attempt
            && Instant::now() < until
            && !self.closing.is_cancelled()
        {
            let look = next_deadline(view, self.service.policy()).map(|wait| Instant::now() + wait);
            tokio::select! {
                _ = timeout_at(look.map_or(until, |look| look.min(until)), watch.changed()) => {}
                () = self.closing.cancelled() => {}
            }
            watch.mark_unchanged();
            answer = self.ask(call_sid).await?;
        }
        Ok(WaitResult { answer, was_held: true })
    }
}

fn attempt_of(view: &View) -> Option<u32> {
    view.last_run.as_ref().map(|run| run.attempt)
}
