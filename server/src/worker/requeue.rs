//! Gives up a running run that nobody here will finish: back into the queue, or failed where it
//! has been put back too often. The rule is the engine's.

use tracing::{info, warn};

use super::Core;
use crate::{
    engine::rules::{RequeueVerdict, requeue as rule},
    model::{Failure, FailureKind, ObjectKey, Run},
    store::{Result, Write},
};

const TOO_OFTEN: &str = "its workers shut down again and again, and it was put back too often";

/// Writes under `run`'s fence. If it is overtaken, somebody else has decided.
pub(super) async fn requeue(core: &Core, run: &Run) -> Result<()> {
    let store = &core.deps.store;
    let verdict = rule(run, store.now().await?, &core.deps.policy);
    let write = match verdict {
        RequeueVerdict::Requeue => store.requeue(run).await?,
        RequeueVerdict::Fail => {
            store.fail(run, &Failure::new(FailureKind::Stuck, TOO_OFTEN)).await?
        }
    };
    let (call_sid, id) = (&run.call_sid, run.id);
    match (write, verdict) {
        (Write::Done, RequeueVerdict::Requeue) => {
            info!(%call_sid, run = %id, worker = %core.id, fence = run.fence.0, "put a run back");
            core.metrics.run_requeued();
        }
        (Write::Done, RequeueVerdict::Fail) => {
            let (worker, fence) = (core.id, run.fence.0);
            warn!(%call_sid, run = %id, %worker, fence, kind = "stuck", reason = TOO_OFTEN, "run failed");
            core.metrics.run_stuck("put_back_too_often");
        }
        (Write::Overtaken, _) => return Ok(()),
    }
    core.deps.notifier.notify_work(call_sid);
    // It was running until now, so no recording names this claim's objects, and none ever will.
    // A storage that is away must not hold up the heartbeat, which calls this too.
    core.discard_in_background(ObjectKey::new(call_sid, id, run.fence));
    Ok(())
}
