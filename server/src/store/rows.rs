//! Rows into types, of either database. A row that we can't have written is a fault, said with its
//! column.

use std::str::FromStr;

use jiff::Timestamp;
use shared::CallSid;
use sqlx::{Row, postgres::PgRow, sqlite::SqliteRow};

use super::{
    Claimed, Result, StatusChange, StoreError,
    query::{CallListed, Cursor, RecordingSummary, state_of},
};
use crate::model::{
    Call, CallFields, Failure, Fence, ObjectKey, ReadyRecording, Recording, Run, RunId, Sha256Hex,
    Tombstone, View, Worker, WorkerActivity,
};

/// A row whose columns are read by name: text, whole numbers of 64 bits, numbers with a fraction.
pub(super) trait Columns {
    fn text(&self, column: &str) -> Result<Option<&str>>;
    fn integer(&self, column: &str) -> Result<Option<i64>>;
    fn real(&self, column: &str) -> Result<Option<f64>>;
}

macro_rules! columns {
    ($row:ty) => {
        impl Columns for $row {
            fn text(&self, column: &str) -> Result<Option<&str>> {
                Ok(self.try_get(column)?)
            }

            fn integer(&self, column: &str) -> Result<Option<i64>> {
                Ok(self.try_get(column)?)
            }

            fn real(&self, column: &str) -> Result<Option<f64>> {
                Ok(self.try_get(column)?)
            }
        }
    };
}
columns!(SqliteRow);
columns!(PgRow);

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
         r.duration_seconds AS recording_seconds, r.channels, r.peaks_key, r.published_at"
    };
}
pub(super) use {call_columns, recording_columns, run_columns};

pub(super) fn fault(column: &str) -> StoreError {
    StoreError::Fault(format!("a row that tapedeck did not write: column {column}"))
}

/// Text that is there.
pub(super) fn text<'r>(row: &'r impl Columns, column: &str) -> Result<&'r str> {
    row.text(column)?.ok_or_else(|| fault(column))
}

/// Text parsed into a type.
pub(super) fn parse<T: FromStr>(row: &impl Columns, column: &str) -> Result<T> {
    text(row, column)?.parse().map_err(|_| fault(column))
}

pub(super) fn parse_opt<T: FromStr>(row: &impl Columns, column: &str) -> Result<Option<T>> {
    row.text(column)?.map(|text| text.parse().map_err(|_| fault(column))).transpose()
}

pub(super) fn time(row: &impl Columns, column: &str) -> Result<Timestamp> {
    time_opt(row, column)?.ok_or_else(|| fault(column))
}

pub(super) fn time_opt(row: &impl Columns, column: &str) -> Result<Option<Timestamp>> {
    row.integer(column)?
        .map(|micros| Timestamp::from_microsecond(micros).map_err(|_| fault(column)))
        .transpose()
}

pub(super) fn number<T: TryFrom<i64>>(row: &impl Columns, column: &str) -> Result<T> {
    number_opt(row, column)?.ok_or_else(|| fault(column))
}

pub(super) fn number_opt<T: TryFrom<i64>>(row: &impl Columns, column: &str) -> Result<Option<T>> {
    row.integer(column)?.map(|number| T::try_from(number).map_err(|_| fault(column))).transpose()
}

/// Whether an outer join found a row, or a column has a value.
pub(super) fn has(row: &impl Columns, column: &str) -> Result<bool> {
    Ok(row.text(column)?.is_some())
}

fn owned(row: &impl Columns, column: &str) -> Result<Option<String>> {
    Ok(row.text(column)?.map(str::to_owned))
}

pub(super) fn run(row: &impl Columns) -> Result<Run> {
    let failure = match parse_opt(row, "failure_kind")? {
        Some(kind) => {
            Some(Failure { kind, reason: owned(row, "failure_reason")?.unwrap_or_default() })
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
        fence: Fence(number(row, "fence")?),
        bytes_done: number(row, "bytes_done")?,
        bytes_total: number_opt(row, "bytes_total")?,
        failure,
        series_started_at: time_opt(row, "series_started_at")?,
        refused_at: time_opt(row, "refused_at")?,
        half_open: number::<i64>(row, "half_open")? != 0,
        requeues: number(row, "requeues")?,
        url_version: number(row, "run_url_version")?,
    })
}

/// A run that was just taken, with its call's URL.
pub(super) fn claimed(row: &impl Columns) -> Result<Claimed> {
    let url = row.text("recording_url")?.and_then(|url| url.parse().ok());
    Ok(Claimed { run: run(row)?, url })
}

pub(super) fn call(row: &impl Columns) -> Result<Call> {
    Ok(Call {
        call_sid: parse(row, "call_sid")?,
        fields: CallFields {
            recording_url: parse_opt(row, "recording_url")?,
            direction: parse_opt(row, "direction")?,
            from: owned(row, "from_party")?,
            to: owned(row, "to_party")?,
            started_at: time_opt(row, "started_at")?,
            duration_seconds: number_opt(row, "duration_seconds")?,
        },
        url_version: number(row, "url_version")?,
        created_at: time(row, "created_at")?,
    })
}

pub(super) fn recording(row: &impl Columns) -> Result<Option<Recording>> {
    Ok(match row.text("state")? {
        None => None,
        Some("deleted") => Some(Recording::Tombstone(Tombstone::Deleted)),
        Some("gone") => Some(Recording::Tombstone(Tombstone::Gone)),
        Some("ready") => Some(Recording::Ready(ready(row)?)),
        Some(_) => return Err(fault("state")),
    })
}

fn ready(row: &impl Columns) -> Result<ReadyRecording> {
    let hash = |column| Sha256Hex::parse(text(row, column)?).ok_or_else(|| fault(column));
    let key = ObjectKey::parse(text(row, "object_key")?).ok_or_else(|| fault("object_key"))?;
    Ok(ReadyRecording {
        run: key.run(),
        key,
        content_type: text(row, "content_type")?.to_owned(),
        bytes: number(row, "bytes")?,
        sha256: hash("sha256")?,
        source_sha256: hash("source_sha256")?,
        duration_seconds: row.real("recording_seconds")?,
        channels: number_opt(row, "channels")?,
        peaks_key: match row.text("peaks_key")? {
            Some(key) => Some(ObjectKey::parse(key).ok_or_else(|| fault("peaks_key"))?),
            None => None,
        },
        published_at: time(row, "published_at")?,
    })
}

/// The recording in short; reads the last run's status from `last_status`.
pub(super) fn summary(row: &impl Columns) -> Result<RecordingSummary> {
    let state = state_of(row.text("state")?, has(row, "recording_url")?, row.text("last_status")?);
    let ready = match recording(row)? {
        Some(Recording::Ready(ready)) => Some(ready),
        _ => None,
    };
    Ok(RecordingSummary { state, ready })
}

/// A call in the list.
pub(super) fn listed(row: &impl Columns) -> Result<CallListed> {
    Ok(CallListed {
        call: call(row)?,
        recording: summary(row)?,
        cursor: Cursor { listed_at: number(row, "listed_at")?, seq: number(row, "call_seq")? },
    })
}

/// A worker, with the number of its runs.
pub(super) fn worker(row: &impl Columns) -> Result<Worker> {
    Ok(Worker {
        id: parse(row, "id")?,
        place: owned(row, "place")?,
        started_at: time(row, "started_at")?,
        last_seen_at: time(row, "last_seen_at")?,
        last_poll_at: time_opt(row, "last_poll_at")?,
        last_claim_at: time_opt(row, "last_claim_at")?,
        running: number(row, "running")?,
    })
}

/// The ids in rows of calls.
pub(super) fn call_sids(rows: &[impl Columns]) -> Result<Vec<CallSid>> {
    rows.iter().map(|row| parse(row, "call_sid")).collect()
}

/// Changes of status.
pub(super) fn status_change(row: &impl Columns) -> Result<StatusChange> {
    Ok(StatusChange { call_sid: parse(row, "call_sid")?, changed_at: time(row, "changed_at")? })
}

/// The ids in rows of runs.
pub(super) fn run_ids(rows: &[impl Columns]) -> Result<Vec<RunId>> {
    rows.iter().map(|row| parse(row, "id")).collect()
}

/// All that a decision about a call needs. Of an unknown call there is the time alone.
pub(super) fn view(row: &impl Columns, now: Timestamp) -> Result<View> {
    let mut view = View {
        now,
        call: None,
        recording: None,
        last_run: None,
        last_half_open_at: None,
        ahead: 0,
        workers: WorkerActivity::default(),
        database_back_at: None,
    };
    if !has(row, "call_sid")? {
        return Ok(view);
    }
    view.call = Some(call(row)?);
    view.recording = recording(row)?;
    if has(row, "run_id")? {
        view.last_run = Some(run(row)?);
        view.ahead = number(row, "ahead")?;
    }
    view.last_half_open_at = time_opt(row, "last_half_open_at")?;
    view.workers = WorkerActivity {
        live: number(row, "live")?,
        last_poll_at: time_opt(row, "last_poll_at")?,
        last_claim_at: time_opt(row, "last_claim_at")?,
    };
    Ok(view)
}
