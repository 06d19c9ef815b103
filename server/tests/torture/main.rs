//! Torture: real server and worker processes on a real PostgreSQL, Redis and S3, with a provider that
//! fails in every way, while processes are killed, paused and cut off by a seeded plan. Then it is
//! counted whether engine.md's promise held. `cargo xtask torture` runs it at any size.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod audit;
mod calls;
mod cluster;
mod faults;
mod harness;
mod listener;
mod plan;
#[path = "../support/postgres.rs"]
mod postgres_server;
mod provider;
#[path = "../support/redis.rs"]
mod redis_server;
mod report;
#[path = "../support/s3.rs"]
mod s3_server;

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    harness::Harness,
    plan::{Plan, Size},
};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_whoever_keeps_asking_gets_a_final_answer_and_nothing_is_lost_or_doubled() {
    let plan = Arc::new(Plan::new(Size::read()));
    let began = Instant::now();
    let Some(harness) = Harness::start(&plan).await.map(Arc::new) else { return };
    assert_eq!(harness.insist(reqwest::Method::GET, "/readyz", String::new()).await, 200);
    audit::begin(&harness).await;

    let supervised = harness.clone();
    let _supervisor =
        AbortOnDropHandle::new(tokio::spawn(async move { supervised.cluster.supervise().await }));
    let faults = tokio::spawn(faults::carry_out(harness.clone(), plan.events.clone()));
    let heard = calls::listen_to_all(&harness, &plan).await;
    let faults = faults.await.unwrap();
    let (heard, mut wrong) = heard;

    harness.provider.be_calm();
    let (calm, wrong_in_the_calm) = calls::ask_once_more(&harness, &plan).await;
    wrong.extend(wrong_in_the_calm);
    wrong.extend(leftovers(&harness).await);
    let (counts, wrong_rows) = audit::judge(&harness, &plan).await;
    wrong.extend(wrong_rows);
    wrong.extend(complaints(&harness).await);

    report::print(&plan, &harness, &heard, &calm, &faults, &counts, began.elapsed());
    if !wrong.is_empty() {
        let kept = harness.folder.path().with_extension("kept");
        let _ = std::fs::create_dir_all(&kept);
        for process in harness.cluster.servers.iter().chain(&harness.cluster.workers) {
            let _ = std::fs::write(kept.join(&process.name), process.log());
        }
        panic!(
            "{} things are wrong (logs in {}):\n{}",
            wrong.len(),
            kept.display(),
            wrong.join("\n")
        );
    }
}

/// The object by which the storage is known.
const STORAGE_ID: &str = ".tapedeck-storage-id";

/// Objects that no row names, once the sweep must have passed.
async fn leftovers(harness: &Harness) -> Vec<String> {
    // An object's run ended, then 2·T, then a sweep; and as much again for a slow machine.
    let until = Instant::now() + (harness::JOB_TIMEOUT * 2 + Duration::from_secs(10)) * 2;
    loop {
        let named = audit::named_objects(harness).await;
        let mut unnamed = harness.s3.lock().await.objects();
        unnamed.retain(|object| object != STORAGE_ID);
        unnamed.retain(|object| !named.contains(object));
        if unnamed.is_empty() || Instant::now() > until {
            return unnamed.iter().map(|key| format!("no row names the object {key}")).collect();
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// What no log may say, and processes that ended by themselves.
async fn complaints(harness: &Harness) -> Vec<String> {
    let mut complaints = Vec::new();
    for process in harness.cluster.servers.iter().chain(&harness.cluster.workers) {
        complaints.extend(process.has_ended().await);
        let log = process.log();
        let panics = log.lines().filter(|line| line.contains("panicked"));
        complaints.extend(panics.map(|line| format!("{}: {line}", process.name)));
    }
    complaints
}
