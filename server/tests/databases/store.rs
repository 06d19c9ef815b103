//! The store's promises, one suite for every database.

use std::{sync::Arc, time::Duration};

use server::{
    clock::{Clock as _, TestClock},
    engine::rules::{Policy, Purpose},
    model::{
        CallFields, Failure, FailureKind, NewRun, ObjectKey, ReadyRecording, Recording, Run,
        Sha256Hex, Tombstone, View, WorkerId,
    },
    store::{CallListed, CallQuery, Claimed, Put, StatusChange, Store, Write},
};
use shared::{CallSid, RecordingState, RecordingStatus};

use crate::{database::TestDatabase, with_url};
#[allow(clippy::wildcard_imports)] // sentences, named once more below
use crate::{queue_summary::*, unknown_objects::*};

pub(crate) struct StoreHarness {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<TestClock>,
    database: TestDatabase,
}

async fn harness_on(kind: &str) -> Option<StoreHarness> {
    let database = TestDatabase::on(kind).await?;
    Some(StoreHarness { store: database.open().await, clock: database.clock.clone(), database })
}

/// Runs each of these on every database.
macro_rules! conformance {
    ($($sentence:ident,)*) => {
        mod sqlite {
            conformance!(on "sqlite": $($sentence,)*);
        }
        mod postgres {
            conformance!(on "postgres": $($sentence,)*);
        }
    };
    (on $kind:literal: $($sentence:ident,)*) => {
        $(#[tokio::test]
        async fn $sentence() {
            if let Some(harness) = super::harness_on($kind).await {
                super::$sentence(harness).await;
            }
        })*
    };
}

conformance! {
    of_forty_requests_that_saw_the_same_one_makes_the_run,
    a_failure_is_replaced_once_even_when_the_new_run_has_ended_meanwhile,
    a_run_that_was_claimed_since_it_was_diagnosed_is_not_failed,
    what_a_listener_waits_for_is_claimed_before_what_nobody_waits_for,
    what_was_waited_for_too_long_is_not_claimed_while_somebody_asks,
    a_worker_with_an_old_fence_can_neither_publish_nor_fail,
    nothing_is_published_over_a_deletion,
    what_is_published_is_read_as_it_was_written,
    the_store_knows_the_run_and_the_recording_of_an_object,
    the_quarantine_is_a_list_in_the_order_of_keys,
    an_adopted_object_is_a_recording_and_ends_the_active_run,
    an_object_of_a_deleted_recording_is_not_adopted,
    a_row_whose_url_is_rubbish_does_not_spoil_the_claim_of_others,
    gone_leaves_a_tombstone_that_a_changed_url_clears,
    a_changed_url_ends_the_run_for_the_old_one,
    a_worker_is_live_for_one_lease_after_it_was_last_heard,
    a_run_put_back_has_a_new_wait_and_its_old_beginning,
    the_list_pages_by_key_and_filters_by_state,
    all_is_still_there_after_a_restart,
    each_change_of_a_status_is_shown_with_its_time_until_it_is_long_ago,
    what_is_wanted_and_what_is_not_are_counted_apart,
    a_running_run_shows_who_holds_it_and_how_far_it_is,
    of_very_many_running_runs_the_oldest_are_named_and_all_are_counted,
    failures_of_the_last_hour_are_counted_by_reason,
    a_worker_that_fell_silent_is_lost_and_one_that_retired_is_not,
    of_very_many_lost_workers_the_last_ones_are_named,
    the_last_claim_is_known_when_its_worker_has_retired,
    failed_calls_are_those_in_the_state_failed_the_latest_first,
}

pub(crate) fn sid(text: &str) -> CallSid {
    text.parse().unwrap()
}

impl StoreHarness {
    pub(crate) async fn advance(&self, by: Duration) {
        self.database.advance(by).await;
    }

    pub(crate) async fn register(&self, call: &str) -> CallSid {
        crate::register(&*self.store, call).await
    }

    pub(crate) async fn view(&self, call: &CallSid) -> View {
        self.store.view(call).await.unwrap()
    }

    pub(crate) async fn due(&self, call: &CallSid, purpose: Purpose) -> NewRun {
        crate::due(&*self.store, call, purpose).await
    }

    pub(crate) async fn request(&self, call: &CallSid, purpose: Purpose) -> Run {
        crate::request(&*self.store, call, purpose).await;
        self.view(call).await.last_run.unwrap()
    }

    pub(crate) async fn claim_one(&self, worker: WorkerId) -> Claimed {
        self.store.claim(worker, 1).await.unwrap().pop().expect("a run is due")
    }
}

pub(crate) fn recording_of(run: &Run, clock: &TestClock) -> ReadyRecording {
    ReadyRecording {
        run: run.id,
        key: ObjectKey::new(&run.call_sid, run.id, run.fence),
        content_type: "audio/wav".into(),
        bytes: 7,
        sha256: Sha256Hex::from_digest(&[1; 32]),
        source_sha256: Sha256Hex::from_digest(&[2; 32]),
        duration_seconds: None,
        channels: None,
        peaks_key: None,
        published_at: clock.now(),
    }
}

pub(crate) fn query_of(state: RecordingState) -> CallQuery {
    CallQuery { state: Some(state), search: None, before: None, limit: 100 }
}

async fn what_is_published_is_read_as_it_was_written(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.request(&call, Purpose::Listen).await;
    let run = harness.claim_one(WorkerId::new()).await.run;
    let key = ObjectKey::new(&call, run.id, run.fence);
    let recording = ReadyRecording {
        key: key.converted(),
        duration_seconds: Some(2.25),
        channels: Some(2),
        peaks_key: Some(key.peaks()),
        ..recording_of(&run, &harness.clock)
    };
    assert_eq!(harness.store.publish(&run, &recording).await.unwrap(), Write::Done);
    assert_eq!(harness.view(&call).await.recording, Some(Recording::Ready(recording)));
}

async fn of_forty_requests_that_saw_the_same_one_makes_the_run(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    let run = harness.due(&call, Purpose::Listen).await;
    let mut made = 0;
    for _ in 0..40 {
        if harness.store.create_run(&call, &run, false).await.unwrap().is_some() {
            made += 1;
        }
    }
    assert_eq!(made, 1);
}

async fn a_failure_is_replaced_once_even_when_the_new_run_has_ended_meanwhile(
    harness: StoreHarness,
) {
    let call = harness.register("CA1").await;
    let first = harness.request(&call, Purpose::Listen).await;
    assert_eq!(harness.store.fail_stuck(&first, "queued too long").await.unwrap(), Write::Done);
    let replacement = harness.due(&call, Purpose::Listen).await;
    assert!(harness.store.create_run(&call, &replacement, false).await.unwrap().is_some());
    let second = harness.view(&call).await.last_run.unwrap();
    assert_eq!(second.attempt, 1);
    assert_eq!(harness.store.fail_stuck(&second, "again").await.unwrap(), Write::Done);
    let late = harness.store.create_run(&call, &replacement, false).await.unwrap();
    assert_eq!(late, None);
}

async fn a_run_that_was_claimed_since_it_was_diagnosed_is_not_failed(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    let diagnosed = harness.request(&call, Purpose::Listen).await;
    harness.claim_one(WorkerId::new()).await;
    assert_eq!(harness.store.fail_stuck(&diagnosed, "late").await.unwrap(), Write::Overtaken);
}

async fn what_a_listener_waits_for_is_claimed_before_what_nobody_waits_for(harness: StoreHarness) {
    for n in 0..5 {
        let call = harness.register(&format!("prefetched-{n}")).await;
        harness.request(&call, Purpose::Prefetch).await;
        harness.advance(Duration::from_secs(1)).await;
    }
    let wanted = harness.register("wanted").await;
    harness.request(&wanted, Purpose::Listen).await;
    let claimed = harness.store.claim(WorkerId::new(), 2).await.unwrap();
    let calls: Vec<_> = claimed.iter().map(|c| c.run.call_sid.as_str()).collect();
    assert_eq!(calls, ["wanted", "prefetched-0"]);
}

/// The model found it: claimed at the last moment, it would run for a whole job timeout beyond what the
/// listener was promised.
async fn what_was_waited_for_too_long_is_not_claimed_while_somebody_asks(harness: StoreHarness) {
    let lease_policy = Policy::default().lease_policy();
    let call = harness.register("CA1").await;
    let run = harness.request(&call, Purpose::Listen).await;
    harness.advance(lease_policy.longest_series).await;
    assert_eq!(harness.store.touch(run.id, false).await.unwrap(), Write::Done);
    harness.advance(Duration::from_secs(1)).await;
    assert!(harness.store.claim(WorkerId::new(), 1).await.unwrap().is_empty());

    // Nobody waits any more: no promise is broken, and the work can be done.
    harness.advance(lease_policy.retry_window).await;
    assert_eq!(harness.claim_one(WorkerId::new()).await.run.id, run.id);
}

async fn a_worker_with_an_old_fence_can_neither_publish_nor_fail(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.request(&call, Purpose::Listen).await;
    let paused = harness.claim_one(WorkerId::new()).await.run;
    assert_eq!(harness.store.requeue(&paused).await.unwrap(), Write::Done);
    let current = harness.claim_one(WorkerId::new()).await.run;
    assert!(current.fence > paused.fence);

    let stale = recording_of(&paused, &harness.clock);
    assert_eq!(harness.store.publish(&paused, &stale).await.unwrap(), Write::Overtaken);
    let failure = Failure::new(FailureKind::Transient, "late");
    assert_eq!(harness.store.fail(&paused, &failure).await.unwrap(), Write::Overtaken);

    let recording = recording_of(&current, &harness.clock);
    assert_eq!(harness.store.publish(&current, &recording).await.unwrap(), Write::Done);
    assert_eq!(harness.view(&call).await.recording, Some(Recording::Ready(recording)));
}

async fn a_row_whose_url_is_rubbish_does_not_spoil_the_claim_of_others(harness: StoreHarness) {
    for call in ["bad", "good"] {
        let call = harness.register(call).await;
        harness.request(&call, Purpose::Listen).await;
    }
    harness
        .database
        .meddle("UPDATE calls SET recording_url = 'rubbish' WHERE call_sid = 'bad'")
        .await;
    let claimed = harness.store.claim(WorkerId::new(), 5).await.unwrap();
    let have_url: Vec<_> =
        claimed.iter().map(|c| (c.run.call_sid.as_str(), c.url.is_some())).collect();
    assert_eq!(have_url, [("bad", false), ("good", true)]);
}

async fn nothing_is_published_over_a_deletion(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.request(&call, Purpose::Listen).await;
    let run = harness.claim_one(WorkerId::new()).await.run;
    assert_eq!(harness.store.delete_recording(&call).await.unwrap(), Some(None));
    let recording = recording_of(&run, &harness.clock);
    assert_eq!(harness.store.publish(&run, &recording).await.unwrap(), Write::Overtaken);
    let view = harness.view(&call).await;
    assert_eq!(view.recording, Some(Recording::Tombstone(Tombstone::Deleted)));
    let again =
        harness.store.put_call(&call, &with_url("https://example.com/b.wav")).await.unwrap();
    assert_eq!(again, Put::Deleted);
}

async fn gone_leaves_a_tombstone_that_a_changed_url_clears(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.request(&call, Purpose::Listen).await;
    let run = harness.claim_one(WorkerId::new()).await.run;
    let gone = Failure::new(FailureKind::Gone, "the provider has no such recording");
    assert_eq!(harness.store.fail(&run, &gone).await.unwrap(), Write::Done);
    let tombstone = harness.view(&call).await.recording;
    assert_eq!(tombstone, Some(Recording::Tombstone(Tombstone::Gone)));
    harness.store.put_call(&call, &with_url("https://example.com/b.wav")).await.unwrap();
    assert_eq!(harness.due(&call, Purpose::Listen).await.attempt, 0);
}

async fn a_changed_url_ends_the_run_for_the_old_one(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.request(&call, Purpose::Listen).await;
    let same = harness.store.put_call(&call, &with_url("https://example.com/a.wav")).await.unwrap();
    assert_eq!(same, Put::Replaced);
    assert!(harness.view(&call).await.last_run.unwrap().status.is_active());
    harness.store.put_call(&call, &with_url("https://example.com/b.wav")).await.unwrap();
    let run = harness.view(&call).await.last_run.unwrap();
    assert_eq!(run.status, RecordingStatus::Failed);
    assert_eq!(run.failure.unwrap().kind, FailureKind::Superseded);
}

async fn a_worker_is_live_for_one_lease_after_it_was_last_heard(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.store.heartbeat(WorkerId::new()).await.unwrap();
    harness.advance(Duration::from_secs(30)).await;
    assert_eq!(harness.view(&call).await.workers.live, 1);
    harness.advance(Duration::from_secs(1)).await;
    assert_eq!(harness.view(&call).await.workers.live, 0);
}

async fn a_run_put_back_has_a_new_wait_and_its_old_beginning(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    let made = harness.request(&call, Purpose::Listen).await;
    let run = harness.claim_one(WorkerId::new()).await.run;
    harness.advance(Duration::from_mins(1)).await;
    assert_eq!(harness.store.requeue(&run).await.unwrap(), Write::Done);
    let back = harness.view(&call).await.last_run.unwrap();
    assert_eq!((back.status, back.requeues, back.attempt), (RecordingStatus::Queued, 1, 0));
    assert_eq!(back.created_at, made.created_at);
    assert_eq!(back.queued_at, harness.clock.now());
    assert_eq!((back.started_at, back.worker, back.lease_expires_at), (None, None, None));
}

async fn the_list_pages_by_key_and_filters_by_state(harness: StoreHarness) {
    for n in 0..5 {
        harness.register(&format!("CA{n}")).await;
        harness.advance(Duration::from_secs(1)).await;
    }
    harness.store.put_call(&sid("silent"), &CallFields::default()).await.unwrap();
    harness.request(&sid("CA3"), Purpose::Listen).await;
    let query = |state, before| CallQuery { state, search: None, before, limit: 2 };
    let ids = |calls: &[CallListed]| -> Vec<String> {
        calls.iter().map(|c| c.call.call_sid.to_string()).collect()
    };
    let first = harness.store.list_calls(&query(None, None)).await.unwrap();
    assert_eq!(ids(&first), ["silent", "CA4"]);
    let second = harness.store.list_calls(&query(None, Some(first[1].cursor))).await.unwrap();
    assert_eq!(ids(&second), ["CA3", "CA2"]);
    for (state, expected) in [
        (RecordingState::Queued, vec!["CA3"]),
        (RecordingState::NoRecordingUrl, vec!["silent"]),
        (RecordingState::NotRequested, vec!["CA4", "CA2"]),
    ] {
        let found = harness.store.list_calls(&query(Some(state), None)).await.unwrap();
        assert_eq!(ids(&found), expected);
        assert!(found.iter().all(|call| call.recording.state == state));
    }
}

async fn each_change_of_a_status_is_shown_with_its_time_until_it_is_long_ago(
    harness: StoreHarness,
) {
    let call = harness.register("CA1").await;
    let began = harness.store.now().await.unwrap();
    harness.request(&call, Purpose::Listen).await;
    let queued_at = harness.store.now().await.unwrap();
    let change = |changed_at| StatusChange { call_sid: call.clone(), changed_at };
    let (shown, since) = harness.store.changed_since(began).await.unwrap();
    assert_eq!(shown, [change(queued_at)]);
    // Looked for again: what is committed late may be as old.
    assert_eq!(harness.store.changed_since(since).await.unwrap().0, [change(queued_at)]);

    harness.advance(Duration::from_secs(1)).await;
    harness.claim_one(WorkerId::new()).await;
    let claimed_at = harness.store.now().await.unwrap();
    assert_eq!(harness.store.changed_since(since).await.unwrap().0, [change(claimed_at)]);
    harness.advance(Duration::from_mins(1)).await;
    let (_, since) = harness.store.changed_since(since).await.unwrap();
    assert_eq!(harness.store.changed_since(since).await.unwrap().0, []);
}

async fn all_is_still_there_after_a_restart(harness: StoreHarness) {
    let call = harness.register("CA1").await;
    harness.request(&call, Purpose::Listen).await;
    let before = harness.view(&call).await;
    drop(harness.store);
    let store = harness.database.open().await;
    assert_eq!(store.view(&call).await.unwrap(), before);
    assert_eq!(store.queue().await.unwrap().queued_wanted, 1);
}
