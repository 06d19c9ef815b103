//! Calls and what people read of them, on PostgreSQL.

use async_trait::async_trait;
use shared::{CallSid, RecordingState};
use sqlx::{Connection as _, Postgres, Transaction};

use super::{
    PostgresStore,
    pool::{BULK_TIMEOUT, STATEMENT_TIMEOUT, with_timeout},
};
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

/// `$1` state or NULL, `$2` pattern or NULL, `$3` and `$4` cursor or NULL, `$5` limit.
const LIST: &str = concat!(
    "SELECT * FROM (",
    calls_with_recordings!(),
    "WHERE ($2::text IS NULL OR c.call_sid ILIKE $2 OR c.from_party ILIKE $2
              OR c.to_party ILIKE $2)
         AND ($3::bigint IS NULL OR (c.listed_at, c.seq) < ($3, $4::bigint))) listed
     WHERE $1::text IS NULL OR $1 = ",
    state_of_listed!(),
    "ORDER BY listed_at DESC, call_seq DESC LIMIT $5"
);

#[async_trait]
impl Calls for PostgresStore {
    async fn put_call(&self, call_sid: &CallSid, fields: &CallFields) -> Result<Put> {
        with_timeout(STATEMENT_TIMEOUT, async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            let put = put(&mut transaction, call_sid, fields).await?;
            transaction.commit().await?;
            Ok(put)
        })
        .await
    }

    async fn put_calls(&self, calls: &[(CallSid, CallFields)]) -> Result<Vec<Put>> {
        with_timeout(BULK_TIMEOUT, async {
            // In the order of the ids: two imports of the same calls at once would else wait for each
            // other. A call that is there twice keeps its order, so the last word stands.
            let mut order: Vec<usize> = (0..calls.len()).collect();
            order.sort_by_key(|&at| calls[at].0.as_str());
            let mut puts = vec![Put::Created; calls.len()];
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            for at in order {
                let (call_sid, fields) = &calls[at];
                puts[at] = put(&mut transaction, call_sid, fields).await?;
            }
            transaction.commit().await?;
            Ok(puts)
        })
        .await
    }

    async fn list_calls(&self, query: &CallQuery) -> Result<Vec<CallListed>> {
        with_timeout(BULK_TIMEOUT, async {
            let rows = sqlx::query(LIST)
                .bind(query.state.map(RecordingState::as_str))
                .bind(query.search.as_deref().map(contains_pattern))
                .bind(query.before.map(|cursor| cursor.listed_at))
                .bind(query.before.map(|cursor| cursor.seq))
                .bind(i64::from(query.limit))
                .fetch_all(&mut *self.connection().await?)
                .await?;
            rows.iter().map(rows::listed).collect()
        })
        .await
    }

    async fn call(&self, call_sid: &CallSid) -> Result<Option<CallDetail>> {
        with_timeout(STATEMENT_TIMEOUT, async {
            let mut connection = self.connection().await?;
            let mut reading =
                connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
            let row =
                sqlx::query(CALL).bind(call_sid.as_str()).fetch_optional(&mut *reading).await?;
            let Some(row) = row else { return Ok(None) };
            let runs = sqlx::query(RUNS).bind(call_sid.as_str()).fetch_all(&mut *reading).await?;
            Ok(Some(CallDetail {
                call: rows::call(&row)?,
                recording: rows::summary(&row)?,
                runs: runs.iter().map(rows::run).collect::<Result<_>>()?,
            }))
        })
        .await
    }

    async fn delete_recording(&self, call_sid: &CallSid) -> Result<Option<Option<ObjectKey>>> {
        with_timeout(STATEMENT_TIMEOUT, async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            if !lock_call(&mut transaction, call_sid).await? {
                return Ok(None);
            }
            supersede(&mut transaction, call_sid, "the recording was deleted").await?;
            // Read when no run can publish any more.
            let row =
                sqlx::query(CALL).bind(call_sid.as_str()).fetch_one(&mut *transaction).await?;
            let key = if has(&row, "object_key")? {
                ObjectKey::parse(rows::text(&row, "object_key")?)
            } else {
                None
            };
            sqlx::query(
                "INSERT INTO recordings (call_sid, state, published_at)
             VALUES ($1, 'deleted', tapedeck_now())
             ON CONFLICT (call_sid) DO UPDATE SET state = 'deleted', run_id = NULL,
                object_key = NULL, content_type = NULL, bytes = NULL, sha256 = NULL,
                source_sha256 = NULL, duration_seconds = NULL, channels = NULL,
                peaks_key = NULL, published_at = excluded.published_at
             WHERE recordings.state <> 'deleted'",
            )
            .bind(call_sid.as_str())
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "UPDATE calls SET recording_url = NULL, url_version = url_version + 1
             WHERE call_sid = $1 AND recording_url IS NOT NULL",
            )
            .bind(call_sid.as_str())
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(Some(key))
        })
        .await
    }
}

/// Locks a call's row until the transaction ends; `false` if there is none. Foreign keys to it can
/// still be checked meanwhile.
pub(super) async fn lock_call(
    transaction: &mut Transaction<'_, Postgres>,
    call_sid: &CallSid,
) -> Result<bool> {
    let row = sqlx::query("SELECT 1 FROM calls WHERE call_sid = $1 FOR NO KEY UPDATE")
        .bind(call_sid.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.is_some())
}

/// Registers or replaces one call; changes nothing where its recording was deleted.
async fn put(
    transaction: &mut Transaction<'_, Postgres>,
    call_sid: &CallSid,
    fields: &CallFields,
) -> Result<Put> {
    let url = fields.recording_url.as_ref().map(RecordingUrl::as_str);
    // Two first registrations at once: one inserts, and the other waits here until it has.
    let inserted = sqlx::query(
        "INSERT INTO calls (call_sid, recording_url, direction, from_party, to_party,
            started_at, duration_seconds, created_at, listed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, tapedeck_now(), coalesce($6, tapedeck_now()))
         ON CONFLICT (call_sid) DO NOTHING",
    )
    .bind(call_sid.as_str())
    .bind(url)
    .bind(fields.direction.map(crate::model::Direction::as_str))
    .bind(&fields.from)
    .bind(&fields.to)
    .bind(micros(fields.started_at))
    .bind(fields.duration_seconds.map(i64::from))
    .execute(&mut **transaction)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(Put::Created);
    }
    lock_call(transaction, call_sid).await?;
    let known = sqlx::query(
        "SELECT c.recording_url, r.state FROM calls c
         LEFT JOIN recordings r ON r.call_sid = c.call_sid WHERE c.call_sid = $1",
    )
    .bind(call_sid.as_str())
    .fetch_one(&mut **transaction)
    .await?;
    if rows::Columns::text(&known, "state")? == Some("deleted") {
        return Ok(Put::Deleted);
    }
    let url_changed = rows::Columns::text(&known, "recording_url")? != url;
    sqlx::query(
        "UPDATE calls SET recording_url = $2, direction = $3, from_party = $4, to_party = $5,
            started_at = $6, duration_seconds = $7, listed_at = coalesce($6, created_at),
            url_version = url_version + $8
         WHERE call_sid = $1",
    )
    .bind(call_sid.as_str())
    .bind(url)
    .bind(fields.direction.map(crate::model::Direction::as_str))
    .bind(&fields.from)
    .bind(&fields.to)
    .bind(micros(fields.started_at))
    .bind(fields.duration_seconds.map(i64::from))
    .bind(i64::from(url_changed))
    .execute(&mut **transaction)
    .await?;
    if url_changed {
        supersede(transaction, call_sid, "the call's recording URL changed").await?;
        sqlx::query("DELETE FROM recordings WHERE call_sid = $1 AND state = 'gone'")
            .bind(call_sid.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(Put::Replaced)
}

/// Fails the call's active run, if there is one: it fetches what nobody wants any more.
pub(super) async fn supersede(
    transaction: &mut Transaction<'_, Postgres>,
    call_sid: &CallSid,
    reason: &str,
) -> Result<()> {
    sqlx::query(
        "UPDATE recording_runs SET status = 'failed', finished_at = tapedeck_now(),
            changed_at = tapedeck_now(), failure_kind = 'superseded', failure_reason = $1,
            lease_expires_at = NULL
         WHERE call_sid = $2 AND status IN ('queued', 'running')",
    )
    .bind(reason)
    .bind(call_sid.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
