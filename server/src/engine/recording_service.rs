//! Carries out what the rules decide: looks, decides, writes with what the decision saw, and
//! looks again if it was overtaken. Knows no HTTP.

use std::{sync::Arc, time::Duration};

use shared::CallSid;
use tokio::time::MissedTickBehavior;
use tracing::{error, info, warn};

use super::{
    AttemptCounter, ChangeNotifier,
    outage_tracker::OutageTracker,
    rules::{
        Counter, Diagnosis, Final, Policy, Purpose, RetryStep, Step, StuckReason, ask, diagnose,
        retry, with_run, with_run_stuck,
    },
};
use crate::{
    metrics::Metrics,
    model::{NewRun, ObjectKey, ReadyRecording, Run, RunId, View},
    store::{Result, Store, StoreError, Write},
};

/// Each look that ends overtaken means that somebody else got on; nobody is overtaken for ever.
const MAX_ITERATIONS: u32 = 32;
/// How often it is looked at whether the database answers.
const PROBE_EVERY: Duration = Duration::from_secs(2);

/// What a request for a recording is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Availability {
    /// It can be played.
    Ready(ReadyRecording),
    /// It is being prepared by the view's last run.
    Preparing(Box<View>),
    /// It is not, and why.
    Final(Final),
}

/// What an operator's retry is told.
#[derive(Clone, Debug, PartialEq)]
pub enum RetryOutcome {
    /// It can be played already.
    AlreadyReady,
    /// It is being prepared by the view's last run.
    Preparing {
        /// As it is now.
        view: Box<View>,
        /// Whether this retry had the run made.
        is_new: bool,
    },
    /// It can never be.
    Final(Final),
}

/// Where requests and the sweep come to.
pub struct RecordingService {
    store: Arc<dyn Store>,
    attempt_counter: Arc<dyn AttemptCounter>,
    policy: Policy,
    notifier: Arc<ChangeNotifier>,
    outage: OutageTracker,
    metrics: Arc<Metrics>,
}

impl RecordingService {
    /// A service in front of this store.
    pub fn new(
        store: Arc<dyn Store>,
        attempt_counter: Arc<dyn AttemptCounter>,
        policy: Policy,
        notifier: Arc<ChangeNotifier>,
    ) -> Self {
        let (outage, metrics) = (OutageTracker::default(), Arc::default());
        Self { store, attempt_counter, policy, notifier, outage, metrics }
    }

    /// Counts there what it does.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics, ..self }
    }

    /// Answers one request, and does what follows from it.
    pub async fn ask(&self, call_sid: &CallSid, purpose: Purpose) -> Result<Availability> {
        let mut counter = Counter::NotRead;
        for _ in 0..MAX_ITERATIONS {
            let view = self.view(call_sid).await?;
            let last_run = view.last_run.as_ref();
            match (ask(&view, purpose, counter, &self.policy), last_run) {
                (Step::Serve(recording), _) => return Ok(Availability::Ready(recording)),
                (Step::Finish(answer), _) => return Ok(Availability::Final(answer)),
                (Step::Wait { touch: None }, _) => {
                    return Ok(Availability::Preparing(Box::new(view)));
                }
                (Step::Wait { touch: Some(touch) }, Some(run)) => {
                    // Overtaken only by the run's end; the next look tells.
                    let _ = self.store.touch(run.id, touch.starts_series).await?;
                }
                (Step::ReadCounter, _) => {
                    counter = Counter::Read(self.attempt_counter.read(call_sid).await);
                }
                (Step::Create(run), _) => {
                    self.create(call_sid, &run).await?;
                    counter = Counter::NotRead;
                }
                (Step::MarkStuck(reason), Some(run)) => {
                    // Overtaken or not, the next look tells.
                    let _ = self.mark_stuck(run, reason).await?;
                }
                (Step::Refuse(answer), Some(run)) => {
                    if self.store.refuse(run.id).await? == Write::Done {
                        self.log_refusal(call_sid, &answer);
                        self.notifier.notify(call_sid);
                        return Ok(Availability::Final(answer));
                    }
                    counter = Counter::NotRead;
                }
                (Step::Wait { .. } | Step::MarkStuck(_) | Step::Refuse(_), None) => {
                    return Err(without_run());
                }
            }
        }
        Err(overtaken_too_often())
    }

    /// What [`RecordingService::ask`] would answer a listener, without any effect.
    pub async fn peek(&self, call_sid: &CallSid) -> Result<Availability> {
        let mut counter = Counter::NotRead;
        let mut view = self.view(call_sid).await?;
        for _ in 0..MAX_ITERATIONS {
            view = match ask(&view, Purpose::Listen, counter, &self.policy) {
                Step::Serve(recording) => return Ok(Availability::Ready(recording)),
                Step::Finish(answer) | Step::Refuse(answer) => {
                    return Ok(Availability::Final(answer));
                }
                Step::Wait { .. } => return Ok(Availability::Preparing(Box::new(view))),
                Step::ReadCounter => {
                    counter = Counter::Read(self.attempt_counter.read(call_sid).await);
                    view
                }
                Step::MarkStuck(reason) => with_run_stuck(view, reason),
                Step::Create(run) => {
                    return Ok(Availability::Preparing(Box::new(with_run(view, &run))));
                }
            };
        }
        Err(overtaken_too_often())
    }

    /// An operator's way out: a new series, whatever the attempts say. `purpose`: whether the new run
    /// goes before or after what listeners wait for.
    pub async fn retry(&self, call_sid: &CallSid, purpose: Purpose) -> Result<RetryOutcome> {
        let mut is_new = false;
        for _ in 0..MAX_ITERATIONS {
            let view = self.view(call_sid).await?;
            match (retry(&view, purpose, &self.policy), view.last_run.as_ref()) {
                (RetryStep::AlreadyReady, _) => return Ok(RetryOutcome::AlreadyReady),
                (RetryStep::Finish(answer), _) => return Ok(RetryOutcome::Final(answer)),
                (RetryStep::Active, _) => {
                    return Ok(RetryOutcome::Preparing { view: Box::new(view), is_new });
                }
                (RetryStep::MarkStuck(reason), Some(run)) => {
                    // Overtaken or not, the next look tells.
                    let _ = self.mark_stuck(run, reason).await?;
                }
                (RetryStep::MarkStuck(_), None) => return Err(without_run()),
                (RetryStep::Create(run), _) => {
                    let Some(id) = self.store.create_run(call_sid, &run, true).await? else {
                        continue;
                    };
                    self.made(call_sid, id, &run, "operator");
                    self.attempt_counter.clear(call_sid).await;
                    is_new = true;
                }
            }
        }
        Err(overtaken_too_often())
    }

    /// The object of a recording is not there, though the row says that it is ready: forgets the
    /// recording. The next request goes on as if there had been none.
    pub async fn lost(&self, call_sid: &CallSid, key: &ObjectKey) -> Result<()> {
        let write = self.store.forget_recording(call_sid, key).await?;
        if write == Write::Done {
            error!(%call_sid, %key, "a recording's object is missing; it is fetched again");
        }
        self.notify_if_done(call_sid, write);
        Ok(())
    }

    /// `cleanup_stuck_recording_jobs`: marks what is stuck; creates and counts nothing, the next
    /// request does. Gives how many runs it marked.
    pub async fn sweep(&self) -> Result<usize> {
        let mut marked = 0;
        for call_sid in self.store.suspects(self.policy.job_timeout).await? {
            let view = self.view(&call_sid).await?;
            let Some(run) = &view.last_run else { continue };
            if let Diagnosis::Stuck(reason) = self.diagnose(run, &view)
                && self.mark_stuck(run, reason).await? == Write::Done
            {
                marked += 1;
            }
        }
        Ok(marked)
    }

    /// Notices when the database goes and comes back, even while nobody asks. Never ends.
    pub async fn watch_database(&self) {
        let mut ticks = tokio::time::interval(PROBE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // Answers with the clock alone where the database has none: so it is asked first.
            let now = match self.store.ping().await {
                Ok(()) => self.store.now().await,
                Err(error) => Err(error),
            };
            self.outage.note(&now, |now| *now);
        }
    }

    /// The lengths of time and the numbers that it goes by.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    async fn view(&self, call_sid: &CallSid) -> Result<View> {
        let view = self.store.view(call_sid).await;
        self.outage.note(&view, |view| view.now);
        let mut view = view?;
        view.database_back_at = self.outage.back_at();
        Ok(view)
    }

    fn diagnose(&self, run: &Run, view: &View) -> Diagnosis {
        diagnose(run, view.now, &view.workers, view.database_back_at, &self.policy)
    }

    async fn mark_stuck(&self, run: &Run, reason: StuckReason) -> Result<Write> {
        let call_sid = &run.call_sid;
        let write = self.store.fail_stuck(run, &reason.to_string()).await?;
        if write == Write::Done {
            warn!(%call_sid, run = %run.id, %reason, "marked a stuck run as failed");
            self.metrics.run_stuck(reason.as_str());
            self.notifier.notify(call_sid);
        }
        Ok(write)
    }

    async fn create(&self, call_sid: &CallSid, run: &NewRun) -> Result<()> {
        let Some(id) = self.store.create_run(call_sid, run, false).await? else {
            return Ok(());
        };
        let why = match run {
            NewRun { half_open: Some(_), .. } => "half_open",
            NewRun { replaces: Some(_), .. } => "again",
            NewRun { wanted_at: Some(_), .. } => "listener",
            _ => "prefetch",
        };
        self.made(call_sid, id, run, why);
        if run.replaces.is_some() && run.half_open.is_none() && run.attempt > 0 {
            let (attempt, most) = (run.attempt, self.policy.max_attempts);
            warn!(%call_sid, "[FAIL_FAST] Retry attempt {attempt}/{most}");
            self.attempt_counter.set(call_sid, attempt, self.policy.retry_window).await;
        }
        Ok(())
    }

    /// A run was just made; `why` is a word for logs and metrics.
    fn made(&self, call_sid: &CallSid, id: RunId, run: &NewRun, why: &'static str) {
        let (attempt, wanted) = (run.attempt, run.wanted_at.is_some());
        info!(%call_sid, run = %id, attempt, wanted, why, "run made");
        self.metrics.run_made(why);
        self.notifier.notify_work(call_sid);
    }

    fn notify_if_done(&self, call_sid: &CallSid, write: Write) {
        if write == Write::Done {
            self.notifier.notify(call_sid);
        }
    }

    fn log_refusal(&self, call_sid: &CallSid, answer: &Final) {
        let most = self.policy.max_attempts;
        if matches!(answer, Final::WorkerNotProcessing { .. }) {
            self.metrics.run_refused("worker_not_processing_queue");
            error!(%call_sid, "[FAIL_FAST] Worker not processing queue after {most} attempts");
        } else {
            self.metrics.run_refused("recording_failed");
            error!(%call_sid, "[FAIL_FAST] Recording keeps failing after {most} attempts");
        }
    }
}

fn without_run() -> StoreError {
    StoreError::Fault("a decision on a run that is not there".into())
}

fn overtaken_too_often() -> StoreError {
    StoreError::Fault("overtaken too often".into())
}
