//! The queue alone, with no-op downloads: runs a second on SQLite and PostgreSQL beside a bare
//! `SKIP LOCKED` loop, and what a claim costs among many finished runs. Prints a line a figure,
//! `name value`, and plans as `plan name: line`; `cargo xtask bench` makes a report of them.

#![allow(clippy::unwrap_used, missing_docs)] // a figure that can't be had ends the measurement

#[path = "../tests/support/postgres.rs"]
mod postgres_server;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use postgres_server::Database;
use server::{
    clock::SystemClock,
    engine::rules::Policy,
    model::{ObjectKey, ReadyRecording, Run, Sha256Hex, WorkerId},
    store::{PostgresStore, SqliteStore, Store, Write},
};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection,
    sqlite::SqliteConnectOptions,
};
use tokio::task::JoinSet;

/// As `TAPEDECK_WORKER_CONCURRENCY` is by default.
const CONCURRENCY: u32 = 4;
const RUNS: u32 = 4_000;
const WORKERS: [usize; 3] = [1, 2, 4];
const FINISHED: [u32; 3] = [1_000, 100_000, 1_000_000];
const CLAIMS: usize = 300;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    // `cargo bench --bench queue -- throughput` measures that alone.
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let is_wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    if is_wanted("throughput") {
        sqlite_throughput(&folder.path().join("runs.db")).await;
        if let Some(database) = Database::durable().await {
            postgres_throughput(&database).await;
        }
    }
    if is_wanted("claims") {
        sqlite_claims(&folder.path().join("claims.db")).await;
        if let Some(database) = Database::durable().await {
            postgres_claims(&database).await;
        }
    }
}

async fn sqlite_throughput(path: &Path) {
    let store: Arc<dyn Store> = open_sqlite(path).await;
    let mut rows = connect_sqlite(path).await;
    rows.execute(AssertSqlSafe(sqlite_rows(0, RUNS, "queued"))).await.unwrap();
    let rate = runs_a_second(&[store]).await;
    println!("runs_a_second_sqlite_1 {rate:.0}");
}

async fn postgres_throughput(database: &Database) {
    for workers in WORKERS {
        let stores = join_all((0..workers).map(|_| async {
            let store: Arc<dyn Store> = open_postgres(database).await;
            store
        }))
        .await;
        database
            .execute(&postgres_rows(u32::try_from(workers).unwrap() * RUNS, RUNS, "queued"))
            .await;
        database.execute("ANALYZE").await;
        let rate = runs_a_second(&stores).await;
        println!("runs_a_second_postgres_{workers} {rate:.0}");
        let bare = bare_loop(database, workers * CONCURRENCY as usize).await;
        println!("runs_a_second_bare_{workers} {bare:.0}");
    }
}

/// So many workers until the queue is empty.
async fn runs_a_second(stores: &[Arc<dyn Store>]) -> f64 {
    let began = Instant::now();
    let done: u32 = join_all(stores.iter().map(|store| work(store.clone()))).await.iter().sum();
    assert_eq!(done, RUNS);
    f64::from(done) / began.elapsed().as_secs_f64()
}

/// The worker's loop without its downloads.
async fn work(store: Arc<dyn Store>) -> u32 {
    let worker = WorkerId::new();
    let mut running = JoinSet::new();
    let mut done = 0;
    loop {
        let free = CONCURRENCY - u32::try_from(running.len()).unwrap();
        for claimed in store.claim(worker, free).await.unwrap() {
            let store = store.clone();
            running.spawn(async move {
                let recording = recording_of(&claimed.run);
                store.publish(&claimed.run, &recording).await.unwrap()
            });
        }
        let Some(ended) = running.join_next().await else { return done };
        assert_eq!(ended.unwrap(), Write::Done);
        done += 1;
        while let Some(ended) = running.try_join_next() {
            assert_eq!(ended.unwrap(), Write::Done);
            done += 1;
        }
    }
}

fn recording_of(run: &Run) -> ReadyRecording {
    ReadyRecording {
        run: run.id,
        key: ObjectKey::new(&run.call_sid, run.id, run.fence),
        content_type: "audio/wav".into(),
        bytes: 7,
        sha256: Sha256Hex::from_digest(&[1; 32]),
        source_sha256: Sha256Hex::from_digest(&[2; 32]),
        duration_seconds: Some(1.0),
        channels: Some(1),
        peaks_key: None,
        published_at: run.started_at.unwrap(),
    }
}

/// What `SKIP LOCKED` gives at most: two statements a job, nothing else.
async fn bare_loop(database: &Database, loops: usize) -> f64 {
    database
        .execute(&format!(
            "DROP TABLE IF EXISTS jobs;
             CREATE TABLE jobs (id BIGINT PRIMARY KEY, status TEXT NOT NULL);
             CREATE INDEX jobs_queued ON jobs (id) WHERE status = 'queued';
             INSERT INTO jobs SELECT n, 'queued' FROM generate_series(1, {RUNS}) n; ANALYZE jobs"
        ))
        .await;
    let connections =
        (0..loops).map(|_| async { PgConnection::connect(&database.url()).await.unwrap() });
    let connections = join_all(connections).await;
    let began = Instant::now();
    let done = connections.into_iter().map(|mut connection| async move {
        let mut done = 0_u32;
        loop {
            let claimed: Option<(i64,)> = sqlx::query_as(
                "UPDATE jobs SET status = 'running' WHERE id = (SELECT id FROM jobs
                 WHERE status = 'queued' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
            )
            .fetch_optional(&mut connection)
            .await
            .unwrap();
            let Some((id,)) = claimed else { return done };
            let end = sqlx::query("UPDATE jobs SET status = 'done' WHERE id = $1").bind(id);
            end.execute(&mut connection).await.unwrap();
            done += 1;
        }
    });
    let done: u32 = join_all(done).await.iter().sum();
    assert_eq!(done, RUNS);
    f64::from(done) / began.elapsed().as_secs_f64()
}

async fn sqlite_claims(path: &Path) {
    let store = open_sqlite(path).await;
    let mut rows = connect_sqlite(path).await;
    let mut next = 0;
    for finished in FINISHED {
        rows.execute(AssertSqlSafe(sqlite_rows(next, finished - next, "failed"))).await.unwrap();
        rows.execute(AssertSqlSafe(sqlite_rows(10_000_000 + finished, queued(), "queued")))
            .await
            .unwrap();
        next = finished;
        print_claims("sqlite", finished, &*store).await;
    }
    print_plan("sqlite", &store.explain_claim().await.unwrap());
}

async fn postgres_claims(database: &Database) {
    let store = open_postgres(database).await;
    let mut next = 0;
    for finished in FINISHED {
        database.execute(&postgres_rows(next, finished - next, "failed")).await;
        database.execute(&postgres_rows(10_000_000 + finished, queued(), "queued")).await;
        database.execute("VACUUM ANALYZE recording_runs").await;
        next = finished;
        print_claims("postgres", finished, &*store).await;
    }
    print_plan("postgres", &store.explain_claim().await.unwrap());
}

fn queued() -> u32 {
    u32::try_from(CLAIMS).unwrap()
}

/// The median of single claims, and of polls that find nothing.
async fn print_claims(name: &str, finished: u32, store: &dyn Store) {
    let worker = WorkerId::new();
    let mut times = [Vec::new(), Vec::new()];
    for (times, expected) in times.iter_mut().zip([1, 0]) {
        for _ in 0..CLAIMS {
            let began = Instant::now();
            let claimed = store.claim(worker, 1).await.unwrap();
            times.push(began.elapsed());
            assert_eq!(claimed.len(), expected);
        }
        times.sort();
    }
    for (what, times) in ["claim", "poll"].iter().zip(&times) {
        println!("{what}_ms_{name}_{finished} {:.3}", millis(times[CLAIMS / 2]));
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn print_plan(name: &str, plan: &str) {
    for line in plan.lines() {
        println!("plan {name}: {line}");
    }
}

async fn open_sqlite(path: &Path) -> Arc<SqliteStore> {
    let lease_policy = Policy::default().lease_policy();
    Arc::new(SqliteStore::open(path, Arc::new(SystemClock), lease_policy).await.unwrap())
}

async fn open_postgres(database: &Database) -> Arc<PostgresStore> {
    let dsn = database.url().parse().unwrap();
    Arc::new(PostgresStore::open(&dsn, Policy::default().lease_policy()).await.unwrap())
}

async fn connect_sqlite(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap()
}

/// Calls from number `first` on, each with a run of this status.
fn postgres_rows(first: u32, count: u32, status: &str) -> String {
    rows(status, "gen_random_uuid()::text")
        .replace("NUMBERS", &format!("generate_series({first} + 1, {first} + {count}) n"))
}

fn sqlite_rows(first: u32, count: u32, status: &str) -> String {
    let uuid = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
        substr(hex(randomblob(2)), 2) || '-A' || substr(hex(randomblob(2)), 2) || '-' ||
        hex(randomblob(6)))";
    let numbers = format!(
        "(WITH RECURSIVE numbers (n) AS (SELECT {first} + 1 UNION ALL
            SELECT n + 1 FROM numbers WHERE n < {first} + {count}) SELECT n FROM numbers)"
    );
    rows(status, uuid).replace("NUMBERS", &numbers)
}

fn rows(status: &str, uuid: &str) -> String {
    let (kind, ended) = if status == "failed" { ("'rejected'", "n") } else { ("NULL", "NULL") };
    format!(
        "INSERT INTO calls (call_sid, recording_url, created_at, listed_at)
            SELECT 'CA' || n, 'https://example.com/a.wav', n, n FROM NUMBERS;
         INSERT INTO recording_runs (id, call_sid, status, url_version, created_at, queued_at,
            wanted_at, finished_at, failure_kind, changed_at)
            SELECT {uuid}, 'CA' || n, '{status}', 1, n, n, n, {ended}, {kind}, n FROM NUMBERS"
    )
}
