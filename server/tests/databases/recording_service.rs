//! The engine on every database, with a real Redis and without one, with a clock that the tests
//! move: whoever keeps asking gets a final answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use server::{
    clock::Clock as _,
    engine::{
        AttemptCounter, Availability, ChangeNotifier, LongPoll, LongPollLimits, NoAttemptCounter,
        RecordingService, RetryOutcome,
        rules::{Final, Policy, Purpose},
    },
    model::{Failure, FailureKind, Tombstone, WorkerId},
    redis::RedisAttemptCounter,
    store::{Store, Write},
};
use shared::{CallSid, RecordingStatus};
use tokio_util::sync::CancellationToken;

use crate::{database::TestDatabase, redis_server::Redis, register};

/// A mirror that counts how often it was set.
struct CountingAttemptCounter {
    attempt_counter: Box<dyn AttemptCounter>,
    sets: AtomicU32,
}

impl CountingAttemptCounter {
    fn new(attempt_counter: impl AttemptCounter) -> Self {
        Self { attempt_counter: Box::new(attempt_counter), sets: AtomicU32::new(0) }
    }

    fn sets(&self) -> u32 {
        self.sets.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl AttemptCounter for CountingAttemptCounter {
    async fn read(&self, call_sid: &CallSid) -> Option<u32> {
        self.attempt_counter.read(call_sid).await
    }

    async fn set(&self, call_sid: &CallSid, attempt: u32, window: Duration) {
        assert_eq!(window, Policy::default().retry_window);
        self.sets.fetch_add(1, Ordering::SeqCst);
        self.attempt_counter.set(call_sid, attempt, window).await;
    }

    async fn clear(&self, call_sid: &CallSid) {
        self.attempt_counter.clear(call_sid).await;
    }
}

struct Harness {
    service: Arc<RecordingService>,
    store: Arc<dyn Store>,
    database: TestDatabase,
    attempt_counter: Arc<CountingAttemptCounter>,
    redis: Option<Redis>,
    notifier: Arc<ChangeNotifier>,
    call: CallSid,
}

/// `None` where this machine lacks one of them; then it has been said.
async fn harness_with(kind: &str, with_redis: bool) -> Option<Harness> {
    let database = TestDatabase::on(kind).await?;
    let store = database.open().await;
    let redis = if with_redis { Some(Redis::start()?) } else { None };
    let attempt_counter = Arc::new(match &redis {
        Some(redis) => CountingAttemptCounter::new(RedisAttemptCounter::new(&redis.url()).unwrap()),
        None => CountingAttemptCounter::new(NoAttemptCounter),
    });
    let notifier = Arc::new(ChangeNotifier::new());
    let service = RecordingService::new(
        store.clone(),
        attempt_counter.clone(),
        Policy::default(),
        notifier.clone(),
    );
    let call = register(&*store, "CA1").await;
    Some(Harness {
        service: Arc::new(service),
        store,
        database,
        attempt_counter,
        redis,
        notifier,
        call,
    })
}

/// Runs each of these on every database, with Redis and without.
macro_rules! conformance {
    ($($sentence:ident,)*) => {
        mod sqlite {
            conformance!(on "sqlite", false: $($sentence,)*);
        }
        mod sqlite_and_redis {
            conformance!(on "sqlite", true: $($sentence,)*);
        }
        mod postgres {
            conformance!(on "postgres", false: $($sentence,)*);
        }
        mod postgres_and_redis {
            conformance!(on "postgres", true: $($sentence,)*);
        }
    };
    (on $kind:literal, $with_redis:literal: $($sentence:ident,)*) => {
        $(#[tokio::test]
        async fn $sentence() {
            if let Some(harness) = super::harness_with($kind, $with_redis).await {
                super::$sentence(harness).await;
            }
        })*
    };
}

conformance! {
    without_a_worker_three_attempts_and_then_the_truth,
    it_costs_the_same_when_the_sweep_finds_the_stuck_run,
    forty_tabs_count_once,
    an_emptied_mirror_does_not_reset_the_count,
    a_worker_that_comes_back_earns_one_run_and_a_flapping_one_no_second,
    a_prefetched_run_becomes_wanted_when_somebody_listens,
    a_peek_foresees_the_whole_way_and_leaves_no_trace,
    an_operators_retry_starts_a_new_series_and_joins_one_that_is_under_way,
    whoever_waits_is_woken_by_the_end_of_the_run,
    a_thousand_who_ask_at_once_cost_one_look_and_make_one_run,
    nobody_is_held_where_there_is_no_place_or_nothing_to_wait_for,
    a_server_that_shuts_down_lets_everybody_go,
}

impl Harness {
    async fn ask(&self) -> Availability {
        self.service.ask(&self.call, Purpose::Listen).await.unwrap()
    }

    /// The attempt of the run that a request is told to wait for.
    async fn attempt(&self) -> u32 {
        match self.ask().await {
            Availability::Preparing(view) => view.last_run.unwrap().attempt,
            other => panic!("must wait, not {other:?}"),
        }
    }

    async fn time_out(&self) {
        self.database.advance(Policy::default().job_timeout + Duration::from_secs(1)).await;
    }

    async fn redis_shows(&self, number: Option<u32>) {
        let Some(redis) = &self.redis else { return };
        let key = format!("recording_retry_attempts:{}", self.call);
        assert_eq!(redis.tell::<Option<u32>>(&["GET", &key]).await, number);
    }

    async fn runs(&self) -> usize {
        self.store.call(&self.call).await.unwrap().unwrap().runs.len()
    }
}

const WORKER: Final = Final::WorkerNotProcessing { attempt: 3 };

async fn without_a_worker_three_attempts_and_then_the_truth(harness: Harness) {
    assert_eq!(harness.attempt().await, 0);
    for attempt in 1..=3 {
        harness.time_out().await;
        assert_eq!(harness.attempt().await, attempt);
    }
    harness.time_out().await;
    assert_eq!(harness.ask().await, Availability::Final(WORKER));
    assert_eq!(harness.ask().await, Availability::Final(WORKER));
    assert_eq!(harness.runs().await, 4, "no run is made after the refusal");
}

async fn it_costs_the_same_when_the_sweep_finds_the_stuck_run(harness: Harness) {
    harness.ask().await;
    harness.time_out().await;
    assert_eq!(harness.service.sweep().await.unwrap(), 1);
    assert_eq!(harness.service.sweep().await.unwrap(), 0);
    assert_eq!(harness.runs().await, 1, "the sweep makes no run");
    assert_eq!(harness.attempt_counter.sets(), 0, "and counts nothing");
    assert_eq!(harness.attempt().await, 1);
}

async fn forty_tabs_count_once(harness: Harness) {
    harness.ask().await;
    harness.time_out().await;
    let tabs: Vec<_> = (0..40)
        .map(|_| {
            let (service, call) = (harness.service.clone(), harness.call.clone());
            tokio::spawn(async move { service.ask(&call, Purpose::Listen).await })
        })
        .collect();
    for tab in tabs {
        assert!(matches!(tab.await.unwrap().unwrap(), Availability::Preparing(_)));
    }
    assert_eq!(harness.runs().await, 2);
    assert_eq!(harness.attempt_counter.sets(), 1);
    harness.redis_shows(Some(1)).await;
}

async fn an_emptied_mirror_does_not_reset_the_count(harness: Harness) {
    harness.ask().await;
    for attempt in 1..=3 {
        harness.time_out().await;
        harness.attempt_counter.clear(&harness.call).await;
        assert_eq!(harness.attempt().await, attempt);
    }
    harness.time_out().await;
    harness.attempt_counter.clear(&harness.call).await;
    assert_eq!(harness.ask().await, Availability::Final(WORKER));
}

async fn a_worker_that_comes_back_earns_one_run_and_a_flapping_one_no_second(harness: Harness) {
    for _ in 0..5 {
        harness.ask().await;
        harness.time_out().await;
    }
    assert_eq!(harness.ask().await, Availability::Final(WORKER));

    let worker = WorkerId::new();
    harness.database.advance(Duration::from_secs(1)).await;
    assert!(harness.store.claim(worker, 1).await.unwrap().is_empty());
    assert_eq!(harness.attempt().await, 3, "it costs no attempt");
    assert_eq!(harness.store.claim(worker, 1).await.unwrap().len(), 1);

    harness.time_out().await;
    assert_eq!(harness.ask().await, Availability::Final(WORKER));
    harness.database.advance(Duration::from_secs(1)).await;
    assert!(harness.store.claim(worker, 1).await.unwrap().is_empty());
    assert_eq!(harness.ask().await, Availability::Final(WORKER));
}

async fn a_prefetched_run_becomes_wanted_when_somebody_listens(harness: Harness) {
    harness.service.ask(&harness.call, Purpose::Prefetch).await.unwrap();
    harness.database.advance(Duration::from_hours(1)).await;
    assert_eq!(harness.service.sweep().await.unwrap(), 0, "nobody waits for it");
    let Availability::Preparing(view) = harness.ask().await else { panic!("must wait") };
    let run = view.last_run.unwrap();
    assert_eq!(
        (run.status, run.wanted_at),
        (RecordingStatus::Queued, Some(harness.database.clock.now()))
    );
    assert_eq!(harness.runs().await, 1);
}

async fn a_peek_foresees_the_whole_way_and_leaves_no_trace(harness: Harness) {
    let peek = async || harness.service.peek(&harness.call).await.unwrap();
    let Availability::Preparing(view) = peek().await else { panic!("would wait") };
    assert_eq!(view.last_run.unwrap().attempt, 0);
    assert_eq!(harness.runs().await, 0, "no run was made");

    harness.ask().await;
    for attempt in 1..=3 {
        harness.time_out().await;
        let Availability::Preparing(view) = peek().await else { panic!("would wait") };
        assert_eq!(view.last_run.unwrap().attempt, attempt);
        assert_eq!(harness.runs().await, attempt as usize, "no run was made");
        harness.ask().await;
    }
    harness.time_out().await;
    assert_eq!(peek().await, Availability::Final(WORKER));
    let last = harness.store.call(&harness.call).await.unwrap().unwrap().runs.pop().unwrap();
    assert_eq!((last.status, last.refused_at), (RecordingStatus::Queued, None));
}

async fn an_operators_retry_starts_a_new_series_and_joins_one_that_is_under_way(harness: Harness) {
    for _ in 0..5 {
        harness.ask().await;
        harness.time_out().await;
    }
    assert_eq!(harness.ask().await, Availability::Final(WORKER));
    let retry = async || match harness.service.retry(&harness.call, Purpose::Listen).await.unwrap()
    {
        RetryOutcome::Preparing { view, .. } => view.last_run.unwrap(),
        other => panic!("must make a run, not {other:?}"),
    };
    let run = retry().await;
    assert_eq!(run.attempt, 0);
    harness.redis_shows(None).await;
    assert_eq!(retry().await.id, run.id);
    assert_eq!(harness.attempt().await, 0);
}

fn long_poll(harness: &Harness) -> Arc<LongPoll> {
    let limits = LongPollLimits::default();
    let closing = CancellationToken::new();
    Arc::new(LongPoll::new(harness.service.clone(), harness.notifier.clone(), limits, closing))
}

const LONG: Duration = Duration::from_hours(1);

async fn whoever_waits_is_woken_by_the_end_of_the_run(harness: Harness) {
    let room = long_poll(&harness);
    harness.ask().await;
    let (waiting, call) = (room.clone(), harness.call.clone());
    let held = tokio::spawn(async move { waiting.wait(&call, LONG).await });
    while room.held() == 0 {
        tokio::task::yield_now().await;
    }
    let worker = WorkerId::new();
    let claimed = harness.store.claim(worker, 1).await.unwrap().remove(0);
    let gone = Failure::new(FailureKind::Gone, "gone");
    assert_eq!(harness.store.fail(&claimed.run, &gone).await.unwrap(), Write::Done);
    harness.notifier.notify(&harness.call);
    let heard = held.await.unwrap().unwrap();
    assert!(heard.was_held);
    assert_eq!(*heard.answer, Availability::Final(Final::Deleted(Tombstone::Gone)));
}

async fn a_thousand_who_ask_at_once_cost_one_look_and_make_one_run(harness: Harness) {
    let room = long_poll(&harness);
    let askers: Vec<_> = (0..1000)
        .map(|_| {
            let (room, call) = (room.clone(), harness.call.clone());
            tokio::spawn(async move { room.ask(&call).await })
        })
        .collect();
    for purpose in askers {
        assert!(matches!(&*purpose.await.unwrap().unwrap(), Availability::Preparing(_)));
    }
    assert_eq!(harness.runs().await, 1);
}

async fn nobody_is_held_where_there_is_no_place_or_nothing_to_wait_for(harness: Harness) {
    let full = LongPollLimits { held: 0, ..LongPollLimits::default() };
    let closing = CancellationToken::new();
    let room = LongPoll::new(harness.service.clone(), harness.notifier.clone(), full, closing);
    assert!(!room.wait(&harness.call, LONG).await.unwrap().was_held);
    let unknown: CallSid = "CA404".parse().unwrap();
    assert!(!long_poll(&harness).wait(&unknown, LONG).await.unwrap().was_held);
}

async fn a_server_that_shuts_down_lets_everybody_go(harness: Harness) {
    let closing = CancellationToken::new();
    let (service, notifier) = (harness.service.clone(), harness.notifier.clone());
    let room = LongPoll::new(service, notifier, LongPollLimits::default(), closing.clone());
    let (heard, ()) = tokio::join!(room.wait(&harness.call, LONG), async { closing.cancel() });
    assert!(matches!(&*heard.unwrap().answer, Availability::Preparing(_)));
}
