//! What requests and the sweep do to runs, on SQLite.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use shared::{CallSid, RecordingStatus};

use super::{SqliteStore, write};
use crate::{
    clock::earlier,
    model::{NewRun, ObjectKey, Run, RunId, View},
    store::{
        Result, Runs, StatusChange, Write, is_unique_violation, micros,
        rows::{self, call_columns, recording_columns, run_columns},
    },
};

/// One statement, so one consistent read.
const VIEW: &str = concat!(
    "SELECT ", call_columns!(), ", ", recording_columns!(), ", ", run_columns!(), ",
       (SELECT max(h.created_at) FROM recording_runs h
         WHERE h.call_sid = c.call_sid AND h.half_open = 1) AS last_half_open_at,
       CASE WHEN u.status <> 'queued' THEN 0
            WHEN u.wanted_at IS NOT NULL THEN
              (SELECT count(*) FROM recording_runs q WHERE q.status = 'queued'
                AND (q.wanted_at IS NULL) = 0
                AND (q.wanted_at, q.queued_at, q.seq) < (u.wanted_at, u.queued_at, u.seq))
            ELSE
              (SELECT count(*) FROM recording_runs q WHERE q.status = 'queued'
                AND (q.wanted_at IS NOT NULL OR (q.queued_at, q.seq) < (u.queued_at, u.seq)))
       END AS ahead,
       (SELECT count(*) FROM workers w WHERE w.last_seen_at >= ?2) AS live,
       (SELECT max(w.last_poll_at) FROM workers w WHERE w.last_seen_at >= ?2) AS last_poll_at,
       (SELECT max(w.last_claim_at) FROM workers w WHERE w.last_seen_at >= ?2) AS last_claim_at
     FROM (SELECT 1)
     LEFT JOIN calls c ON c.call_sid = ?1
     LEFT JOIN recordings r ON r.call_sid = c.call_sid
     LEFT JOIN recording_runs u ON u.seq =
       (SELECT l.seq FROM recording_runs l WHERE l.call_sid = c.call_sid ORDER BY l.seq DESC LIMIT 1)"
);

/// The guards repeat what the decision saw: the call's last run, its URL, no recording; for a
/// half-open run also that it is the only one in the window and that a worker is back.
const CREATE_RUN: &str = "
    INSERT INTO recording_runs (id, call_sid, status, attempt, replaces, half_open, url_version,
        created_at, queued_at, wanted_at, asked_at, series_started_at, not_before, changed_at)
    SELECT ?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?7
    WHERE EXISTS (SELECT 1 FROM calls WHERE call_sid = ?2 AND url_version = ?6
                  AND recording_url IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM recordings WHERE call_sid = ?2)
      AND (SELECT id FROM recording_runs WHERE call_sid = ?2 ORDER BY seq DESC LIMIT 1) IS ?12
      AND (?5 = 0 OR (
            NOT EXISTS (SELECT 1 FROM recording_runs WHERE call_sid = ?2 AND half_open = 1
                        AND created_at > ?13)
            AND EXISTS (SELECT 1 FROM workers WHERE last_seen_at >= ?14 AND last_poll_at > ?15)))";

#[async_trait]
impl Runs for SqliteStore {
    async fn view(&self, call_sid: &CallSid) -> Result<View> {
        let (now, _) = self.clock_now();
        let row = sqlx::query(VIEW)
            .bind(call_sid.as_str())
            .bind(self.dead_before(now))
            .fetch_one(&self.readers)
            .await?;
        rows::view(&row, now)
    }

    async fn create_run(
        &self,
        call_sid: &CallSid,
        run: &NewRun,
        clear_gone: bool,
    ) -> Result<Option<RunId>> {
        let (now, now_micros) = self.clock_now();
        let mut transaction = self.begin().await?;
        if clear_gone {
            sqlx::query("DELETE FROM recordings WHERE call_sid = ? AND state = 'gone'")
                .bind(call_sid.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        let id = RunId::new();
        let inserted = sqlx::query(CREATE_RUN)
            .bind(id.to_string())
            .bind(call_sid.as_str())
            .bind(run.attempt)
            .bind(run.replaces.map(|id| id.to_string()))
            .bind(run.half_open.is_some())
            .bind(run.url_version)
            .bind(now_micros)
            .bind(micros(run.wanted_at))
            .bind(micros(run.asked_at))
            .bind(micros(run.series_started_at))
            .bind(micros(run.not_before))
            .bind(run.after.map(|id| id.to_string()))
            .bind(micros(run.half_open.map(|half_open| half_open.none_since)))
            .bind(self.dead_before(now))
            .bind(micros(run.half_open.map(|half_open| half_open.polled_after)))
            .execute(&mut *transaction)
            .await;
        match inserted {
            Ok(result) if result.rows_affected() == 1 => {
                transaction.commit().await?;
                Ok(Some(id))
            }
            Ok(_) => Ok(None),
            Err(error) if is_unique_violation(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn touch(&self, run: RunId, starts_series: bool) -> Result<Write> {
        let result = sqlx::query(
            "UPDATE recording_runs SET asked_at = ?1, wanted_at = coalesce(wanted_at, ?1),
                series_started_at = CASE WHEN ?2 THEN ?1 ELSE series_started_at END
             WHERE id = ?3 AND status IN ('queued', 'running')",
        )
        .bind(self.clock_now().1)
        .bind(starts_series)
        .bind(run.to_string())
        .execute(&self.writer)
        .await?;
        Ok(write(&result))
    }

    async fn fail_stuck(&self, run: &Run, reason: &str) -> Result<Write> {
        if !run.status.may_become(RecordingStatus::Failed) {
            return Ok(Write::Overtaken);
        }
        let result = sqlx::query(
            "UPDATE recording_runs SET status = 'failed', finished_at = ?1, changed_at = ?1,
                failure_kind = 'stuck', failure_reason = ?2, worker = NULL,
                lease_expires_at = NULL
             WHERE id = ?3 AND status = ?4 AND fence = ?5 AND queued_at = ?6 AND wanted_at IS ?7
               AND started_at IS ?8 AND lease_expires_at IS ?9",
        )
        .bind(self.clock_now().1)
        .bind(reason)
        .bind(run.id.to_string())
        .bind(run.status.as_str())
        .bind(run.fence.0)
        .bind(run.queued_at.as_microsecond())
        .bind(micros(run.wanted_at))
        .bind(micros(run.started_at))
        .bind(micros(run.lease_expires_at))
        .execute(&self.writer)
        .await?;
        Ok(write(&result))
    }

    async fn refuse(&self, run: RunId) -> Result<Write> {
        let result = sqlx::query(
            "UPDATE recording_runs SET refused_at = ?1, changed_at = ?1
             WHERE id = ?2 AND status = 'failed' AND refused_at IS NULL",
        )
        .bind(self.clock_now().1)
        .bind(run.to_string())
        .execute(&self.writer)
        .await?;
        Ok(write(&result))
    }

    async fn suspects(&self, job_timeout: Duration) -> Result<Vec<CallSid>> {
        let (now, _) = self.clock_now();
        let rows = sqlx::query(
            "SELECT call_sid FROM recording_runs WHERE status = 'running'
             UNION ALL
             SELECT call_sid FROM recording_runs WHERE status = 'queued' AND wanted_at < ?",
        )
        .bind(earlier(now, job_timeout).as_microsecond())
        .fetch_all(&self.readers)
        .await?;
        rows::call_sids(&rows)
    }

    async fn forget_recording(&self, call_sid: &CallSid, key: &ObjectKey) -> Result<Write> {
        let result = sqlx::query("DELETE FROM recordings WHERE call_sid = ? AND object_key = ?")
            .bind(call_sid.as_str())
            .bind(key.as_str())
            .execute(&self.writer)
            .await?;
        Ok(write(&result))
    }

    async fn changed_since(&self, since: Timestamp) -> Result<(Vec<StatusChange>, Timestamp)> {
        let (now, _) = self.clock_now();
        let rows =
            sqlx::query("SELECT call_sid, changed_at FROM recording_runs WHERE changed_at >= ?")
                .bind(since.as_microsecond())
                .fetch_all(&self.readers)
                .await?;
        // A transaction may commit a little later than its clock value says.
        let changes = rows.iter().map(rows::status_change).collect::<Result<_>>()?;
        Ok((changes, earlier(now, COMMIT_LAG).max(since)))
    }
}

const COMMIT_LAG: Duration = Duration::from_secs(1);
