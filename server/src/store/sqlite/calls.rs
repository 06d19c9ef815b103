//! Calls and what people read of them, on SQLite.

use async_trait::async_trait;
use shared::{CallSid, RecordingState};
use sqlx::{Row, Sqlite, Transaction};

use super::SqliteStore;
use crate::{
    model::{CallFields, ObjectKey},
    recording_url::RecordingUrl,
    store::{
        CallDetail, CallListed, CallQuery, Calls, Put, Result,
        call_sql::{CALL, RUNS, calls_with_recordings, state_of_listed},
        micros,
        query::contains_pattern,
        rows::{self, has},
    },
};

/// `?1` state or NULL, `?2` pattern or NULL, `?3` and `?4` cursor or NULL, `?5` limit.
const LIST: &str = concat!(
    "SELECT * FROM (",
    calls_with_recordings!(),
    "WHERE (?2 IS NULL OR c.call_sid LIKE ?2 ESCAPE '\\' OR c.from_party LIKE ?2 ESCAPE '\\'
              OR c.to_party LIKE ?2 ESCAPE '\\')
         AND (?3 IS NULL OR (c.listed_at, c.seq) < (?3, ?4)))
     WHERE ?1 IS NULL OR ?1 = ",
    state_of_listed!(),
    "ORDER BY listed_at DESC, call_seq DESC LIMIT ?5"
);

#[async_trait]
impl Calls for SqliteStore {
    async fn put_call(&self, call_sid: &CallSid, fields: &CallFields) -> Result<Put> {
        let (_, now) = self.clock_now();
        let mut transaction = self.begin().await?;
        let put = put(&mut transaction, call_sid, fields, now).await?;
        transaction.commit().await?;
        Ok(put)
    }

    async fn put_calls(&self, calls: &[(CallSid, CallFields)]) -> Result<Vec<Put>> {
        let (_, now) = self.clock_now();
        let mut transaction = self.begin().await?;
        let mut puts = Vec::with_capacity(calls.len());
        for (call_sid, fields) in calls {
            puts.push(put(&mut transaction, call_sid, fields, now).await?);
        }
        transaction.commit().await?;
        Ok(puts)
    }

    async fn list_calls(&self, query: &CallQuery) -> Result<Vec<CallListed>> {
        let rows = sqlx::query(LIST)
            .bind(query.state.map(RecordingState::as_str))
            .bind(query.search.as_deref().map(contains_pattern))
            .bind(query.before.map(|cursor| cursor.listed_at))
            .bind(query.before.map(|cursor| cursor.seq))
            .bind(query.limit)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(rows::listed).collect()
    }

    async fn call(&self, call_sid: &CallSid) -> Result<Option<CallDetail>> {
        let mut reading = self.readers.begin().await?;
        let row = sqlx::query(CALL).bind(call_sid.as_str()).fetch_optional(&mut *reading).await?;
        let Some(row) = row else { return Ok(None) };
        let runs = sqlx::query(RUNS).bind(call_sid.as_str()).fetch_all(&mut *reading).await?;
        Ok(Some(CallDetail {
            call: rows::call(&row)?,
            recording: rows::summary(&row)?,
            runs: runs.iter().map(rows::run).collect::<Result<_>>()?,
        }))
    }

    async fn delete_recording(&self, call_sid: &CallSid) -> Result<Option<Option<ObjectKey>>> {
        let (_, now) = self.clock_now();
        let mut transaction = self.begin().await?;
        let row =
            sqlx::query(CALL).bind(call_sid.as_str()).fetch_optional(&mut *transaction).await?;
        let Some(row) = row else { return Ok(None) };
        let key = if has(&row, "object_key")? {
            ObjectKey::parse(row.try_get("object_key")?)
        } else {
            None
        };
        sqlx::query(
            "INSERT INTO recordings (call_sid, state, published_at) VALUES (?1, 'deleted', ?2)
             ON CONFLICT (call_sid) DO UPDATE SET state = 'deleted', run_id = NULL,
                object_key = NULL, content_type = NULL, bytes = NULL, sha256 = NULL,
                source_sha256 = NULL, duration_seconds = NULL, channels = NULL,
                peaks_key = NULL, published_at = ?2
             WHERE recordings.state <> 'deleted'",
        )
        .bind(call_sid.as_str())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE calls SET recording_url = NULL, url_version = url_version + 1
             WHERE call_sid = ? AND recording_url IS NOT NULL",
        )
        .bind(call_sid.as_str())
        .execute(&mut *transaction)
        .await?;
        supersede(&mut transaction, call_sid, now, "the recording was deleted").await?;
        transaction.commit().await?;
        Ok(Some(key))
    }
}

/// Registers or replaces one call; changes nothing where its recording was deleted.
async fn put(
    transaction: &mut Transaction<'_, Sqlite>,
    call_sid: &CallSid,
    fields: &CallFields,
    now: i64,
) -> Result<Put> {
    let known = sqlx::query(
        "SELECT c.recording_url, r.state FROM calls c
         LEFT JOIN recordings r ON r.call_sid = c.call_sid WHERE c.call_sid = ?",
    )
    .bind(call_sid.as_str())
    .fetch_optional(&mut **transaction)
    .await?;
    let put = match &known {
        None => Put::Created,
        Some(row) if row.try_get::<Option<&str>, _>("state")? == Some("deleted") => {
            return Ok(Put::Deleted);
        }
        Some(_) => Put::Replaced,
    };
    let url = fields.recording_url.as_ref().map(RecordingUrl::as_str);
    let url_changed = match &known {
        None => false,
        Some(row) => row.try_get::<Option<&str>, _>("recording_url")? != url,
    };
    sqlx::query(
        "INSERT INTO calls (call_sid, recording_url, direction, from_party, to_party,
            started_at, duration_seconds, created_at, listed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(?6, ?8))
         ON CONFLICT (call_sid) DO UPDATE SET recording_url = ?2, direction = ?3,
            from_party = ?4, to_party = ?5, started_at = ?6, duration_seconds = ?7,
            listed_at = coalesce(?6, created_at), url_version = url_version + ?9",
    )
    .bind(call_sid.as_str())
    .bind(url)
    .bind(fields.direction.map(crate::model::Direction::as_str))
    .bind(&fields.from)
    .bind(&fields.to)
    .bind(micros(fields.started_at))
    .bind(fields.duration_seconds)
    .bind(now)
    .bind(url_changed)
    .execute(&mut **transaction)
    .await?;
    if url_changed {
        supersede(transaction, call_sid, now, "the call's recording URL changed").await?;
        sqlx::query("DELETE FROM recordings WHERE call_sid = ? AND state = 'gone'")
            .bind(call_sid.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(put)
}

/// Fails the call's active run, if there is one: it fetches what nobody wants any more.
pub(super) async fn supersede(
    transaction: &mut Transaction<'_, Sqlite>,
    call_sid: &CallSid,
    now: i64,
    reason: &str,
) -> Result<()> {
    sqlx::query(
        "UPDATE recording_runs SET status = 'failed', finished_at = ?1, changed_at = ?1,
            failure_kind = 'superseded', failure_reason = ?2, lease_expires_at = NULL
         WHERE call_sid = ?3 AND status IN ('queued', 'running')",
    )
    .bind(now)
    .bind(reason)
    .bind(call_sid.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
