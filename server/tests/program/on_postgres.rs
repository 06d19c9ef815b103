//! The program on PostgreSQL: several processes that know of each other's changes at once, and a
//! database that hangs or goes and comes back.

use crate::{
    postgres_server::Database,
    program::{Program, json},
    stub::Reply,
    wav::wav,
};

#[tokio::test]
async fn a_request_held_by_one_process_wakes_when_another_one_has_done_the_work() {
    let Some(database) = Database::create().await else { return };
    let url = database.url();
    let server = Program::start(&[("TAPEDECK_DATABASE_URL", &url)], &["--no-worker"]).await;
    server.call("CA1", Reply::ok(&wav(1))).await;
    let _worker = server.start_worker();
    let answer = server.playable("CA1").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.bytes().await.unwrap(), wav(1));
}

#[tokio::test]
async fn the_program_reports_a_database_that_hangs_and_recovers_with_it() {
    let Some(database) = Database::alone().await else { return };
    let url = database.url();
    let program = Program::serve(&[("TAPEDECK_DATABASE_URL", &url)]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable("CA1").await.status(), 200);

    database.server().pause();
    // What was told a moment ago may still be told.
    let answer = loop {
        let answer = program.file("CA1", &[]).await;
        if answer.status() != 200 {
            break answer;
        }
    };
    let ready = program.get("/readyz", &[]).await;
    let (status, ready_status) = (answer.status(), ready.status());
    let problem = json(answer).await;
    database.server().resume();
    assert_eq!((status.as_u16(), &problem["error"]), (500, &"database_unavailable".into()));
    assert_eq!(ready_status, 503);

    program.call("CA2", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable("CA2").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_killed_and_came_back_is_used_again_by_server_and_worker() {
    let Some(database) = Database::alone().await else { return };
    let url = database.url();
    let program = Program::serve(&[("TAPEDECK_DATABASE_URL", &url)]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable("CA1").await.status(), 200);
    tokio::task::block_in_place(|| database.server().restart());
    program.call_until_registered("CA2", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable_in_the_end("CA2").await.status(), 200);
}
