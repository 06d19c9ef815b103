//! What is known of objects of the storage, on SQLite.

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};

use super::{SqliteStore, calls::supersede};
use crate::{
    model::{
        Adoption, AdoptionRefusal, AdoptionTarget, Description, KnownObject, ObjectKey,
        Quarantined, RunId,
    },
    store::{
        Adoptable, Objects, QuarantineSize, Result,
        objects_rows::{self, description_of},
        signed,
    },
};

/// `?1` run, `?2` call.
const KNOWN: &str = "
    SELECT u.status, u.finished_at, r.state, r.object_key,
        u.created_at >= coalesce((SELECT CAST(value AS INTEGER) FROM facts
            WHERE name = 'described_since'), 9223372036854775807) AS describes
    FROM (SELECT ?1 AS run, ?2 AS call) k
    LEFT JOIN recording_runs u ON u.id = k.run
    LEFT JOIN recordings r ON r.call_sid = coalesce(u.call_sid, k.call)";
const TARGET: &str = "
    SELECT r.state, (SELECT u.id FROM recording_runs u
        WHERE u.call_sid = c.call_sid AND u.status IN ('queued', 'running')) AS active_run
    FROM calls c LEFT JOIN recordings r ON r.call_sid = c.call_sid WHERE c.call_sid = ?";

#[async_trait]
impl Objects for SqliteStore {
    async fn known_objects(&self, keys: &[ObjectKey]) -> Result<Vec<KnownObject>> {
        let mut known = Vec::with_capacity(keys.len());
        let mut reading = self.readers.begin().await?;
        for key in keys {
            let row = sqlx::query(KNOWN)
                .bind(key.run().to_string())
                .bind(key.call_sid())
                .fetch_one(&mut *reading)
                .await?;
            known.push(objects_rows::known(&row)?);
        }
        Ok(known)
    }

    async fn description_of(&self, key: &ObjectKey) -> Result<Option<Description>> {
        let row = sqlx::query(concat!(description_of!(), "?"))
            .bind(key.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(objects_rows::description).transpose()
    }

    async fn quarantine(&self, objects: &[Quarantined]) -> Result<u64> {
        if objects.is_empty() {
            return Ok(0);
        }
        let (_, now) = self.clock_now();
        let mut transaction = self.begin().await?;
        let mut new = 0;
        for object in objects {
            let inserted = sqlx::query(
                "INSERT INTO quarantine (object_key, bytes, written_at, found_at, description)
                 VALUES (?, ?, ?, ?, ?) ON CONFLICT (object_key) DO NOTHING",
            )
            .bind(object.key.as_str())
            .bind(signed(object.bytes))
            .bind(object.written_at.as_microsecond())
            .bind(now)
            .bind(&object.description)
            .execute(&mut *transaction)
            .await?;
            new += inserted.rows_affected();
        }
        transaction.commit().await?;
        Ok(new)
    }

    async fn quarantined(&self, after: Option<&ObjectKey>, limit: u32) -> Result<Vec<Quarantined>> {
        let rows = sqlx::query(
            "SELECT object_key, bytes, written_at, description FROM quarantine
             WHERE object_key > ? ORDER BY object_key LIMIT ?",
        )
        .bind(after.map_or("", ObjectKey::as_str))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(objects_rows::quarantined).collect()
    }

    async fn quarantine_size(&self) -> Result<QuarantineSize> {
        let row = sqlx::query(
            "SELECT count(*) AS objects, coalesce(sum(bytes), 0) AS bytes FROM quarantine",
        )
        .fetch_one(&self.readers)
        .await?;
        objects_rows::size(&row)
    }

    async fn release(&self, keys: &[ObjectKey]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        for key in keys {
            sqlx::query("DELETE FROM quarantine WHERE object_key = ?")
                .bind(key.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn adopt(
        &self,
        object: Adoptable<'_>,
        decide: fn(AdoptionTarget) -> Adoption,
    ) -> Result<std::result::Result<(), AdoptionRefusal>> {
        let (_, now) = self.clock_now();
        let mut transaction = self.begin().await?; // the one writer: nothing changes meanwhile
        match decide(target(&mut transaction, object.description).await?) {
            Adoption::Refuse(refusal) => return Ok(Err(refusal)),
            Adoption::Publish { registers, supersedes } => {
                let call_sid = &object.description.call_sid;
                if registers {
                    register(&mut transaction, object.description, now).await?;
                }
                if supersedes.is_some() {
                    supersede(&mut transaction, call_sid, now, "its object was adopted").await?;
                }
                publish(&mut transaction, object, now).await?;
            }
        }
        transaction.commit().await?;
        Ok(Ok(()))
    }
}

async fn target(
    transaction: &mut Transaction<'_, Sqlite>,
    object: &Description,
) -> Result<AdoptionTarget> {
    let row = sqlx::query(TARGET)
        .bind(object.call_sid.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    objects_rows::target(row.as_ref())
}

async fn register(
    transaction: &mut Transaction<'_, Sqlite>,
    object: &Description,
    now: i64,
) -> Result<()> {
    sqlx::query("INSERT INTO calls (call_sid, created_at, listed_at) VALUES (?, ?, ?)")
        .bind(object.call_sid.as_str())
        .bind(now)
        .bind(object.stored_at.as_microsecond())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// As if the run that stored the object had ended just now; under another id where that is taken.
async fn publish(
    transaction: &mut Transaction<'_, Sqlite>,
    Adoptable { description: object, peaks_key }: Adoptable<'_>,
    now: i64,
) -> Result<()> {
    let run = object.key.run().to_string();
    let known = sqlx::query("SELECT 1 FROM recording_runs WHERE id = ?")
        .bind(&run)
        .fetch_optional(&mut **transaction)
        .await?;
    let run = if known.is_some() { RunId::new().to_string() } else { run };
    sqlx::query(
        "INSERT INTO recording_runs (id, call_sid, status, url_version, created_at, queued_at,
            finished_at, fence, bytes_done, bytes_total, changed_at)
         SELECT ?1, call_sid, 'ready', url_version, ?2, ?2, ?2, ?4, ?5, ?5, ?2
         FROM calls WHERE call_sid = ?3",
    )
    .bind(&run)
    .bind(now)
    .bind(object.call_sid.as_str())
    .bind(object.key.fence().0)
    .bind(signed(object.bytes))
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "INSERT INTO recordings (call_sid, state, run_id, object_key, content_type, bytes, sha256,
            source_sha256, duration_seconds, channels, peaks_key, published_at)
         VALUES (?1, 'ready', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (call_sid) DO UPDATE SET state = 'ready', run_id = ?2, object_key = ?3,
            content_type = ?4, bytes = ?5, sha256 = ?6, source_sha256 = ?7,
            duration_seconds = ?8, channels = ?9, peaks_key = ?10, published_at = ?11
         WHERE recordings.state <> 'deleted'",
    )
    .bind(object.call_sid.as_str())
    .bind(&run)
    .bind(object.key.as_str())
    .bind(&object.content_type)
    .bind(signed(object.bytes))
    .bind(object.sha256.as_str())
    .bind(object.source_sha256.as_str())
    .bind(object.duration_seconds)
    .bind(object.channels)
    .bind(peaks_key.map(ObjectKey::as_str))
    .bind(object.stored_at.as_microsecond())
    .execute(&mut **transaction)
    .await?;
    sqlx::query("DELETE FROM quarantine WHERE object_key = ?")
        .bind(object.key.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
