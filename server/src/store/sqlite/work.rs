//! What a worker does, on SQLite. Every write to a run is under the fence of its claim.

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row, Sqlite, Transaction};

use super::{SqliteStore, write};
use crate::{
    clock::{earlier, elapsed, later},
    model::{Failure, FailureKind, Fence, ObjectKey, ReadyRecording, Run, RunId, WorkerId},
    store::{
        Claimed, Downloaded, Result, Work, Write,
        call_sql::RUN,
        rows::{self, run_columns},
        signed,
    },
};

/// An idle worker notes that it asked the queue no more often than this.
const NOTE_POLL_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

const CLAIM: &str = "
    UPDATE recording_runs SET status = 'running', started_at = ?1, worker = ?2,
        lease_expires_at = ?3, fence = fence + 1, bytes_done = 0, bytes_total = NULL,
        changed_at = ?1
    WHERE seq IN (SELECT seq FROM recording_runs
                  WHERE status = 'queued' AND (not_before IS NULL OR not_before <= ?1)
                    AND (series_started_at < ?5 AND asked_at >= ?6) IS NOT TRUE
                  ORDER BY wanted_at IS NULL, wanted_at, queued_at, seq LIMIT ?4)
    RETURNING id";

const CLAIMED: &str = concat!(
    "SELECT ",
    run_columns!(),
    ", c.recording_url
     FROM recording_runs u JOIN calls c ON c.call_sid = u.call_sid
     WHERE u.id = ?"
);

impl SqliteStore {
    /// How SQLite goes about a claim, for whoever measures or wonders. Claims nothing.
    pub async fn explain_claim(&self) -> Result<String> {
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {CLAIM}")))
            .fetch_all(&self.readers)
            .await?;
        let lines = rows.iter().map(|row| rows::text(row, "detail")).collect::<Result<Vec<_>>>()?;
        Ok(lines.join("\n"))
    }
}

#[async_trait]
impl Work for SqliteStore {
    async fn claim(&self, worker: WorkerId, limit: u32) -> Result<Vec<Claimed>> {
        let (now, now_micros) = self.clock_now();
        let series_before = earlier(now, self.lease_policy.longest_series).as_microsecond();
        let asked_since = earlier(now, self.lease_policy.retry_window).as_microsecond();
        if limit == 0 || !self.has_claimable(now_micros, series_before, asked_since).await? {
            self.note_poll(worker, now).await?;
            return Ok(Vec::new());
        }
        let mut transaction = self.begin_light().await?;
        let ids = sqlx::query(CLAIM)
            .bind(now_micros)
            .bind(worker.to_string())
            .bind(later(now, self.lease_policy.lease).as_microsecond())
            .bind(limit)
            .bind(series_before)
            .bind(asked_since)
            .fetch_all(&mut *transaction)
            .await?;
        let mut claimed = Vec::with_capacity(ids.len());
        for id in ids {
            let id: &str = id.try_get("id")?;
            let row = sqlx::query(CLAIMED).bind(id).fetch_one(&mut *transaction).await?;
            claimed.push(rows::claimed(&row)?);
        }
        let claim_at = (!claimed.is_empty()).then_some(now_micros);
        note_worker(&mut transaction, worker, now_micros, Some(now_micros), claim_at).await?;
        transaction.commit().await?;
        claimed.sort_by_key(|c| (c.run.wanted_at.is_none(), c.run.wanted_at, c.run.queued_at));
        Ok(claimed)
    }

    async fn introduce(&self, worker: WorkerId, place: &str) -> Result<()> {
        let (_, now) = self.clock_now();
        let mut transaction = self.begin_light().await?;
        note_worker(&mut transaction, worker, now, None, None).await?;
        sqlx::query("UPDATE workers SET place = ? WHERE id = ?")
            .bind(place)
            .bind(worker.to_string())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn heartbeat(&self, worker: WorkerId) -> Result<Vec<RunId>> {
        let (now, now_micros) = self.clock_now();
        let mut transaction = self.begin_light().await?;
        note_worker(&mut transaction, worker, now_micros, None, None).await?;
        let rows = sqlx::query(
            "UPDATE recording_runs SET lease_expires_at = ?
             WHERE worker = ? AND status = 'running' RETURNING id",
        )
        .bind(later(now, self.lease_policy.lease).as_microsecond())
        .bind(worker.to_string())
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        rows::run_ids(&rows)
    }

    async fn retire(&self, worker: WorkerId) -> Result<()> {
        sqlx::query("DELETE FROM workers WHERE id = ?")
            .bind(worker.to_string())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn progress(&self, run: RunId, fence: Fence, downloaded: Downloaded) -> Result<Write> {
        let mut transaction = self.begin_light().await?;
        let result = sqlx::query(
            "UPDATE recording_runs SET bytes_done = ?, bytes_total = ?
             WHERE id = ? AND fence = ? AND status = 'running'",
        )
        .bind(signed(downloaded.done))
        .bind(downloaded.total.map(signed))
        .bind(run.to_string())
        .bind(fence.0)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(write(&result))
    }

    async fn publish(&self, run: &Run, recording: &ReadyRecording) -> Result<Write> {
        let (_, now) = self.clock_now();
        let mut transaction = self.begin().await?;
        let ended = sqlx::query(
            "UPDATE recording_runs SET status = 'ready', finished_at = ?1, changed_at = ?1,
                bytes_done = ?2, bytes_total = ?2, lease_expires_at = NULL
             WHERE id = ?3 AND fence = ?4 AND status = 'running'",
        )
        .bind(now)
        .bind(signed(recording.bytes))
        .bind(run.id.to_string())
        .bind(run.fence.0)
        .execute(&mut *transaction)
        .await?;
        let published = sqlx::query(
            "INSERT INTO recordings (call_sid, state, run_id, object_key, content_type, bytes,
                sha256, source_sha256, duration_seconds, channels, peaks_key, published_at)
             VALUES (?1, 'ready', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (call_sid) DO UPDATE SET run_id = ?2, object_key = ?3,
                content_type = ?4, bytes = ?5, sha256 = ?6, source_sha256 = ?7,
                duration_seconds = ?8, channels = ?9, peaks_key = ?10, published_at = ?11
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
        .bind(recording.channels)
        .bind(recording.peaks_key.as_ref().map(ObjectKey::as_str))
        .bind(recording.published_at.as_microsecond())
        .execute(&mut *transaction)
        .await?;
        if write(&ended) == Write::Overtaken || write(&published) == Write::Overtaken {
            transaction.rollback().await?;
            return Ok(Write::Overtaken);
        }
        transaction.commit().await?;
        Ok(Write::Done)
    }

    async fn fail(&self, run: &Run, failure: &Failure) -> Result<Write> {
        let (_, now) = self.clock_now();
        let mut transaction = self.begin().await?;
        let result = sqlx::query(
            "UPDATE recording_runs SET status = 'failed', finished_at = ?1, changed_at = ?1,
                failure_kind = ?2, failure_reason = ?3, lease_expires_at = NULL
             WHERE id = ?4 AND fence = ?5 AND status = 'running'",
        )
        .bind(now)
        .bind(failure.kind.as_str())
        .bind(&failure.reason)
        .bind(run.id.to_string())
        .bind(run.fence.0)
        .execute(&mut *transaction)
        .await?;
        if write(&result) == Write::Done && failure.kind == FailureKind::Gone {
            sqlx::query(
                "INSERT INTO recordings (call_sid, state, published_at) VALUES (?, 'gone', ?)
                 ON CONFLICT (call_sid) DO NOTHING",
            )
            .bind(run.call_sid.as_str())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(write(&result))
    }

    async fn requeue(&self, run: &Run) -> Result<Write> {
        let result = sqlx::query(
            "UPDATE recording_runs SET status = 'queued', queued_at = ?1, changed_at = ?1,
                started_at = NULL, worker = NULL, lease_expires_at = NULL,
                bytes_done = 0, bytes_total = NULL, requeues = requeues + 1
             WHERE id = ?2 AND fence = ?3 AND status = 'running'",
        )
        .bind(self.clock_now().1)
        .bind(run.id.to_string())
        .bind(run.fence.0)
        .execute(&self.writer)
        .await?;
        Ok(write(&result))
    }

    async fn run(&self, run: RunId) -> Result<Option<Run>> {
        let row = sqlx::query(RUN).bind(run.to_string()).fetch_optional(&self.readers).await?;
        row.as_ref().map(rows::run).transpose()
    }
}

impl SqliteStore {
    /// A read first: an idle worker must not take the writer's lock several times a second.
    async fn has_claimable(&self, now: i64, series_before: i64, asked_since: i64) -> Result<bool> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM recording_runs WHERE status = 'queued'
                AND (not_before IS NULL OR not_before <= ?)
                AND (series_started_at < ? AND asked_at >= ?) IS NOT TRUE) AS found",
        )
        .bind(now)
        .bind(series_before)
        .bind(asked_since)
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get("found")?)
    }

    async fn note_poll(&self, worker: WorkerId, now: jiff::Timestamp) -> Result<()> {
        let row = sqlx::query("SELECT last_poll_at FROM workers WHERE id = ?")
            .bind(worker.to_string())
            .fetch_optional(&self.readers)
            .await?;
        let last = row.map(|row| rows::time_opt(&row, "last_poll_at")).transpose()?.flatten();
        if last.is_some_and(|last| elapsed(last, now) < NOTE_POLL_EVERY) {
            return Ok(());
        }
        let mut transaction = self.begin_light().await?;
        let now = now.as_microsecond();
        note_worker(&mut transaction, worker, now, Some(now), None).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Makes or updates the worker's row; what is `None` stays as it was.
async fn note_worker(
    transaction: &mut Transaction<'_, Sqlite>,
    worker: WorkerId,
    seen_at: i64,
    poll_at: Option<i64>,
    claim_at: Option<i64>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO workers (id, started_at, last_seen_at, last_poll_at, last_claim_at)
         VALUES (?1, ?2, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET last_seen_at = ?2,
            last_poll_at = coalesce(?3, last_poll_at),
            last_claim_at = coalesce(?4, last_claim_at)",
    )
    .bind(worker.to_string())
    .bind(seen_at)
    .bind(poll_at)
    .bind(claim_at)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
