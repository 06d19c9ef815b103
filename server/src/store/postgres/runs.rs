//! What requests and the sweep do to runs, on PostgreSQL.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use shared::{CallSid, RecordingStatus};
use sqlx::Connection as _;

use super::{
    PostgresStore,
    calls::lock_call,
    pool::{STATEMENT_TIMEOUT, with_timeout},
    write,
};
use crate::{
    clock::earlier,
    model::{NewRun, ObjectKey, Run, RunId, View},
    store::{
        Result, Runs, StatusChange, Write, is_unique_violation, micros,
        rows::{self, call_columns, recording_columns, run_columns},
    },
};

/// One statement, so one consistent read, and always one row: an unknown call has the time alone.
/// `$1` the call, `$2` the lease.
const VIEW: &str = concat!(
    "SELECT tapedeck_now() AS now, ", call_columns!(), ", ", recording_columns!(), ", ",
    run_columns!(), ",
       (SELECT max(h.created_at) FROM recording_runs h
         WHERE h.call_sid = c.call_sid AND h.half_open = 1) AS last_half_open_at,
       CASE WHEN u.status <> 'queued' THEN 0
            WHEN u.wanted_at IS NOT NULL THEN
              (SELECT count(*) FROM recording_runs q WHERE q.status = 'queued'
                AND (q.wanted_at, q.queued_at, q.seq) < (u.wanted_at, u.queued_at, u.seq))
            ELSE
              (SELECT count(*) FROM recording_runs q WHERE q.status = 'queued'
                AND (q.wanted_at IS NOT NULL OR (q.queued_at, q.seq) < (u.queued_at, u.seq)))
       END AS ahead,
       w.live, w.last_poll_at, w.last_claim_at
     FROM (SELECT count(*) AS live, max(last_poll_at) AS last_poll_at,
             max(last_claim_at) AS last_claim_at
           FROM workers WHERE last_seen_at >= tapedeck_now() - $2) w
     LEFT JOIN calls c ON c.call_sid = $1
     LEFT JOIN recordings r ON r.call_sid = c.call_sid
     LEFT JOIN recording_runs u ON u.seq =
       (SELECT l.seq FROM recording_runs l WHERE l.call_sid = c.call_sid ORDER BY l.seq DESC LIMIT 1)"
);

/// The guards repeat what the decision saw: the call's last run, its URL, no recording; for a
/// half-open run also that it is the only one in the window and that a worker is back.
const CREATE_RUN: &str = "
    INSERT INTO recording_runs (id, call_sid, status, attempt, replaces, half_open, url_version,
        created_at, queued_at, wanted_at, asked_at, series_started_at, not_before, changed_at)
    SELECT $1, $2, 'queued', $3, $4, $5, $6, tapedeck_now(), tapedeck_now(), $7, $8, $9, $10,
        tapedeck_now()
    WHERE EXISTS (SELECT 1 FROM calls WHERE call_sid = $2 AND url_version = $6
                  AND recording_url IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM recordings WHERE call_sid = $2)
      AND (SELECT id FROM recording_runs WHERE call_sid = $2 ORDER BY seq DESC LIMIT 1)
          IS NOT DISTINCT FROM $11
      AND ($5 = 0 OR (
            NOT EXISTS (SELECT 1 FROM recording_runs WHERE call_sid = $2 AND half_open = 1
                        AND created_at > $12)
            AND EXISTS (SELECT 1 FROM workers
                        WHERE last_seen_at >= tapedeck_now() - $13 AND last_poll_at > $14)))";

#[async_trait]
impl Runs for PostgresStore {
    async fn view(&self, call_sid: &CallSid) -> Result<View> {
        let row = self
            .fetch_one(sqlx::query(VIEW).bind(call_sid.as_str()).bind(self.lease_policy.lease))
            .await?;
        rows::view(&row, rows::time(&row, "now")?)
    }

    async fn create_run(
        &self,
        call_sid: &CallSid,
        run: &NewRun,
        clear_gone: bool,
    ) -> Result<Option<RunId>> {
        with_timeout(STATEMENT_TIMEOUT, async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            // The insert's snapshot must be younger than any other run of this call.
            if !lock_call(&mut transaction, call_sid).await? {
                return Ok(None);
            }
            if clear_gone {
                sqlx::query("DELETE FROM recordings WHERE call_sid = $1 AND state = 'gone'")
                    .bind(call_sid.as_str())
                    .execute(&mut *transaction)
                    .await?;
            }
            let id = RunId::new();
            let inserted = sqlx::query(CREATE_RUN)
                .bind(id.to_string())
                .bind(call_sid.as_str())
                .bind(i64::from(run.attempt))
                .bind(run.replaces.map(|id| id.to_string()))
                .bind(i64::from(run.half_open.is_some()))
                .bind(run.url_version)
                .bind(micros(run.wanted_at))
                .bind(micros(run.asked_at))
                .bind(micros(run.series_started_at))
                .bind(micros(run.not_before))
                .bind(run.after.map(|id| id.to_string()))
                .bind(micros(run.half_open.map(|half_open| half_open.none_since)))
                .bind(self.lease_policy.lease)
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
        })
        .await
    }

    async fn touch(&self, run: RunId, starts_series: bool) -> Result<Write> {
        let result = self
            .execute(
                sqlx::query(
                    "UPDATE recording_runs SET asked_at = tapedeck_now(),
                wanted_at = coalesce(wanted_at, tapedeck_now()),
                series_started_at = CASE WHEN $1 THEN tapedeck_now() ELSE series_started_at END
             WHERE id = $2 AND status IN ('queued', 'running')",
                )
                .bind(starts_series)
                .bind(run.to_string()),
            )
            .await?;
        Ok(write(&result))
    }

    async fn fail_stuck(&self, run: &Run, reason: &str) -> Result<Write> {
        if !run.status.may_become(RecordingStatus::Failed) {
            return Ok(Write::Overtaken);
        }
        let result = self
            .execute(
                sqlx::query(
                    "UPDATE recording_runs SET status = 'failed', finished_at = tapedeck_now(),
                changed_at = tapedeck_now(), failure_kind = 'stuck', failure_reason = $1,
                worker = NULL, lease_expires_at = NULL
             WHERE id = $2 AND status = $3 AND fence = $4 AND queued_at = $5
               AND wanted_at IS NOT DISTINCT FROM $6 AND started_at IS NOT DISTINCT FROM $7
               AND lease_expires_at IS NOT DISTINCT FROM $8",
                )
                .bind(reason)
                .bind(run.id.to_string())
                .bind(run.status.as_str())
                .bind(run.fence.0)
                .bind(run.queued_at.as_microsecond())
                .bind(micros(run.wanted_at))
                .bind(micros(run.started_at))
                .bind(micros(run.lease_expires_at)),
            )
            .await?;
        Ok(write(&result))
    }

    async fn refuse(&self, run: RunId) -> Result<Write> {
        let result = self.execute(sqlx::query(
                "UPDATE recording_runs SET refused_at = tapedeck_now(), changed_at = tapedeck_now()
             WHERE id = $1 AND status = 'failed' AND refused_at IS NULL",
            )
            .bind(run.to_string())
            ).await?;
        Ok(write(&result))
    }

    async fn suspects(&self, job_timeout: Duration) -> Result<Vec<CallSid>> {
        let rows = self
            .fetch_all(
                sqlx::query(
                    "SELECT call_sid FROM recording_runs WHERE status = 'running'
             UNION ALL
             SELECT call_sid FROM recording_runs
              WHERE status = 'queued' AND wanted_at < tapedeck_now() - $1",
                )
                .bind(i64::try_from(job_timeout.as_micros()).unwrap_or(i64::MAX)),
            )
            .await?;
        rows::call_sids(&rows)
    }

    async fn forget_recording(&self, call_sid: &CallSid, key: &ObjectKey) -> Result<Write> {
        let result = self
            .execute(
                sqlx::query("DELETE FROM recordings WHERE call_sid = $1 AND object_key = $2")
                    .bind(call_sid.as_str())
                    .bind(key.as_str()),
            )
            .await?;
        Ok(write(&result))
    }

    async fn changed_since(&self, since: Timestamp) -> Result<(Vec<StatusChange>, Timestamp)> {
        // The time is there even where nothing changed.
        let rows = self
            .fetch_all(
                sqlx::query(
                    "SELECT n.now, u.call_sid, u.changed_at FROM (SELECT tapedeck_now() AS now) n
             LEFT JOIN recording_runs u ON u.changed_at >= $1",
                )
                .bind(since.as_microsecond()),
            )
            .await?;
        let now = rows.first().map(|row| rows::time(row, "now")).transpose()?.unwrap_or(since);
        let mut changes = Vec::with_capacity(rows.len());
        for row in &rows {
            if rows::has(row, "call_sid")? {
                changes.push(rows::status_change(row)?);
            }
        }
        Ok((changes, earlier(now, COMMIT_LAG).max(since)))
    }
}

/// A transaction commits later than the clock value in its rows says: by as much as a statement
/// may take, and the commit.
const COMMIT_LAG: Duration = Duration::from_secs(4);
