//! The server hangs, or goes and comes back: nothing hangs with it, and the same store goes on.

use server::{
    engine::rules::Purpose,
    store::{Runs as _, StoreError, Upkeep as _},
};
use tokio::time::timeout;

use crate::{
    FOR_EVER, database::open_postgres as open, postgres_server::Database, register, request,
};

#[tokio::test]
async fn a_server_that_hangs_is_called_away_and_used_again_when_it_goes_on() {
    let Some(database) = Database::alone().await else { return };
    let store = open(&database).await;
    let call = register(&store, "CA1").await;
    request(&store, &call, Purpose::Listen).await;

    database.server().pause();
    // More at once than the pool has connections.
    let views = (0..30).map(|_| store.view(&call));
    let answers = timeout(FOR_EVER, futures_util::future::join_all(views)).await;
    database.server().resume();
    for answer in answers.expect("nothing hangs") {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    assert!(store.view(&call).await.unwrap().last_run.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_restarted_is_used_again_without_a_restart_here() {
    let Some(database) = Database::alone().await else { return };
    let store = open(&database).await;
    let call = register(&store, "CA1").await;
    request(&store, &call, Purpose::Listen).await;
    let before = store.view(&call).await.unwrap().last_run;

    tokio::task::block_in_place(|| database.server().restart());
    let view = timeout(FOR_EVER, async {
        loop {
            match store.view(&call).await {
                Ok(view) => return view,
                // A connection from before: known to be dead once it was tried.
                Err(StoreError::Unavailable(_)) => {}
                Err(fault) => panic!("{fault}"),
            }
        }
    });
    assert_eq!(view.await.expect("it is used again").last_run, before);
    store.ping().await.unwrap();
}
