//! What the database saw, written down by triggers of the test's own while it happened, and what is
//! there at the end.

use std::collections::{BTreeMap, HashMap};

use server::model::Sha256Hex;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};

use crate::{
    harness::{Harness, MAX_ATTEMPTS},
    plan::{Plan, recording},
};

const TRIGGERS: &str = "
    CREATE TABLE torture_moves (seq BIGSERIAL, run TEXT, moved_from TEXT, moved_to TEXT);
    CREATE TABLE torture_publications (seq BIGSERIAL, call TEXT, run TEXT, object_key TEXT);
    CREATE FUNCTION torture_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' OR OLD.status <> NEW.status THEN
            INSERT INTO torture_moves (run, moved_from, moved_to) VALUES
                (NEW.id, CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE OLD.status END, NEW.status);
        END IF;
        RETURN NULL; END $$;
    CREATE FUNCTION torture_publication() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.state = 'ready' THEN
            INSERT INTO torture_publications (call, run, object_key)
                VALUES (NEW.call_sid, NEW.run_id, NEW.object_key);
        END IF;
        RETURN NULL; END $$;
    CREATE TRIGGER torture AFTER INSERT OR UPDATE ON recording_runs
        FOR EACH ROW EXECUTE FUNCTION torture_move();
    CREATE TRIGGER torture AFTER INSERT OR UPDATE ON recordings
        FOR EACH ROW EXECUTE FUNCTION torture_publication();";

/// From now on everything is written down.
pub(crate) async fn begin(harness: &Harness) {
    connect(harness).await.execute(TRIGGERS).await.unwrap();
}

async fn connect(harness: &Harness) -> PgConnection {
    PgConnection::connect(&harness.postgres.url()).await.unwrap()
}

/// What there was to count.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) runs: u64,
    pub(crate) attempts: BTreeMap<i64, u64>,
    pub(crate) ends: BTreeMap<String, u64>,
    pub(crate) requeues: i64,
    pub(crate) publications: u64,
}

/// Everything that is wrong, in words.
pub(crate) async fn judge(harness: &Harness, plan: &Plan) -> (Counts, Vec<String>) {
    let mut wrong = Vec::new();
    let mut counts = Counts::default();
    let mut database = connect(harness).await;
    runs(&mut database, &mut counts, &mut wrong).await;
    moves(&mut database, &mut wrong).await;
    publications(&mut database, &mut counts, &mut wrong).await;
    recordings(&mut database, plan, &mut wrong).await;
    (counts, wrong)
}

async fn runs(database: &mut PgConnection, counts: &mut Counts, wrong: &mut Vec<String>) {
    let rows = database
        .fetch_all(
            "SELECT id, call_sid, status, attempt, requeues, coalesce(failure_kind, status) AS end
             FROM recording_runs ORDER BY seq",
        )
        .await
        .unwrap();
    for row in rows {
        let (id, attempt): (String, i64) = (row.get("id"), row.get("attempt"));
        counts.runs += 1;
        *counts.attempts.entry(attempt).or_default() += 1;
        *counts.ends.entry(row.get("end")).or_default() += 1;
        counts.requeues += row.get::<i64, _>("requeues");
        if attempt > i64::from(MAX_ATTEMPTS) {
            wrong.push(format!("run {id} is attempt {attempt}"));
        }
        if matches!(row.get("status"), "queued" | "running") {
            wrong.push(format!("run {id} is still {}", row.get::<&str, _>("status")));
        }
    }
}

/// Only the moves of engine.md, and only once to an end.
async fn moves(database: &mut PgConnection, wrong: &mut Vec<String>) {
    let rows = database
        .fetch_all("SELECT run, moved_from, moved_to FROM torture_moves ORDER BY seq")
        .await
        .unwrap();
    let mut at: HashMap<String, String> = HashMap::new();
    for row in rows {
        let run: String = row.get("run");
        let (from, to): (Option<String>, String) = (row.get("moved_from"), row.get("moved_to"));
        let is_legal = match (from.as_deref(), to.as_str()) {
            (None, "queued") | (Some("queued"), "running" | "failed") => true,
            (Some("running"), to) => to != "running",
            _ => false,
        };
        if !is_legal || at.get(&run) != from.as_ref() {
            wrong.push(format!("run {run} moved from {from:?} to {to}, was {:?}", at.get(&run)));
        }
        at.insert(run, to);
    }
}

async fn publications(database: &mut PgConnection, counts: &mut Counts, wrong: &mut Vec<String>) {
    let rows = database
        .fetch_all(
            "SELECT p.run, p.object_key, count(*) OVER (PARTITION BY p.run) AS times, r.status,
                    r.call_sid || '/' || r.id || '-' || r.fence AS claimed
             FROM torture_publications p LEFT JOIN recording_runs r ON r.id = p.run",
        )
        .await
        .unwrap();
    for row in rows {
        counts.publications += 1;
        let (run, key): (String, String) = (row.get("run"), row.get("object_key"));
        if row.get::<i64, _>("times") != 1 {
            wrong.push(format!("run {run} was published {} times", row.get::<i64, _>("times")));
        }
        // By the last claim, whose run ended well.
        let claimed: Option<String> = row.get("claimed");
        let status: Option<String> = row.get("status");
        if status.as_deref() != Some("ready") || claimed.as_ref() != Some(&key) {
            wrong.push(format!("run {run} is {status:?} as {claimed:?} and published {key}"));
        }
    }
}

/// The source's hash is that of what the provider has.
async fn recordings(database: &mut PgConnection, plan: &Plan, wrong: &mut Vec<String>) {
    let rows = database
        .fetch_all(
            "SELECT call_sid, source_sha256, sha256, bytes FROM recordings WHERE state = 'ready'",
        )
        .await
        .unwrap();
    for row in rows {
        let (sid, source): (String, String) = (row.get("call_sid"), row.get("source_sha256"));
        let call = plan.calls.iter().find(|call| call.sid == sid).unwrap();
        let sent = [0, 1].map(|version| sha256(&recording(call, version, plan.size.seed)));
        if !sent.contains(&source) || source != row.get::<String, _>("sha256") {
            wrong.push(format!("{sid} is ready with the hash {source}"));
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256Hex::from_digest(&Sha256::digest(bytes)).to_string()
}

/// Keys of objects that rows name, with what lies beside them.
pub(crate) async fn named_objects(harness: &Harness) -> Vec<String> {
    let rows = connect(harness)
        .await
        .fetch_all(
            "SELECT object_key AS key FROM recordings WHERE object_key IS NOT NULL
             UNION ALL SELECT peaks_key FROM recordings WHERE peaks_key IS NOT NULL
             UNION ALL SELECT regexp_replace(object_key, '[.]pcm$', '') || '.json'
                FROM recordings WHERE object_key IS NOT NULL
             -- An object that a killed worker described and did not publish stays for an operator.
             UNION ALL SELECT q.object_key || beside FROM quarantine q,
                (VALUES (''), ('.json'), ('.peaks')) AS besides (beside)",
        )
        .await
        .unwrap();
    rows.iter().map(|row| row.get("key")).collect()
}
