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
        Answer, AttemptsMirror, Changes, Desk, Retried, Unmirrored, WaitingRoom, WaitingRoomLimits,
        rules::{Asker, Final, Policy},
    },
    model::{Failure, FailureKind, Tombstone, WorkerId},
    redis::RedisMirror,
    store::{Store, Write},
};
use shared::{CallSid, RecordingStatus};
use tokio_util::sync::CancellationToken;

use crate::{place::Place, redis_server::Redis, register};

/// A mirror that counts how often it was set.
struct CountingMirror {
    mirror: Box<dyn AttemptsMirror>,
    sets: AtomicU32,
}

impl CountingMirror {
    fn new(mirror: impl AttemptsMirror) -> Self {
        Self { mirror: Box::new(mirror), sets: AtomicU32::new(0) }
    }

    fn sets(&self) -> u32 {
        self.sets.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl AttemptsMirror for CountingMirror {
    async fn read(&self, call_sid: &CallSid) -> Option<u32> {
        self.mirror.read(call_sid).await
    }

    async fn set(&self, call_sid: &CallSid, attempt: u32, window: Duration) {
        assert_eq!(window, Policy::default().retry_window);
        self.sets.fetch_add(1, Ordering::SeqCst);
        self.mirror.set(call_sid, attempt, window).await;
    }

    async fn clear(&self, call_sid: &CallSid) {
        self.mirror.clear(call_sid).await;
    }
}

struct House {
    desk: Arc<Desk>,
    store: Arc<dyn Store>,
    place: Place,
    mirror: Arc<CountingMirror>,
    redis: Option<Redis>,
    changes: Arc<Changes>,
    call: CallSid,
}

/// `None` where this machine lacks one of them; then it has been said.
async fn house_with(kind: &str, with_redis: bool) -> Option<House> {
    let place = Place::on(kind).await?;
    let store = place.open().await;
    let redis = if with_redis { Some(Redis::start()?) } else { None };
    let mirror = Arc::new(match &redis {
        Some(redis) => CountingMirror::new(RedisMirror::new(&redis.url()).unwrap()),
        None => CountingMirror::new(Unmirrored),
    });
    let changes = Arc::new(Changes::new());
    let desk = Desk::new(store.clone(), mirror.clone(), Policy::default(), changes.clone());
    let call = register(&*store, "CA1").await;
    Some(House { desk: Arc::new(desk), store, place, mirror, redis, changes, call })
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
            if let Some(house) = super::house_with($kind, $with_redis).await {
                super::$sentence(house).await;
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

impl House {
    async fn ask(&self) -> Answer {
        self.desk.ask(&self.call, Asker::Listener).await.unwrap()
    }

    /// The attempt of the run that a request is told to wait for.
    async fn attempt(&self) -> u32 {
        match self.ask().await {
            Answer::Preparing(view) => view.last_run.unwrap().attempt,
            other => panic!("must wait, not {other:?}"),
        }
    }

    async fn time_out(&self) {
        self.place.advance(Policy::default().job_timeout + Duration::from_secs(1)).await;
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

async fn without_a_worker_three_attempts_and_then_the_truth(house: House) {
    assert_eq!(house.attempt().await, 0);
    for attempt in 1..=3 {
        house.time_out().await;
        assert_eq!(house.attempt().await, attempt);
    }
    house.time_out().await;
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    assert_eq!(house.runs().await, 4, "no run is made after the refusal");
}

async fn it_costs_the_same_when_the_sweep_finds_the_stuck_run(house: House) {
    house.ask().await;
    house.time_out().await;
    assert_eq!(house.desk.sweep().await.unwrap(), 1);
    assert_eq!(house.desk.sweep().await.unwrap(), 0);
    assert_eq!(house.runs().await, 1, "the sweep makes no run");
    assert_eq!(house.mirror.sets(), 0, "and counts nothing");
    assert_eq!(house.attempt().await, 1);
}

async fn forty_tabs_count_once(house: House) {
    house.ask().await;
    house.time_out().await;
    let tabs: Vec<_> = (0..40)
        .map(|_| {
            let (desk, call) = (house.desk.clone(), house.call.clone());
            tokio::spawn(async move { desk.ask(&call, Asker::Listener).await })
        })
        .collect();
    for tab in tabs {
        assert!(matches!(tab.await.unwrap().unwrap(), Answer::Preparing(_)));
    }
    assert_eq!(house.runs().await, 2);
    assert_eq!(house.mirror.sets(), 1);
    house.redis_shows(Some(1)).await;
}

async fn an_emptied_mirror_does_not_reset_the_count(house: House) {
    house.ask().await;
    for attempt in 1..=3 {
        house.time_out().await;
        house.mirror.clear(&house.call).await;
        assert_eq!(house.attempt().await, attempt);
    }
    house.time_out().await;
    house.mirror.clear(&house.call).await;
    assert_eq!(house.ask().await, Answer::Final(WORKER));
}

async fn a_worker_that_comes_back_earns_one_run_and_a_flapping_one_no_second(house: House) {
    for _ in 0..5 {
        house.ask().await;
        house.time_out().await;
    }
    assert_eq!(house.ask().await, Answer::Final(WORKER));

    let worker = WorkerId::new();
    house.place.advance(Duration::from_secs(1)).await;
    assert!(house.store.claim(worker, 1).await.unwrap().is_empty());
    assert_eq!(house.attempt().await, 3, "it costs no attempt");
    assert_eq!(house.store.claim(worker, 1).await.unwrap().len(), 1);

    house.time_out().await;
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    house.place.advance(Duration::from_secs(1)).await;
    assert!(house.store.claim(worker, 1).await.unwrap().is_empty());
    assert_eq!(house.ask().await, Answer::Final(WORKER));
}

async fn a_prefetched_run_becomes_wanted_when_somebody_listens(house: House) {
    house.desk.ask(&house.call, Asker::Prefetch).await.unwrap();
    house.place.advance(Duration::from_hours(1)).await;
    assert_eq!(house.desk.sweep().await.unwrap(), 0, "nobody waits for it");
    let Answer::Preparing(view) = house.ask().await else { panic!("must wait") };
    let run = view.last_run.unwrap();
    assert_eq!(
        (run.status, run.wanted_at),
        (RecordingStatus::Queued, Some(house.place.clock.now()))
    );
    assert_eq!(house.runs().await, 1);
}

async fn a_peek_foresees_the_whole_way_and_leaves_no_trace(house: House) {
    let peek = async || house.desk.peek(&house.call).await.unwrap();
    let Answer::Preparing(view) = peek().await else { panic!("would wait") };
    assert_eq!(view.last_run.unwrap().attempt, 0);
    assert_eq!(house.runs().await, 0, "no run was made");

    house.ask().await;
    for attempt in 1..=3 {
        house.time_out().await;
        let Answer::Preparing(view) = peek().await else { panic!("would wait") };
        assert_eq!(view.last_run.unwrap().attempt, attempt);
        assert_eq!(house.runs().await, attempt as usize, "no run was made");
        house.ask().await;
    }
    house.time_out().await;
    assert_eq!(peek().await, Answer::Final(WORKER));
    let last = house.store.call(&house.call).await.unwrap().unwrap().runs.pop().unwrap();
    assert_eq!((last.status, last.refused_at), (RecordingStatus::Queued, None));
}

async fn an_operators_retry_starts_a_new_series_and_joins_one_that_is_under_way(house: House) {
    for _ in 0..5 {
        house.ask().await;
        house.time_out().await;
    }
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    let retry = async || match house.desk.retry(&house.call, Asker::Listener).await.unwrap() {
        Retried::Preparing { view, .. } => view.last_run.unwrap(),
        other => panic!("must make a run, not {other:?}"),
    };
    let run = retry().await;
    assert_eq!(run.attempt, 0);
    house.redis_shows(None).await;
    assert_eq!(retry().await.id, run.id);
    assert_eq!(house.attempt().await, 0);
}

fn waiting_room(house: &House) -> Arc<WaitingRoom> {
    let limits = WaitingRoomLimits::default();
    let closing = CancellationToken::new();
    Arc::new(WaitingRoom::new(house.desk.clone(), house.changes.clone(), limits, closing))
}

const LONG: Duration = Duration::from_hours(1);

async fn whoever_waits_is_woken_by_the_end_of_the_run(house: House) {
    let room = waiting_room(&house);
    house.ask().await;
    let (waiting, call) = (room.clone(), house.call.clone());
    let held = tokio::spawn(async move { waiting.wait(&call, LONG).await });
    while room.held() == 0 {
        tokio::task::yield_now().await;
    }
    let worker = WorkerId::new();
    let claimed = house.store.claim(worker, 1).await.unwrap().remove(0);
    let gone = Failure::new(FailureKind::Gone, "gone");
    assert_eq!(house.store.fail(&claimed.run, &gone).await.unwrap(), Write::Done);
    house.changes.tell(&house.call);
    let heard = held.await.unwrap().unwrap();
    assert!(heard.was_held);
    assert_eq!(*heard.answer, Answer::Final(Final::Deleted(Tombstone::Gone)));
}

async fn a_thousand_who_ask_at_once_cost_one_look_and_make_one_run(house: House) {
    let room = waiting_room(&house);
    let askers: Vec<_> = (0..1000)
        .map(|_| {
            let (room, call) = (room.clone(), house.call.clone());
            tokio::spawn(async move { room.ask(&call).await })
        })
        .collect();
    for asker in askers {
        assert!(matches!(&*asker.await.unwrap().unwrap(), Answer::Preparing(_)));
    }
    assert_eq!(house.runs().await, 1);
}

async fn nobody_is_held_where_there_is_no_place_or_nothing_to_wait_for(house: House) {
    let full = WaitingRoomLimits { held: 0, ..WaitingRoomLimits::default() };
    let closing = CancellationToken::new();
    let room = WaitingRoom::new(house.desk.clone(), house.changes.clone(), full, closing);
    assert!(!room.wait(&house.call, LONG).await.unwrap().was_held);
    let unknown: CallSid = "CA404".parse().unwrap();
    assert!(!waiting_room(&house).wait(&unknown, LONG).await.unwrap().was_held);
}

async fn a_server_that_shuts_down_lets_everybody_go(house: House) {
    let closing = CancellationToken::new();
    let (desk, changes) = (house.desk.clone(), house.changes.clone());
    let room = WaitingRoom::new(desk, changes, WaitingRoomLimits::default(), closing.clone());
    let (heard, ()) = tokio::join!(room.wait(&house.call, LONG), async { closing.cancel() });
    assert!(matches!(&*heard.unwrap().answer, Answer::Preparing(_)));
}
