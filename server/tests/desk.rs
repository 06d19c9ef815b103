//! The engine on a real SQLite file, with a clock that the tests move: whoever keeps asking gets a
//! final answer.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use server::{
    clock::{Clock, TestClock},
    engine::{
        Answer, AttemptsMirror, Changes, Desk, Retried, WaitingRoom, WaitingRoomLimits,
        rules::{Asker, Final, Policy},
    },
    model::{CallFields, Failure, FailureKind, Tombstone, WorkerId},
    store::{Calls, SqliteStore, Work, Write},
};
use shared::{CallSid, RecordingStatus};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A mirror that counts how often it was set, and remembers the last number.
#[derive(Default)]
struct CountingMirror {
    sets: AtomicU32,
    number: AtomicU32,
}

#[async_trait]
impl AttemptsMirror for CountingMirror {
    async fn read(&self, _: &CallSid) -> Option<u32> {
        Some(self.number.load(Ordering::SeqCst)).filter(|number| *number > 0)
    }

    async fn set(&self, _: &CallSid, attempt: u32, window: Duration) {
        assert_eq!(window, Policy::default().retry_window);
        self.sets.fetch_add(1, Ordering::SeqCst);
        self.number.store(attempt, Ordering::SeqCst);
    }

    async fn clear(&self, _: &CallSid) {
        self.number.store(0, Ordering::SeqCst);
    }
}

struct House {
    desk: Arc<Desk>,
    store: Arc<SqliteStore>,
    clock: Arc<TestClock>,
    mirror: Arc<CountingMirror>,
    changes: Arc<Changes>,
    call: CallSid,
    _folder: tempfile::TempDir,
}

async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::new());
    let told: Arc<dyn Clock> = clock.clone();
    let path = folder.path().join("tapedeck.db");
    let store = Arc::new(SqliteStore::open(&path, told, Policy::default().lease).await.unwrap());
    let mirror = Arc::new(CountingMirror::default());
    let changes = Arc::new(Changes::new());
    let work = Arc::new(Notify::new());
    let desk = Desk::new(store.clone(), mirror.clone(), Policy::default(), work, changes.clone());
    let call: CallSid = "CA1".parse().unwrap();
    let url = Some("https://example.com/a.wav".parse().unwrap());
    let fields = CallFields { recording_url: url, ..CallFields::default() };
    store.put_call(&call, &fields).await.unwrap();
    House { desk: Arc::new(desk), store, clock, mirror, changes, call, _folder: folder }
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

    fn time_out(&self) {
        self.clock.advance(Policy::default().job_timeout + Duration::from_secs(1));
    }

    async fn runs(&self) -> usize {
        self.store.call(&self.call).await.unwrap().unwrap().runs.len()
    }
}

const WORKER: Final = Final::WorkerNotProcessing { attempt: 3 };

#[tokio::test]
async fn without_a_worker_three_attempts_and_then_the_truth() {
    let house = house().await;
    assert_eq!(house.attempt().await, 0);
    for attempt in 1..=3 {
        house.time_out();
        assert_eq!(house.attempt().await, attempt);
    }
    house.time_out();
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    assert_eq!(house.runs().await, 4, "no run is made after the refusal");
}

#[tokio::test]
async fn it_costs_the_same_when_the_sweep_finds_the_stuck_run() {
    let house = house().await;
    house.ask().await;
    house.time_out();
    assert_eq!(house.desk.sweep().await.unwrap(), 1);
    assert_eq!(house.desk.sweep().await.unwrap(), 0);
    assert_eq!(house.runs().await, 1, "the sweep makes no run");
    assert_eq!(house.mirror.sets.load(Ordering::SeqCst), 0, "and counts nothing");
    assert_eq!(house.attempt().await, 1);
}

#[tokio::test]
async fn forty_tabs_count_once() {
    let house = house().await;
    house.ask().await;
    house.time_out();
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
    assert_eq!(house.mirror.sets.load(Ordering::SeqCst), 1);
    assert_eq!(house.mirror.number.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_emptied_mirror_does_not_reset_the_count() {
    let house = house().await;
    house.ask().await;
    for attempt in 1..=3 {
        house.time_out();
        house.mirror.clear(&house.call).await;
        assert_eq!(house.attempt().await, attempt);
    }
    house.time_out();
    house.mirror.clear(&house.call).await;
    assert_eq!(house.ask().await, Answer::Final(WORKER));
}

#[tokio::test]
async fn a_worker_that_comes_back_earns_one_run_and_a_flapping_one_no_second() {
    let house = house().await;
    for _ in 0..5 {
        house.ask().await;
        house.time_out();
    }
    assert_eq!(house.ask().await, Answer::Final(WORKER));

    let worker = WorkerId::new();
    house.clock.advance(Duration::from_secs(1));
    assert!(house.store.claim(worker, 1).await.unwrap().is_empty());
    assert_eq!(house.attempt().await, 3, "it costs no attempt");
    assert_eq!(house.store.claim(worker, 1).await.unwrap().len(), 1);

    house.time_out();
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    house.clock.advance(Duration::from_secs(1));
    assert!(house.store.claim(worker, 1).await.unwrap().is_empty());
    assert_eq!(house.ask().await, Answer::Final(WORKER));
}

#[tokio::test]
async fn a_prefetched_run_becomes_wanted_when_somebody_listens() {
    let house = house().await;
    house.desk.ask(&house.call, Asker::Prefetch).await.unwrap();
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(house.desk.sweep().await.unwrap(), 0, "nobody waits for it");
    let Answer::Preparing(view) = house.ask().await else { panic!("must wait") };
    let run = view.last_run.unwrap();
    assert_eq!((run.status, run.wanted_at), (RecordingStatus::Queued, Some(house.clock.now())));
    assert_eq!(house.runs().await, 1);
}

#[tokio::test]
async fn a_peek_foresees_the_whole_way_and_leaves_no_trace() {
    let house = house().await;
    let peek = async || house.desk.peek(&house.call).await.unwrap();
    let Answer::Preparing(view) = peek().await else { panic!("would wait") };
    assert_eq!(view.last_run.unwrap().attempt, 0);
    assert_eq!(house.runs().await, 0, "no run was made");

    house.ask().await;
    for attempt in 1..=3 {
        house.time_out();
        let Answer::Preparing(view) = peek().await else { panic!("would wait") };
        assert_eq!(view.last_run.unwrap().attempt, attempt);
        assert_eq!(house.runs().await, attempt as usize, "no run was made");
        house.ask().await;
    }
    house.time_out();
    assert_eq!(peek().await, Answer::Final(WORKER));
    let last = house.store.call(&house.call).await.unwrap().unwrap().runs.pop().unwrap();
    assert_eq!((last.status, last.refused_at), (RecordingStatus::Queued, None));
}

#[tokio::test]
async fn an_operators_retry_starts_a_new_series_and_joins_one_that_is_under_way() {
    let house = house().await;
    for _ in 0..5 {
        house.ask().await;
        house.time_out();
    }
    assert_eq!(house.ask().await, Answer::Final(WORKER));
    let retry = async || match house.desk.retry(&house.call, Asker::Listener).await.unwrap() {
        Retried::Preparing { view, .. } => view.last_run.unwrap(),
        other => panic!("must make a run, not {other:?}"),
    };
    let run = retry().await;
    assert_eq!(run.attempt, 0);
    assert_eq!(house.mirror.number.load(Ordering::SeqCst), 0, "the counter is gone");
    assert_eq!(retry().await.id, run.id);
    assert_eq!(house.attempt().await, 0);
}

fn waiting_room(house: &House) -> Arc<WaitingRoom> {
    let limits = WaitingRoomLimits::default();
    let closing = CancellationToken::new();
    Arc::new(WaitingRoom::new(house.desk.clone(), house.changes.clone(), limits, closing))
}

const LONG: Duration = Duration::from_hours(1);

#[tokio::test]
async fn whoever_waits_is_woken_by_the_end_of_the_run() {
    let house = house().await;
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

#[tokio::test]
async fn a_thousand_who_ask_at_once_cost_one_look_and_make_one_run() {
    let house = house().await;
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

#[tokio::test]
async fn nobody_is_held_where_there_is_no_place_or_nothing_to_wait_for() {
    let house = house().await;
    let full = WaitingRoomLimits { held: 0, ..WaitingRoomLimits::default() };
    let closing = CancellationToken::new();
    let room = WaitingRoom::new(house.desk.clone(), house.changes.clone(), full, closing);
    assert!(!room.wait(&house.call, LONG).await.unwrap().was_held);
    let unknown: CallSid = "CA404".parse().unwrap();
    assert!(!waiting_room(&house).wait(&unknown, LONG).await.unwrap().was_held);
}

#[tokio::test]
async fn a_server_that_shuts_down_lets_everybody_go() {
    let house = house().await;
    let closing = CancellationToken::new();
    let (desk, changes) = (house.desk.clone(), house.changes.clone());
    let room = WaitingRoom::new(desk, changes, WaitingRoomLimits::default(), closing.clone());
    let (heard, ()) = tokio::join!(room.wait(&house.call, LONG), async { closing.cancel() });
    assert!(matches!(&*heard.unwrap().answer, Answer::Preparing(_)));
}
