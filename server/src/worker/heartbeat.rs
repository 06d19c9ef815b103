//! Says that the worker lives, and keeps its leases. What the database no longer counts as this
//! worker's is stopped; what it still does though nobody here works on it is put back. Publishes
//! and fails nothing by itself.

use std::{collections::HashSet, sync::Arc};

use shared::RecordingStatus;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::warn;

use super::{Core, outage_log::OutageLog, requeue};
use crate::{
    model::RunId,
    store::{Result, StoreError},
};

/// Beats at a third of the lease. Never ends.
pub(super) async fn beat(core: Arc<Core>) {
    let every = core.deps.policy.lease / 3;
    // The first claim has just said that the worker is there.
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut outage = OutageLog::new("renew leases");
    loop {
        ticks.tick().await;
        // Without an answer nothing is lost: nobody else can have taken it either.
        outage.note(&renew(&core).await);
    }
}

async fn renew(core: &Core) -> Result<()> {
    let before = core.active.all();
    let leased: HashSet<RunId> = core.deps.store.heartbeat(core.id).await?.into_iter().collect();
    for run in before.into_iter().filter(|run| !leased.contains(run)) {
        // Perhaps it has just ended in good order; then the token stops nothing any more.
        core.active.revoke(run);
    }
    requeue_strays(core, leased).await
}

/// Runs whose claim was never acknowledged, or whose end could not be written while the database
/// was away: nobody works on them, and a lease renewed for ever would hide that.
async fn requeue_strays(core: &Core, leased: HashSet<RunId>) -> Result<()> {
    let strays: Vec<_> = leased.into_iter().filter(|run| !core.active.contains(*run)).collect();
    if strays.is_empty() {
        return Ok(());
    }
    // A claim that is under way may bring them; the next beat tells.
    let Ok(_no_claim) = core.claiming.try_lock() else { return Ok(()) };
    for id in strays.into_iter().filter(|run| !core.active.contains(*run)) {
        let Some(run) = core.deps.store.run(id).await? else { continue };
        if run.worker != Some(core.id) || run.status != RecordingStatus::Running {
            continue; // it has ended since
        }
        warn!(call_sid = %run.call_sid, run = %id, "nobody works on a run that is held here");
        match requeue::requeue(core, &run).await {
            Err(StoreError::Fault(error)) => {
                warn!(call_sid = %run.call_sid, run = %id, error, "cannot put a run back");
            }
            other => other?,
        }
    }
    Ok(())
}
