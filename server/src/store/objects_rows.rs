//! Rows about objects of the storage into types, of either database.

use super::{
    QuarantineSize, Result,
    rows::{self, Columns},
};
use crate::model::{
    AdoptionTarget, Description, KnownObject, KnownRecording, KnownRun, ObjectKey, Quarantined,
    Sha256Hex,
};

/// The columns of [`description`], of the recording that names an object.
macro_rules! description_of {
    () => {
        "SELECT call_sid, object_key, content_type, bytes, sha256, source_sha256, \
         duration_seconds, channels, published_at \
         FROM recordings WHERE state = 'ready' AND object_key = "
    };
}
pub(super) use description_of;

/// What is known of an object: `status`, `finished_at`, `describes` of its run, `state` and
/// `object_key` of its recording, each NULL where there is none.
pub(super) fn known(row: &impl Columns) -> Result<KnownObject> {
    let run = match (row.text("status")?, row.integer("finished_at")?) {
        (None, _) => KnownRun::Unknown,
        (Some("queued" | "running"), _) => KnownRun::Active,
        (Some(_), _) => KnownRun::Ended {
            at: rows::time(row, "finished_at")?,
            describes: row.integer("describes")? == Some(1),
        },
    };
    let recording = match row.text("state")? {
        Some("ready") => KnownRecording::Ready(key(row, "object_key")?),
        Some("deleted") => KnownRecording::Deleted,
        _ => KnownRecording::Nothing,
    };
    Ok(KnownObject { run, recording })
}

/// The description of a recording, from its row.
pub(super) fn description(row: &impl Columns) -> Result<Description> {
    let sha256 =
        |column| Sha256Hex::parse(rows::text(row, column)?).ok_or_else(|| rows::fault(column));
    Ok(Description {
        key: key(row, "object_key")?,
        call_sid: rows::parse(row, "call_sid")?,
        recording_id: None,
        part: 1,
        source: None,
        account: None,
        provider_id: None,
        content_type: rows::text(row, "content_type")?.to_owned(),
        bytes: rows::number(row, "bytes")?,
        sha256: sha256("sha256")?,
        source_sha256: sha256("source_sha256")?,
        duration_seconds: row.real("duration_seconds")?,
        channels: rows::number_opt(row, "channels")?,
        stored_at: rows::time(row, "published_at")?,
    })
}

/// A row of the quarantine.
pub(super) fn quarantined(row: &impl Columns) -> Result<Quarantined> {
    Ok(Quarantined {
        key: key(row, "object_key")?,
        bytes: rows::number(row, "bytes")?,
        written_at: rows::time(row, "written_at")?,
        description: row.text("description")?.map(str::to_owned),
    })
}

/// The number of rows as `objects`, and `bytes`.
pub(super) fn size(row: &impl Columns) -> Result<QuarantineSize> {
    Ok(QuarantineSize {
        objects: rows::number(row, "objects")?,
        bytes: rows::number(row, "bytes")?,
    })
}

/// What an adoption is about: `state` of the recording and `active_run`, in a row that is there if
/// the call is.
pub(super) fn target(row: Option<&impl Columns>) -> Result<AdoptionTarget> {
    let Some(row) = row else { return Ok(AdoptionTarget::Unknown) };
    Ok(match row.text("state")? {
        Some("ready") => AdoptionTarget::Ready,
        Some("deleted") => AdoptionTarget::Deleted,
        _ => AdoptionTarget::WithoutBytes {
            active_run: row
                .text("active_run")?
                .map(|run| run.parse().map_err(|_| rows::fault("active_run")))
                .transpose()?,
        },
    })
}

fn key(row: &impl Columns, column: &str) -> Result<ObjectKey> {
    ObjectKey::parse(rows::text(row, column)?).ok_or_else(|| rows::fault(column))
}
