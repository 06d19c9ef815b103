//! Many processes at once: nothing is done twice, and nobody waits for nothing.

use std::{collections::HashSet, sync::Arc};

use futures_util::future::{join, join_all};
use server::{
    clock::TestClock,
    engine::rules::Purpose,
    model::{ReadyRecording, Run, WorkerId},
    store::{
        Calls as _, Hint, Hints as _, PostgresStore, Runs as _, StoreError, Upkeep as _, Work as _,
        Write,
    },
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    FOR_EVER, database::open_postgres as open, due, postgres_server::Database, register, request,
    store::recording_of,
};

#[tokio::test]
async fn ten_that_start_at_once_on_an_empty_database_all_find_it_ready() {
    let Some(database) = Database::create().await else { return };
    let stores = join_all((0..10).map(|_| open(&database))).await;
    for store in stores {
        store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn each_run_is_taken_by_one_worker() {
    let Some(database) = Database::create().await else { return };
    let store = open(&database).await;
    for n in 0..100 {
        let call = register(&store, &format!("CA{n}")).await;
        request(&store, &call, Purpose::Listen).await;
    }
    let workers = (0..8).map(|_| async {
        let (store, worker) = (open(&database).await, WorkerId::new());
        let mut taken = Vec::new();
        loop {
            let claimed = store.claim(worker, 3).await.unwrap();
            if claimed.is_empty() {
                return taken; // the others may still hold some, but none is left for this one
            }
            taken.extend(claimed.into_iter().map(|claimed| (claimed.run.id, claimed.run.fence)));
        }
    });
    let taken: Vec<_> = join_all(workers).await.into_iter().flatten().collect();
    let different: HashSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), different.len()), (100, 100));
    assert_eq!(store.queue().await.unwrap().running, 100);
}

#[tokio::test]
async fn of_many_that_are_published_at_the_same_moment_each_is_told_its_own() {
    let Some(database) = Database::create().await else { return };
    let store = open(&database).await;
    let mut runs = claimed(&store, 20).await;
    let (lost, deleted) = (runs[3].clone(), runs[5].clone());
    assert_eq!(store.requeue(&lost).await.unwrap(), Write::Done);
    let again = store.claim(WorkerId::new(), 1).await.unwrap().remove(0).run;
    assert_eq!(again.id, lost.id);
    runs.push(again);
    store.delete_recording(&deleted.call_sid).await.unwrap();
    let writes = join_all(runs.iter().map(|run| publish(&store, run, "audio/wav"))).await;
    for (run, write) in runs.iter().zip(writes) {
        let is_refused = [&lost, &deleted].iter().any(|r| (r.id, r.fence) == (run.id, run.fence));
        let expected = if is_refused { Write::Overtaken } else { Write::Done };
        assert_eq!(write.unwrap(), expected, "{}", run.call_sid);
    }
    assert_eq!(store.queue().await.unwrap().ready, 19);
}

#[tokio::test]
async fn one_that_the_database_refuses_does_not_spoil_what_is_published_with_it() {
    let Some(database) = Database::create().await else { return };
    let store = open(&database).await;
    let runs = claimed(&store, 3).await;
    let kinds = ["audio/wav", "no text: \0", "audio/wav"];
    let all = runs.iter().zip(kinds).map(|(run, kind)| publish(&store, run, kind));
    let [first, refused, last] = <[_; 3]>::try_from(join_all(all).await).unwrap();
    assert_eq!((first.unwrap(), last.unwrap()), (Write::Done, Write::Done));
    assert!(matches!(refused, Err(StoreError::Fault(_))), "{refused:?}");
}

#[tokio::test]
async fn beats_and_publications_of_the_same_runs_never_hold_what_the_other_wants() {
    let Some(database) = Database::create().await else { return };
    let store = open(&database).await;
    let runs = claimed(&store, 200).await;
    let worker = runs[0].worker.unwrap();
    let beats = async { while !store.heartbeat(worker).await.unwrap().is_empty() {} };
    let publications = join_all(runs.iter().map(|run| publish(&store, run, "audio/wav")));
    let ((), writes) = join(beats, publications).await;
    assert!(writes.into_iter().all(|write| write.unwrap() == Write::Done));
}

#[tokio::test]
async fn the_plan_of_a_claim_can_be_asked_for() {
    let Some(database) = Database::create().await else { return };
    let plan = open(&database).await.explain_claim().await.unwrap();
    assert!(plan.contains("recording_runs"), "{plan}");
}

/// So many runs, which one worker has taken.
async fn claimed(store: &PostgresStore, count: u32) -> Vec<Run> {
    for n in 0..count {
        let call = register(store, &format!("CA{n}")).await;
        request(store, &call, Purpose::Listen).await;
    }
    let claimed = store.claim(WorkerId::new(), count).await.unwrap();
    claimed.into_iter().map(|claimed| claimed.run).collect()
}

async fn publish(store: &PostgresStore, run: &Run, kind: &str) -> Result<Write, StoreError> {
    let recording = recording_of(run, &TestClock::new());
    store.publish(run, &ReadyRecording { content_type: kind.to_owned(), ..recording }).await
}

#[tokio::test]
async fn of_forty_that_ask_at_the_same_moment_one_makes_the_run() {
    let Some(database) = Database::create().await else { return };
    let stores = join_all((0..4).map(|_| open(&database))).await;
    let call = register(&stores[0], "CA1").await;
    let run = due(&stores[0], &call, Purpose::Listen).await;
    let asks = (0..40).map(|n| stores[n % 4].create_run(&call, &run, false));
    let writes = join_all(asks).await;
    let done = writes.into_iter().filter_map(Result::unwrap);
    assert_eq!(done.count(), 1);
}

#[tokio::test]
async fn what_one_process_says_the_others_hear_and_itself_does_not() {
    let Some(database) = Database::create().await else { return };
    let (speaker, listener) = (open(&database).await, open(&database).await);
    let hint = Hint { call_sid: "CA1".parse().unwrap(), is_work: true };

    let (speak, said) = mpsc::channel(10);
    let own = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard_own = own.clone();
    let _speaking = AbortOnDropHandle::new(tokio::spawn(async move {
        speaker.relay(said, &move |hint| heard_own.lock().unwrap().push(hint)).await;
    }));
    let (_silence, nothing) = mpsc::channel(1);
    let (hear, mut heard) = mpsc::unbounded_channel();
    let _listening = AbortOnDropHandle::new(tokio::spawn(async move {
        listener.relay(nothing, &move |hint| hear.send(hint).unwrap()).await;
    }));
    // Said again until it is heard: nobody knows when the other one began to listen.
    let first = timeout(FOR_EVER, async {
        loop {
            speak.send(hint.clone()).await.unwrap();
            let soon = std::time::Duration::from_millis(50);
            if let Ok(hint) = timeout(soon, heard.recv()).await {
                return hint;
            }
        }
    });
    assert_eq!(first.await.unwrap(), Some(hint));
    assert!(own.lock().unwrap().is_empty());
}
