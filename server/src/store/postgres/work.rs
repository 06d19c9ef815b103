//! What a worker does, on PostgreSQL. Every write to a run is under the fence of its claim.

use async_trait::async_trait;

use super::{PostgresStore, write};
use crate::{
    model::{Failure, FailureKind, Fence, ReadyRecording, Run, RunId, WorkerId},
    store::{
        Claimed, Downloaded, Result, Work, Write,
        rows::{self, run_columns},
        signed,
    },
};

/// Takes runs, and notes the poll and the claim, in one statement. `$1` worker, `$2` lease, `$3`
/// limit. Runs that another worker is just taking are passed over, not waited for.
const CLAIM: &str = concat!(
    "WITH next AS MATERIALIZED (
        SELECT seq FROM recording_runs
        WHERE status = 'queued' AND (not_before IS NULL OR not_before <= tapedeck_now())
        ORDER BY wanted_at NULLS LAST, queued_at, seq LIMIT $3
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
);

const RUN: &str = concat!("SELECT ", run_columns!(), " FROM recording_runs u WHERE u.id = $1");

#[async_trait]
impl Work for PostgresStore {
    async fn claim(&self, worker: WorkerId, limit: u32) -> Result<Vec<Claimed>> {
        let rows = sqlx::query(CLAIM)
            .bind(worker.to_string())
            .bind(self.lease)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Claimed { run: rows::run(row)?, url: rows::parse(row, "recording_url")? })
            })
            .collect()
    }

    async fn introduce(&self, worker: WorkerId, place: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO workers (id, place, started_at, last_seen_at)
             VALUES ($1, $2, tapedeck_now(), tapedeck_now())
             ON CONFLICT (id) DO UPDATE SET place = excluded.place",
        )
        .bind(worker.to_string())
        .bind(place)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn heartbeat(&self, worker: WorkerId) -> Result<Vec<RunId>> {
        let rows = sqlx::query(
            "WITH noted AS (
                INSERT INTO workers (id, started_at, last_seen_at)
                VALUES ($1, tapedeck_now(), tapedeck_now())
                ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at)
             UPDATE recording_runs SET lease_expires_at = tapedeck_now() + $2
             WHERE worker = $1 AND status = 'running' RETURNING id",
        )
        .bind(worker.to_string())
        .bind(self.lease)
        .fetch_all(&self.pool)
        .await?;
        rows::run_ids(&rows)
    }

    async fn retire(&self, worker: WorkerId) -> Result<()> {
        sqlx::query("DELETE FROM workers WHERE id = $1")
            .bind(worker.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn progress(&self, run: RunId, fence: Fence, downloaded: Downloaded) -> Result<Write> {
        let result = sqlx::query(
            "UPDATE recording_runs SET bytes_done = $1, bytes_total = $2
             WHERE id = $3 AND fence = $4 AND status = 'running'",
        )
        .bind(signed(downloaded.done))
        .bind(downloaded.total.map(signed))
        .bind(run.to_string())
        .bind(fence.0)
        .execute(&self.pool)
        .await?;
        Ok(write(&result))
    }

    async fn publish(&self, run: &Run, recording: &ReadyRecording) -> Result<Write> {
        let mut transaction = self.begin().await?;
        let ended = sqlx::query(
            "UPDATE recording_runs SET status = 'ready', finished_at = tapedeck_now(),
                changed_at = tapedeck_now(), bytes_done = $1, bytes_total = $1,
                lease_expires_at = NULL
             WHERE id = $2 AND fence = $3 AND status = 'running'",
        )
        .bind(signed(recording.bytes))
        .bind(run.id.to_string())
        .bind(run.fence.0)
        .execute(&mut *transaction)
        .await?;
        if write(&ended) == Write::Overtaken {
            return Ok(Write::Overtaken);
        }
        let published = sqlx::query(
            "INSERT INTO recordings (call_sid, state, run_id, object_key, content_type, bytes,
                sha256, source_sha256, duration_seconds, channels, published_at)
             VALUES ($1, 'ready', $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (call_sid) DO UPDATE SET run_id = excluded.run_id,
                object_key = excluded.object_key, content_type = excluded.content_type,
                bytes = excluded.bytes, sha256 = excluded.sha256,
                source_sha256 = excluded.source_sha256,
                duration_seconds = excluded.duration_seconds, channels = excluded.channels,
                published_at = excluded.published_at
             WHERE recordings.state = 'ready'",
        )
        .bind(run.call_sid.as_str())
        .bind(run.id.to_string())
        .bind(recording.key.as_str())
        .bind(&recording.content_type)
        .bind(signed(recording.bytes))
        .bind(recording.sha256.as_str())
        .bind(recording.source_sha256.as_str())
        .bind(recording.duration_seconds)
        .bind(recording.channels.map(i64::from))
        .bind(recording.published_at.as_microsecond())
        .execute(&mut *transaction)
        .await?;
        if write(&published) == Write::Overtaken {
            return Ok(Write::Overtaken);
        }
        transaction.commit().await?;
        Ok(Write::Done)
    }

    async fn fail(&self, run: &Run, failure: &Failure) -> Result<Write> {
        let mut transaction = self.begin().await?;
        let result = sqlx::query(
            "UPDATE recording_runs SET status = 'failed', finished_at = tapedeck_now(),
                changed_at = tapedeck_now(), failure_kind = $1, failure_reason = $2,
                lease_expires_at = NULL
             WHERE id = $3 AND fence = $4 AND status = 'running'",
        )
        .bind(failure.kind.as_str())
        .bind(&failure.reason)
        .bind(run.id.to_string())
        .bind(run.fence.0)
        .execute(&mut *transaction)
        .await?;
        if write(&result) == Write::Done && failure.kind == FailureKind::Gone {
            sqlx::query(
                "INSERT INTO recordings (call_sid, state, published_at)
                 VALUES ($1, 'gone', tapedeck_now()) ON CONFLICT (call_sid) DO NOTHING",
            )
            .bind(run.call_sid.as_str())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(write(&result))
    }

    async fn requeue(&self, run: &Run) -> Result<Write> {
        let result = sqlx::query(
            "UPDATE recording_runs SET status = 'queued', queued_at = tapedeck_now(),
                changed_at = tapedeck_now(), started_at = NULL, worker = NULL,
                lease_expires_at = NULL, bytes_done = 0, bytes_total = NULL,
                requeues = requeues + 1
             WHERE id = $1 AND fence = $2 AND status = 'running'",
        )
        .bind(run.id.to_string())
        .bind(run.fence.0)
        .execute(&self.pool)
        .await?;
        Ok(write(&result))
    }

    async fn run(&self, run: RunId) -> Result<Option<Run>> {
        let row = sqlx::query(RUN).bind(run.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(rows::run).transpose()
    }
}
