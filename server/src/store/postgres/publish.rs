//! Publishing recordings: of several that are done at the same moment, in one statement. Each of them
//! is under the fence of its claim, whoever else is in the statement.

use std::collections::HashSet;

use tracing::debug;

use super::PostgresStore;
use crate::{
    model::{Fence, ObjectKey, ReadyRecording, Run, RunId},
    store::{Result, Write, rows, signed},
};

/// Ends the runs that are still these claims', and publishes; gives the objects, of which
/// each claim has its own. `$1` runs, `$2` fences,
/// `$3` calls, then the recordings, each an array.
///
/// A tombstone can't come up between its halves: deleting fails the active run first, so one of the
/// two finds the run's row changed; and only the active run itself can be gone. The rows are locked
/// in the order of the calls' bytes, as an import and a heartbeat do.
const PUBLISH: &str = r#"
    WITH given AS (
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[],
            $6::bigint[], $7::text[], $8::text[], $9::float8[], $10::bigint[], $11::text[],
            $12::bigint[]) AS g (run_id, fence, call_sid, object_key, content_type, bytes, sha256,
            source_sha256, duration_seconds, channels, peaks_key, published_at)),
     held AS MATERIALIZED (
        SELECT u.seq, given.* FROM given JOIN recording_runs u ON u.id = given.run_id
        WHERE u.fence = given.fence AND u.status = 'running'
          AND coalesce((SELECT r.state FROM recordings r
                        WHERE r.call_sid = given.call_sid), 'ready') = 'ready'
        ORDER BY given.call_sid COLLATE "C" FOR UPDATE OF u),
     ended AS (
        UPDATE recording_runs u SET status = 'ready', finished_at = tapedeck_now(),
            changed_at = tapedeck_now(), bytes_done = held.bytes, bytes_total = held.bytes,
            lease_expires_at = NULL
        FROM held WHERE u.seq = held.seq RETURNING held.*)
    INSERT INTO recordings (call_sid, state, run_id, object_key, content_type, bytes,
        sha256, source_sha256, duration_seconds, channels, peaks_key, published_at)
    SELECT call_sid, 'ready', run_id, object_key, content_type, bytes,
        sha256, source_sha256, duration_seconds, channels, peaks_key, published_at FROM ended
    ON CONFLICT (call_sid) DO UPDATE SET run_id = excluded.run_id,
        object_key = excluded.object_key, content_type = excluded.content_type,
        bytes = excluded.bytes, sha256 = excluded.sha256, source_sha256 = excluded.source_sha256,
        duration_seconds = excluded.duration_seconds, channels = excluded.channels,
        peaks_key = excluded.peaks_key, published_at = excluded.published_at
    WHERE recordings.state = 'ready'
    RETURNING object_key"#;

/// A recording to be published, and the claim that made it.
#[derive(Clone, Debug)]
pub(super) struct Publication {
    run: RunId,
    fence: Fence,
    call_sid: String,
    recording: ReadyRecording,
}

impl Publication {
    pub(super) fn new(run: &Run, recording: &ReadyRecording) -> Self {
        let call_sid = run.call_sid.as_str().to_owned();
        Self { run: run.id, fence: run.fence, call_sid, recording: recording.clone() }
    }
}

impl PostgresStore {
    /// Publishes this one, with whatever else is to be published at the moment.
    pub(super) async fn publish_batched(&self, publication: Publication) -> Result<Write> {
        let alone = publication.clone();
        let write = async |all: Vec<Publication>| {
            let published = self.publish_all(&all).await;
            published
                .inspect_err(|error| debug!(%error, runs = all.len(), "cannot publish together"))
                .ok()
        };
        match self.publishing.write(publication, write).await {
            Some(written) => Ok(written),
            None => Ok(self.publish_all(&[alone]).await?.remove(0)),
        }
    }

    /// What became of each.
    async fn publish_all(&self, all: &[Publication]) -> Result<Vec<Write>> {
        fn column<T>(all: &[Publication], value: impl Fn(&Publication) -> T) -> Vec<T> {
            all.iter().map(value).collect()
        }
        let text = |key: &ObjectKey| key.as_str().to_owned();
        let published = self
            .fetch_all(
                sqlx::query(PUBLISH)
                    .bind(column(all, |one| one.run.to_string()))
                    .bind(column(all, |one| one.fence.0))
                    .bind(column(all, |one| one.call_sid.clone()))
                    .bind(column(all, |one| text(&one.recording.key)))
                    .bind(column(all, |one| one.recording.content_type.clone()))
                    .bind(column(all, |one| signed(one.recording.bytes)))
                    .bind(column(all, |one| one.recording.sha256.as_str().to_owned()))
                    .bind(column(all, |one| one.recording.source_sha256.as_str().to_owned()))
                    .bind(column(all, |one| one.recording.duration_seconds))
                    .bind(column(all, |one| one.recording.channels.map(i64::from)))
                    .bind(column(all, |one| one.recording.peaks_key.as_ref().map(text)))
                    .bind(column(all, |one| one.recording.published_at.as_microsecond())),
            )
            .await?;
        let published = published.iter().map(|row| rows::text(row, "object_key"));
        let published = published.collect::<Result<HashSet<_>>>()?;
        let written = |one: &Publication| {
            let is_published = published.contains(one.recording.key.as_str());
            if is_published { Write::Done } else { Write::Overtaken }
        };
        Ok(column(all, written))
    }
}
