//! What an operator sees of the queue, and what a retry of all failed calls goes through.

use std::time::Duration;

use server::{
    engine::rules::Purpose,
    model::{CallFields, Failure, FailureKind, Run, WorkerId},
    store::{Downloaded, FailedCursor, FailureCount, MAX_OFFLINE, MAX_RUNS, Put, Queue, Write},
};
use shared::RecordingState;

use crate::{
    store::{StoreHarness, query_of, recording_of, sid},
    with_url,
};

const SECOND: Duration = Duration::from_secs(1);

impl StoreHarness {
    async fn queue(&self) -> Queue {
        self.store.queue().await.unwrap()
    }

    /// A run of this call that a worker holds.
    async fn running(&self, call: &str, worker: WorkerId) -> Run {
        let call = self.register(call).await;
        self.request(&call, Purpose::Listen).await;
        self.claim_one(worker).await.run
    }

    async fn failing(&self, call: &str, kind: FailureKind, reason: &str) {
        let run = self.running(call, WorkerId::new()).await;
        let failure = Failure::new(kind, reason);
        assert_eq!(self.store.fail(&run, &failure).await.unwrap(), Write::Done);
    }

    async fn publishing(&self, call: &str) {
        let run = self.running(call, WorkerId::new()).await;
        let recording = recording_of(&run, &self.clock);
        assert_eq!(self.store.publish(&run, &recording).await.unwrap(), Write::Done);
    }
}

pub(crate) async fn what_is_wanted_and_what_is_not_are_counted_apart(harness: StoreHarness) {
    let empty = harness.queue().await;
    assert_eq!((empty.queued_wanted, empty.queued_unwanted, empty.running), (0, 0, 0));
    assert_eq!(
        (empty.oldest_wanted_at, empty.last_claim_at, empty.last_ready_at),
        (None, None, None)
    );
    for n in 0..3 {
        let call = harness.register(&format!("prefetched-{n}")).await;
        harness.request(&call, Purpose::Prefetch).await;
    }
    harness.advance(SECOND).await;
    let since = empty.now + SECOND;
    for call in ["CA1", "CA2"] {
        let call = harness.register(call).await;
        harness.request(&call, Purpose::Listen).await;
        harness.advance(SECOND).await;
    }
    let queue = harness.queue().await;
    assert_eq!((queue.queued_wanted, queue.queued_unwanted), (2, 3));
    assert_eq!(queue.oldest_wanted_at, Some(since));
    assert_eq!(queue.now, since + 2 * SECOND);
}

pub(crate) async fn a_running_run_shows_who_holds_it_and_how_far_it_is(harness: StoreHarness) {
    let worker = WorkerId::new();
    let run = harness.running("CA1", worker).await;
    let downloaded = Downloaded { done: 5, total: Some(9) };
    assert_eq!(harness.store.progress(run.id, run.fence, downloaded).await.unwrap(), Write::Done);
    let queue = harness.queue().await;
    let shown = &queue.runs[0];
    assert_eq!((shown.id, &shown.call_sid, shown.worker), (run.id, &run.call_sid, Some(worker)));
    assert_eq!((shown.started_at, shown.attempt), (run.started_at, 0));
    assert_eq!((shown.bytes_done, shown.bytes_total), (5, Some(9)));
    assert_eq!((queue.running, queue.last_claim_at), (1, run.started_at));
}

pub(crate) async fn of_very_many_running_runs_the_oldest_are_named_and_all_are_counted(
    harness: StoreHarness,
) {
    let worker = WorkerId::new();
    for n in 0..MAX_RUNS + 2 {
        let call = harness.register(&format!("CA{n}")).await;
        harness.request(&call, Purpose::Listen).await;
    }
    harness.claim_one(worker).await;
    harness.advance(SECOND).await;
    harness.store.claim(worker, MAX_RUNS + 1).await.unwrap();
    let queue = harness.queue().await;
    assert_eq!((queue.running, queue.runs.len()), (u64::from(MAX_RUNS) + 2, 100));
    assert_eq!(queue.runs[0].call_sid, sid("CA0"));
    assert_eq!(queue.workers[0].running, u64::from(MAX_RUNS) + 2);
}

pub(crate) async fn failures_of_the_last_hour_are_counted_by_reason(harness: StoreHarness) {
    harness.failing("old", FailureKind::Transient, "provider answered 500").await;
    harness.publishing("old-ready").await;
    harness.advance(Duration::from_mins(61)).await;
    harness.failing("CA1", FailureKind::Transient, "provider answered 503").await;
    harness.failing("CA2", FailureKind::Rejected, "too large").await;
    harness.advance(SECOND).await;
    harness.failing("CA3", FailureKind::Transient, "provider answered 503").await;
    harness.publishing("CA4").await;
    for call in ["CA5", "CA6", "CA7"] {
        let call = harness.register(call).await;
        let run = harness.request(&call, Purpose::Listen).await;
        let reason = format!("queued {} seconds without worker pickup", call.as_str().len() + 300);
        assert_eq!(harness.store.fail_stuck(&run, &reason).await.unwrap(), Write::Done);
    }
    let queue = harness.queue().await;
    let (kinds, call) = (|f: &FailureCount| (f.kind, f.reason.clone(), f.runs), sid("CA3"));
    assert_eq!(
        queue.failures.iter().map(kinds).collect::<Vec<_>>(),
        [
            (FailureKind::Stuck, "queued X seconds without worker pickup".to_owned(), 3),
            (FailureKind::Transient, "provider answered 503".to_owned(), 2),
            (FailureKind::Rejected, "too large".to_owned(), 1),
        ]
    );
    assert_eq!((&queue.failures[1].call_sid, queue.failures[1].last_at), (&call, queue.now));
    assert_eq!((queue.ready, queue.failed), (1, 6));
    assert_eq!(queue.last_ready_at, Some(queue.now));
}

pub(crate) async fn a_worker_that_fell_silent_is_lost_and_one_that_retired_is_not(
    harness: StoreHarness,
) {
    let (lost, retired, live) = (WorkerId::new(), WorkerId::new(), WorkerId::new());
    harness.store.introduce(lost, "web-1:4711").await.unwrap();
    for worker in [lost, retired] {
        harness.store.heartbeat(worker).await.unwrap();
    }
    harness.store.retire(retired).await.unwrap();
    let heard = harness.queue().await.now;
    harness.advance(Duration::from_secs(31)).await;
    harness.store.heartbeat(live).await.unwrap();
    let queue = harness.queue().await;
    let ids = |workers: &[server::model::Worker]| workers.iter().map(|w| w.id).collect::<Vec<_>>();
    assert_eq!((ids(&queue.workers), ids(&queue.offline)), (vec![live], vec![lost]));
    assert_eq!((queue.offline_workers, queue.offline[0].last_seen_at), (1, heard));
    assert_eq!(queue.offline[0].place.as_deref(), Some("web-1:4711"));
    harness.store.forget_workers(queue.now).await.unwrap();
    assert_eq!(harness.queue().await.offline_workers, 0);
}

pub(crate) async fn of_very_many_lost_workers_the_last_ones_are_named(harness: StoreHarness) {
    let mut last = WorkerId::new();
    for _ in 0..=MAX_OFFLINE {
        last = WorkerId::new();
        harness.store.heartbeat(last).await.unwrap();
        harness.advance(SECOND).await;
    }
    harness.advance(Duration::from_mins(1)).await;
    let queue = harness.queue().await;
    assert_eq!((queue.offline_workers, queue.offline.len()), (u64::from(MAX_OFFLINE) + 1, 20));
    assert_eq!(queue.offline[0].id, last);
}

pub(crate) async fn the_last_claim_is_known_when_its_worker_has_retired(harness: StoreHarness) {
    harness.publishing("CA1").await;
    let claimed_at = harness.queue().await.now;
    let worker = WorkerId::new();
    harness.store.claim(worker, 1).await.unwrap();
    harness.advance(Duration::from_hours(30)).await;
    harness.store.forget_workers(harness.queue().await.now).await.unwrap();
    assert_eq!(harness.queue().await.last_claim_at, Some(claimed_at));
}

pub(crate) async fn failed_calls_are_those_in_the_state_failed_the_latest_first(
    harness: StoreHarness,
) {
    for call in ["CA1", "CA2", "CA3"] {
        harness.failing(call, FailureKind::Transient, "provider answered 503").await;
        harness.advance(SECOND).await;
    }
    harness.failing("gone", FailureKind::Gone, "provider answered 410").await;
    harness.failing("deleted", FailureKind::Transient, "provider answered 503").await;
    harness.store.delete_recording(&sid("deleted")).await.unwrap();
    harness.failing("silenced", FailureKind::Transient, "provider answered 503").await;
    harness.store.put_call(&sid("silenced"), &CallFields::default()).await.unwrap();
    harness.failing("under-way", FailureKind::Rejected, "too large").await;
    let moved = with_url("https://example.com/b.wav");
    assert_eq!(harness.store.put_call(&sid("under-way"), &moved).await.unwrap(), Put::Replaced);
    harness.request(&sid("under-way"), Purpose::Prefetch).await;
    harness.publishing("ready").await;

    let (mut found, mut after) = (Vec::new(), FailedCursor::START);
    loop {
        let page = harness.store.failed_calls(after, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = last.cursor;
        found.extend(page.into_iter().map(|failed| failed.call_sid));
    }
    assert_eq!(found, ["CA3", "CA2", "CA1"].map(sid));
    let query = query_of(RecordingState::Failed);
    let listed = harness.store.list_calls(&query).await.unwrap();
    assert_eq!(listed.len(), found.len(), "as the list of calls says");
}
