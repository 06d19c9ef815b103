//! Rows into types. A row that we can't have written is a fault, said with its column.

use jiff::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Result, StoreError};
use crate::{
    model::{
        Call, CallFields, Failure, Fence, ObjectKey, ReadyRecording, Recording, Run, Sha256Hex,
        Tombstone,
    },
    store::query::{RecordingSummary, state_of},
};

/// The columns of a run, as [`run`] reads them. With the table's alias `u`.
macro_rules! run_columns {
    () => {
        "u.id AS run_id, u.call_sid AS run_call_sid, u.status, u.attempt, u.half_open, \
         u.url_version AS run_url_version, u.created_at AS run_created_at, u.queued_at, \
         u.wanted_at, u.asked_at, u.series_started_at, u.not_before, \
         u.started_at AS run_started_at, u.finished_at, u.refused_at, u.worker, \
         u.lease_expires_at, u.fence, u.requeues, u.bytes_done, u.bytes_total, u.failure_kind, \
         u.failure_reason"
    };
}
/// The columns of a call, as [`call`] reads them. With the table's alias `c`.
macro_rules! call_columns {
    () => {
        "c.seq AS call_seq, c.listed_at, c.call_sid, c.recording_url, c.url_version, c.direction, \
         c.from_party, c.to_party, c.started_at, c.duration_seconds, c.created_at"
    };
}
/// The columns of a recording, as [`recording`] reads them. With the table's alias `r`.
macro_rules! recording_columns {
    () => {
        "r.state, r.object_key, r.content_type, r.bytes, r.sha256, r.source_sha256, \
         r.duration_seconds AS recording_seconds, r.channels, r.published_at"
    };
}
pub(super) use {call_columns, recording_columns, run_columns};

pub(super) fn fault(column: &str) -> StoreError {
    StoreError::Fault(format!("a row that tapedeck did not write: column {column}"))
}

/// Text parsed into a type.
fn parse<T: std::str::FromStr>(row: &SqliteRow, column: &str) -> Result<T> {
    row.try_get::<&str, _>(column)?.parse().map_err(|_| fault(column))
}

fn parse_opt<T: std::str::FromStr>(row: &SqliteRow, column: &str) -> Result<Option<T>> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| text.parse().map_err(|_| fault(column)))
        .transpose()
}

pub(super) fn time(row: &SqliteRow, column: &str) -> Result<Timestamp> {
    time_opt(row, column)?.ok_or_else(|| fault(column))
}

pub(super) fn time_opt(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>> {
    row.try_get::<Option<i64>, _>(column)?
        .map(|micros| Timestamp::from_microsecond(micros).map_err(|_| fault(column)))
        .transpose()
}

pub(super) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &str) -> Result<T> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| fault(column))
}

fn number_opt<T: TryFrom<i64>>(row: &SqliteRow, column: &str) -> Result<Option<T>> {
    row.try_get::<Option<i64>, _>(column)?
        .map(|number| T::try_from(number).map_err(|_| fault(column)))
        .transpose()
}

/// Whether an outer join found a row.
pub(super) fn has(row: &SqliteRow, column: &str) -> Result<bool> {
    Ok(row.try_get::<Option<&str>, _>(column)?.is_some())
}

pub(super) fn run(row: &SqliteRow) -> Result<Run> {
    let failure = match parse_opt(row, "failure_kind")? {
        Some(kind) => {
            let reason: Option<String> = row.try_get("failure_reason")?;
            Some(Failure { kind, reason: reason.unwrap_or_default() })
        }
        None => None,
    };
    Ok(Run {
        id: parse(row, "run_id")?,
        call_sid: parse(row, "run_call_sid")?,
        status: parse(row, "status")?,
        attempt: number(row, "attempt")?,
        created_at: time(row, "run_created_at")?,
        queued_at: time(row, "queued_at")?,
        wanted_at: time_opt(row, "wanted_at")?,
        asked_at: time_opt(row, "asked_at")?,
        started_at: time_opt(row, "run_started_at")?,
        finished_at: time_opt(row, "finished_at")?,
        not_before: time_opt(row, "not_before")?,
        worker: parse_opt(row, "worker")?,
        lease_expires_at: time_opt(row, "lease_expires_at")?,
        fence: Fence(row.try_get("fence")?),
        bytes_done: number(row, "bytes_done")?,
        bytes_total: number_opt(row, "bytes_total")?,
        failure,
        series_started_at: time_opt(row, "series_started_at")?,
        refused_at: time_opt(row, "refused_at")?,
        half_open: row.try_get::<i64, _>("half_open")? != 0,
        requeues: number(row, "requeues")?,
        url_version: row.try_get("run_url_version")?,
    })
}

pub(super) fn call(row: &SqliteRow) -> Result<Call> {
    Ok(Call {
        call_sid: parse(row, "call_sid")?,
        fields: CallFields {
            recording_url: parse_opt(row, "recording_url")?,
            direction: parse_opt(row, "direction")?,
            from: row.try_get("from_party")?,
            to: row.try_get("to_party")?,
            started_at: time_opt(row, "started_at")?,
            duration_seconds: number_opt(row, "duration_seconds")?,
        },
        url_version: row.try_get("url_version")?,
        created_at: time(row, "created_at")?,
    })
}

pub(super) fn recording(row: &SqliteRow) -> Result<Option<Recording>> {
    Ok(match row.try_get::<Option<&str>, _>("state")? {
        None => None,
        Some("deleted") => Some(Recording::Tombstone(Tombstone::Deleted)),
        Some("gone") => Some(Recording::Tombstone(Tombstone::Gone)),
        Some("ready") => Some(Recording::Ready(ready(row)?)),
        Some(_) => return Err(fault("state")),
    })
}

fn ready(row: &SqliteRow) -> Result<ReadyRecording> {
    let hash = |column| {
        let text: &str = row.try_get(column)?;
        Sha256Hex::parse(text).ok_or_else(|| fault(column))
    };
    let key = ObjectKey::parse(row.try_get("object_key")?).ok_or_else(|| fault("object_key"))?;
    Ok(ReadyRecording {
        run: key.run(),
        key,
        content_type: row.try_get("content_type")?,
        bytes: number(row, "bytes")?,
        sha256: hash("sha256")?,
        source_sha256: hash("source_sha256")?,
        duration_seconds: row.try_get("recording_seconds")?,
        channels: number_opt(row, "channels")?,
        published_at: time(row, "published_at")?,
    })
}

/// The recording in short; reads the last run's status from `last_status`.
pub(super) fn summary(row: &SqliteRow) -> Result<RecordingSummary> {
    let state =
        state_of(row.try_get("state")?, has(row, "recording_url")?, row.try_get("last_status")?);
    let ready = match recording(row)? {
        Some(Recording::Ready(ready)) => Some(ready),
        _ => None,
    };
    Ok(RecordingSummary { state, ready })
}
