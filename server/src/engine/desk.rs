//! Carries out what the rules decide: looks, decides, writes with what the decision saw, and
//! looks again if it was overtaken. Knows no HTTP.

use std::sync::Arc;

use shared::CallSid;
use tokio::sync::Notify;
use tracing::{error, warn};

use super::{
    AttemptsMirror,
    rules::{Asker, Counter, Diagnosis, Final, Policy, Step, ask, diagnose},
};
use crate::{
    model::{NewRun, ReadyRecording, Run, View},
    store::{Result, Store, StoreError, Write},
};

/// Each look that ends overtaken means that somebody else got on; nobody is overtaken for ever.
const MOST_LOOKS: u32 = 32;

/// What a request for a recording is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It can be played.
    Ready(ReadyRecording),
    /// It is being prepared by the view's last run.
    Preparing(Box<View>),
    /// It is not, and why.
    Final(Final),
}

/// Where requests and the sweep come to.
pub struct Desk {
    store: Arc<dyn Store>,
    mirror: Arc<dyn AttemptsMirror>,
    policy: Policy,
    /// Rung when a run is made: a hint to the worker in this process.
    work: Arc<Notify>,
}

impl Desk {
    /// A desk in front of this store.
    pub fn new(
        store: Arc<dyn Store>,
        mirror: Arc<dyn AttemptsMirror>,
        policy: Policy,
        work: Arc<Notify>,
    ) -> Self {
        Self { store, mirror, policy, work }
    }

    /// Answers one request, and does what follows from it.
    pub async fn ask(&self, call_sid: &CallSid, asker: Asker) -> Result<Answer> {
        let mut counter = Counter::NotRead;
        for _ in 0..MOST_LOOKS {
            let view = self.store.view(call_sid).await?;
            let last_run = view.last_run.as_ref();
            match (ask(&view, asker, counter, &self.policy), last_run) {
                (Step::Serve(recording), _) => return Ok(Answer::Ready(recording)),
                (Step::Answer(answer), _) => return Ok(Answer::Final(answer)),
                (Step::Wait { touch: None }, _) => return Ok(Answer::Preparing(Box::new(view))),
                (Step::Wait { touch: Some(touch) }, Some(run)) => {
                    // Overtaken only by the run's end; the next look tells.
                    let _ = self.store.touch(run.id, touch.starts_series).await?;
                }
                (Step::ReadCounter, _) => {
                    counter = Counter::Read(self.mirror.read(call_sid).await);
                }
                (Step::Create(run), _) => {
                    self.create(call_sid, &run).await?;
                    counter = Counter::NotRead;
                }
                (Step::MarkStuck(reason), Some(run)) => {
                    let _ = self.store.fail_stuck(run, &reason.to_string()).await?;
                }
                (Step::Refuse(answer), Some(run)) => {
                    if self.store.refuse(run.id).await? == Write::Done {
                        self.log_refusal(call_sid, &answer);
                        return Ok(Answer::Final(answer));
                    }
                    counter = Counter::NotRead;
                }
                (Step::Wait { .. } | Step::MarkStuck(_) | Step::Refuse(_), None) => {
                    return Err(StoreError::Fault("a decision on a run that is not there".into()));
                }
            }
        }
        Err(StoreError::Fault("overtaken too often".into()))
    }

    /// `cleanup_stuck_recording_jobs`: marks what is stuck; creates and counts nothing, the next
    /// request does. Gives how many runs it marked.
    pub async fn sweep(&self) -> Result<usize> {
        let mut marked = 0;
        for call_sid in self.store.suspects(self.policy.job_timeout).await? {
            let view = self.store.view(&call_sid).await?;
            let Some(run) = &view.last_run else { continue };
            if let Diagnosis::Stuck(reason) = self.diagnose(run, &view)
                && self.store.fail_stuck(run, &reason.to_string()).await? == Write::Done
            {
                warn!(%call_sid, run = %run.id, %reason, "marked a stuck run as failed");
                marked += 1;
            }
        }
        Ok(marked)
    }

    fn diagnose(&self, run: &Run, view: &View) -> Diagnosis {
        diagnose(run, view.now, &view.fleet, view.database_back_at, &self.policy)
    }

    async fn create(&self, call_sid: &CallSid, run: &NewRun) -> Result<()> {
        if self.store.create_run(call_sid, run, false).await? == Write::Overtaken {
            return Ok(());
        }
        self.work.notify_one();
        if run.replaces.is_some() && run.half_open.is_none() && run.attempt > 0 {
            let (attempt, most) = (run.attempt, self.policy.max_attempts);
            warn!(%call_sid, "[FAIL_FAST] Retry attempt {attempt}/{most}");
            self.mirror.set(call_sid, attempt, self.policy.retry_window).await;
        }
        Ok(())
    }

    fn log_refusal(&self, call_sid: &CallSid, answer: &Final) {
        let most = self.policy.max_attempts;
        if matches!(answer, Final::WorkerNotProcessing { .. }) {
            error!(%call_sid, "[FAIL_FAST] Worker not processing queue after {most} attempts");
        } else {
            error!(%call_sid, "[FAIL_FAST] Recording keeps failing after {most} attempts");
        }
    }
}
