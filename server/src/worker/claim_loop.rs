//! The loop that takes runs off the queue, and lets them finish when it ends. Never gives up
//! because the database is away, and never spins.

use std::{sync::Arc, time::Duration};

use tokio::{
    select,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::{Core, job, outage_log::OutageLog};
use crate::{model::Run, store::Result};

/// How long a round takes at most while all places are taken.
const FULL_ROUND: Duration = Duration::from_secs(15);

/// Claims and works until `shutdown`, then until nothing is running any more.
pub(super) async fn until(core: &Arc<Core>, shutdown: &CancellationToken) {
    let mut running = JoinSet::new();
    let mut outage = OutageLog::new("take runs off the queue");
    while !shutdown.is_cancelled() {
        if free_places(core, &running) > 0 {
            outage.note(&claim(core, &mut running).await);
        }
        let has_room = free_places(core, &running) > 0;
        select! {
            () = shutdown.cancelled() => {}
            Some(ended) = running.join_next() => {
                note_end(ended);
                // Whatever else has ended leaves its place to the same claim.
                while let Some(ended) = running.try_join_next() {
                    note_end(ended);
                }
            }
            () = core.deps.notifier.work(), if has_room => {}
            () = sleep(core.limits.poll), if has_room => {}
            // Nothing to claim for, but a round: a worker at work does not hang.
            () = sleep(FULL_ROUND), if !has_room => {}
        }
        core.rounds.complete();
    }
    finish(core, running).await;
}

async fn claim(core: &Arc<Core>, running: &mut JoinSet<()>) -> Result<()> {
    let _claiming = core.claiming.lock().await;
    // Before the run's `started_at`, whatever clock that is by.
    let began = Instant::now();
    for claimed in core.deps.store.claim(core.id, free_places(core, running)).await? {
        let Run { call_sid, id, fence, attempt, .. } = &claimed.run;
        info!(%call_sid, run = %id, worker = %core.id, fence = fence.0, attempt, "run claimed");
        core.metrics.run_claimed();
        core.deps.notifier.notify(&claimed.run.call_sid);
        let hold = core.active.take(claimed.run.id);
        running.spawn(job::work(core.clone(), claimed, hold, began));
    }
    Ok(())
}

/// Work that is running may finish within the grace time; what is left puts itself back.
async fn finish(core: &Core, mut running: JoinSet<()>) {
    let all_ended = async {
        while let Some(ended) = running.join_next().await {
            note_end(ended);
        }
    };
    let grace_ends = async {
        sleep(core.limits.grace).await;
        core.grace_is_over.cancel();
        std::future::pending::<()>().await;
    };
    select! {
        () = all_ended => {}
        () = grace_ends => {}
    }
}

fn free_places(core: &Core, running: &JoinSet<()>) -> u32 {
    let taken = u32::try_from(running.len()).unwrap_or(u32::MAX);
    core.limits.concurrency.max(1).saturating_sub(taken)
}

fn note_end(ended: std::result::Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        // Its heartbeat finds the run that nobody works on any more.
        error!(%error, "a run's end could not be written down");
    }
}
