//! Stores the description beside a recording that is about to be published, so that a database can be
//! completed from the storage.

use super::job::{End, Job};
use super::prepare::Playable;
use crate::model::Description;

/// Call it when the bytes are durable, and before they are published.
pub(super) async fn describe(job: &Job, playable: &Playable) -> Result<(), End> {
    let description = Description {
        key: playable.key.clone(),
        call_sid: job.run.call_sid.clone(),
        recording_id: None,
        part: 1,
        source: None,
        account: None,
        provider_id: None,
        content_type: playable.kind.content_type().to_owned(),
        bytes: playable.bytes,
        sha256: playable.sha256.clone(),
        source_sha256: playable.source_sha256.clone(),
        duration_seconds: playable.facts.duration_seconds,
        channels: playable.facts.channels,
        stored_at: job.now(),
    };
    let described = job.in_time(job.core.deps.storage.describe(&description)).await;
    described.map_err(|error| job.storage_failed(&error))
}
