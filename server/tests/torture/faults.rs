//! Carries out the plan's faults, each at its time.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{
    sync::Mutex,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    harness::Harness,
    plan::{Event, Fault},
    s3_server::Away,
};

/// Does them all; how often each was done.
pub(crate) async fn carry_out(harness: Arc<Harness>, events: Vec<Event>) -> BTreeMap<Fault, u64> {
    let began = Instant::now();
    // One thing at a time happens to each of these; processes see to that themselves.
    let locks: Arc<[Mutex<()>; 2]> = Arc::default();
    let mut tasks = JoinSet::new();
    for event in events {
        let (harness, locks) = (harness.clone(), locks.clone());
        tasks.spawn(async move {
            sleep_until(began + event.at).await;
            strike(&harness, &locks, event).await;
            event.fault
        });
    }
    let mut done = BTreeMap::new();
    for fault in tasks.join_all().await {
        *done.entry(fault).or_default() += 1;
    }
    done
}

async fn strike(harness: &Harness, [postgres, redis]: &[Mutex<()>; 2], event: Event) {
    let (workers, servers) = (&harness.cluster.workers, &harness.cluster.servers);
    let worker = &workers[event.target % workers.len()];
    let server = &servers[event.target % servers.len()];
    let lasts = event.lasts;
    match event.fault {
        Fault::KillWorker => worker.kill(lasts).await,
        Fault::PauseWorker => worker.pause(lasts).await,
        Fault::TerminateWorker => worker.terminate().await,
        Fault::KillServer => server.kill(lasts / 4).await,
        Fault::PauseServer => server.pause(lasts / 2).await,
        Fault::RestartPostgres => {
            let _one = postgres.lock().await;
            tokio::task::block_in_place(|| harness.postgres.server().restart());
        }
        Fault::PausePostgres => {
            let _one = postgres.lock().await;
            harness.postgres.server().pause();
            sleep(lasts / 2).await;
            harness.postgres.server().resume();
        }
        Fault::FlushRedis => {
            let _one = redis.lock().await;
            harness.redis.tell::<()>(&["FLUSHALL"]).await;
        }
        Fault::StopRedis => {
            let _one = redis.lock().await;
            harness.redis.stop();
            sleep(lasts).await;
            tokio::task::block_in_place(|| harness.redis.start_again());
        }
        Fault::PauseRedis => {
            let _one = redis.lock().await;
            harness.redis.pause();
            sleep(lasts).await;
            harness.redis.resume();
        }
        Fault::StopStorage | Fault::PauseStorage => {
            let how = if event.fault == Fault::StopStorage { Away::Gone } else { Away::Silent };
            let mut s3 = harness.s3.lock().await;
            s3.go_away(how);
            sleep(lasts).await;
            tokio::task::block_in_place(|| s3.come_back(how));
        }
    }
}
