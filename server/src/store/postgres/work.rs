//! What a worker does, on PostgreSQL. Every write to a run is under the fence of its claim.

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{PostgresStore, publish::Publication, write};
use crate::{
    model::{Failure, Fence, ReadyRecording, Run, RunId, WorkerId},
    store::{
        Claimed, Downloaded, Result, Work, Write,
        call_sql::RUN,
        rows::{self, run_columns},
        signed,
    },
};

/// Takes runs, and notes the poll and the claim, in one statement; in two parts, between which the
/// limit stands. `$1` worker, `$2` lease, `$3` the longest series, `$4` the retry window. Runs that
/// another worker is just taking are passed over, not waited for.
const CLAIM: [&str; 2] = [
    "WITH next AS MATERIALIZED (
        SELECT seq FROM recording_runs
        WHERE status = 'queued' AND (not_before IS NULL OR not_before <= tapedeck_now())
          AND (series_started_at < tapedeck_now() - $3 AND asked_at >= tapedeck_now() - $4)
            IS NOT TRUE
        ORDER BY wanted_at NULLS LAST, queued_at, seq LIMIT ",
    concat!(
        "
        FOR UPDATE SKIP LOCKED),
     u AS (
        UPDATE recording_runs SET status = 'running', started_at = tapedeck_now(), worker = $1,
            lease_expires_at = tapedeck_now() + $2, fence = fence + 1, bytes_done = 0,
            bytes_total = NULL, changed_at = tapedeck_now()
        WHERE seq IN (SELECT seq FROM next) RETURNING *),
     noted AS (
        INSERT INTO workers (id, started_at, last_seen_at, last_poll_at, last_claim_at)
        SELECT $1, tapedeck_now(), tapedeck_now(), tapedeck_now(),
            CASE WHEN EXISTS (SELECT 1 FROM next) THEN tapedeck_now() END
        ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at,
            last_poll_at = excluded.last_poll_at,
            last_claim_at = coalesce(excluded.last_claim_at, workers.last_claim_at))
     SELECT ",
        run_columns!(),
        ", c.recording_url FROM u JOIN calls c ON c.call_sid = u.call_sid
     ORDER BY u.wanted_at NULLS LAST, u.queued_at, u.seq"
    ),
];

/// Ends the run, and leaves a tombstone where it is gone. `$1` run, `$2` fence, `$3` kind, `$4`
/// reason.
const FAIL: &str = "
    WITH ended AS (
        UPDATE recording_runs SET status = 'failed', finished_at = tapedeck_now(),
            changed_at = tapedeck_now(), failure_kind = $3, failure_reason = $4,
            lease_expires_at = NULL
        WHERE id = $1 AND fence = $2 AND status = 'running'
        RETURNING call_sid),
     tombstone AS (
        INSERT INTO recordings (call_sid, state, published_at)
        SELECT call_sid, 'gone', tapedeck_now() FROM ended WHERE $3 = 'gone'
        ON CONFLICT (call_sid) DO NOTHING)
    SELECT call_sid FROM ended";

/// [`CLAIM`] of so many. The limit is part of the text: of one that is a parameter the server knows
/// nothing while it plans, and so would plan each claim anew, which takes longer than the claim.
fn claim(limit: u32) -> String {
    let [first, then] = CLAIM;
    format!("{first}{limit}{then}")
}

/// The plan of a [`claim`], a line each.
pub(super) async fn explain(connection: &mut PgConnection) -> Result<String> {
    let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN (COSTS OFF) {}", claim(1))))
        .bind("nobody")
        .bind(0_i64)
        .bind(0_i64)
        .bind(0_i64)
        .fetch_all(connection)
        .await?;
    let lines = rows.iter().map(|row| rows::text(row, "QUERY PLAN")).collect::<Result<Vec<_>>>()?;
    Ok(lines.join("\n"))
}

#[async_trait]
impl Work for PostgresStore {
    async fn claim(&self, worker: WorkerId, limit: u32) -> Result<Vec<Claimed>> {
        let rows = self
            .fetch_all(
                sqlx::query(AssertSqlSafe(claim(limit)))
                    .bind(worker.to_string())
                    .bind(self.lease_policy.lease)
                    .bind(self.lease_policy.longest_series)
                    .bind(self.lease_policy.retry_window),
            )
            .await?;
        rows.iter().map(rows::claimed).collect()
    }

    async fn introduce(&self, worker: WorkerId, place: &str) -> Result<()> {
        self.execute(
            sqlx::query(
                "INSERT INTO workers (id, place, started_at, last_seen_at)
                 VALUES ($1, $2, tapedeck_now(), tapedeck_now())
                 ON CONFLICT (id) DO UPDATE SET place = excluded.place",
            )
            .bind(worker.to_string())
            .bind(place),
        )
        .await?;
        Ok(())
    }

    async fn heartbeat(&self, worker: WorkerId) -> Result<Vec<RunId>> {
        let rows = self
            .fetch_all(
                sqlx::query(
                    r#"WITH noted AS (
                INSERT INTO workers (id, started_at, last_seen_at)
                VALUES ($1, tapedeck_now(), tapedeck_now())
                ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at),
             held AS MATERIALIZED (
                SELECT seq FROM recording_runs WHERE worker = $1 AND status = 'running'
                ORDER BY call_sid COLLATE "C" FOR UPDATE)
             UPDATE recording_runs SET lease_expires_at = tapedeck_now() + $2
             WHERE seq IN (SELECT seq FROM held) AND status = 'running' RETURNING id"#,
                )
                .bind(worker.to_string())
                .bind(self.lease_policy.lease),
            )
            .await?;
        rows::run_ids(&rows)
    }

    async fn retire(&self, worker: WorkerId) -> Result<()> {
        self.execute(sqlx::query("DELETE FROM workers WHERE id = $1").bind(worker.to_string()))
            .await?;
        Ok(())
    }

    async fn progress(&self, run: RunId, fence: Fence, downloaded: Downloaded) -> Result<Write> {
        let result = self
            .execute(
                sqlx::query(
                    "UPDATE recording_runs SET bytes_done = $1, bytes_total = $2
             WHERE id = $3 AND fence = $4 AND status = 'running'",
                )
                .bind(signed(downloaded.done))
                .bind(downloaded.total.map(signed))
                .bind(run.to_string())
                .bind(fence.0),
            )
            .await?;
        Ok(write(&result))
    }

    async fn publish(&self, run: &Run, recording: &ReadyRecording) -> Result<Write> {
        self.publish_batched(Publication::new(run, recording)).await
    }

    async fn fail(&self, run: &Run, failure: &Failure) -> Result<Write> {
        let row = self
            .fetch_optional(
                sqlx::query(FAIL)
                    .bind(run.id.to_string())
                    .bind(run.fence.0)
                    .bind(failure.kind.as_str())
                    .bind(&failure.reason),
            )
            .await?;
        Ok(if row.is_some() { Write::Done } else { Write::Overtaken })
    }

    async fn requeue(&self, run: &Run) -> Result<Write> {
        let result = self
            .execute(
                sqlx::query(
                    "UPDATE recording_runs SET status = 'queued', queued_at = tapedeck_now(),
                changed_at = tapedeck_now(), started_at = NULL, worker = NULL,
                lease_expires_at = NULL, bytes_done = 0, bytes_total = NULL,
                requeues = requeues + 1
             WHERE id = $1 AND fence = $2 AND status = 'running'",
                )
                .bind(run.id.to_string())
                .bind(run.fence.0),
            )
            .await?;
        Ok(write(&result))
    }

    async fn run(&self, run: RunId) -> Result<Option<Run>> {
        let row = self.fetch_optional(sqlx::query(RUN).bind(run.to_string())).await?;
        row.as_ref().map(rows::run).transpose()
    }
}
