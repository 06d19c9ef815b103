//! What is known of objects of the storage, on PostgreSQL.

use async_trait::async_trait;
use sqlx::{Connection as _, Postgres, Transaction};

use super::{
    PostgresStore,
    calls::{lock_call, supersede},
    pool::{STATEMENT_TIMEOUT, with_timeout},
};
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

/// `$1` runs and `$2` calls, one of each for an object.
const KNOWN: &str = "
    SELECT u.status, u.finished_at, r.state, r.object_key,
        (u.created_at >= coalesce((SELECT value::bigint FROM facts WHERE name = 'described_since'),
            9223372036854775807))::int::bigint AS describes
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (run, call, ordinal)
    LEFT JOIN recording_runs u ON u.id = k.run
    LEFT JOIN recordings r ON r.call_sid = coalesce(u.call_sid, k.call)
    ORDER BY k.ordinal";
/// `$1` keys, `$2` lengths, `$3` times, `$4` descriptions.
const QUARANTINE: &str = "
    INSERT INTO quarantine (object_key, bytes, written_at, found_at, description)
    SELECT k.object_key, k.bytes, k.written_at, tapedeck_now(), k.description
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
        AS k (object_key, bytes, written_at, description)
    ON CONFLICT (object_key) DO NOTHING";
const TARGET: &str = "
    SELECT r.state, (SELECT u.id FROM recording_runs u
        WHERE u.call_sid = c.call_sid AND u.status IN ('queued', 'running')) AS active_run
    FROM calls c LEFT JOIN recordings r ON r.call_sid = c.call_sid WHERE c.call_sid = $1";

#[async_trait]
impl Objects for PostgresStore {
    async fn known_objects(&self, keys: &[ObjectKey]) -> Result<Vec<KnownObject>> {
        let runs: Vec<_> = keys.iter().map(|key| key.run().to_string()).collect();
        let calls: Vec<_> = keys.iter().map(|key| key.call_sid().to_owned()).collect();
        let rows = self.fetch_all(sqlx::query(KNOWN).bind(runs).bind(calls)).await?;
        rows.iter().map(objects_rows::known).collect()
    }

    async fn description_of(&self, key: &ObjectKey) -> Result<Option<Description>> {
        let query = sqlx::query(concat!(description_of!(), "$1")).bind(key.as_str());
        let row = self.fetch_optional(query).await?;
        row.as_ref().map(objects_rows::description).transpose()
    }

    async fn quarantine(&self, objects: &[Quarantined]) -> Result<u64> {
        if objects.is_empty() {
            return Ok(0);
        }
        let keys: Vec<_> = objects.iter().map(|object| object.key.to_string()).collect();
        let bytes: Vec<_> = objects.iter().map(|object| signed(object.bytes)).collect();
        let times: Vec<_> =
            objects.iter().map(|object| object.written_at.as_microsecond()).collect();
        let descriptions: Vec<_> =
            objects.iter().map(|object| object.description.clone()).collect();
        let inserted =
            sqlx::query(QUARANTINE).bind(keys).bind(bytes).bind(times).bind(descriptions);
        Ok(self.execute(inserted).await?.rows_affected())
    }

    async fn quarantined(&self, after: Option<&ObjectKey>, limit: u32) -> Result<Vec<Quarantined>> {
        let page = sqlx::query(
            "SELECT object_key, bytes, written_at, description FROM quarantine
             WHERE object_key > $1 ORDER BY object_key LIMIT $2",
        )
        .bind(after.map_or("", ObjectKey::as_str))
        .bind(i64::from(limit));
        self.fetch_all(page).await?.iter().map(objects_rows::quarantined).collect()
    }

    async fn quarantine_size(&self) -> Result<QuarantineSize> {
        let size = sqlx::query(
            "SELECT count(*) AS objects, coalesce(sum(bytes), 0)::bigint AS bytes FROM quarantine",
        );
        objects_rows::size(&self.fetch_one(size).await?)
    }

    async fn release(&self, keys: &[ObjectKey]) -> Result<()> {
        let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        let deleted = sqlx::query("DELETE FROM quarantine WHERE object_key = ANY($1)").bind(keys);
        self.execute(deleted).await?;
        Ok(())
    }

    async fn adopt(
        &self,
        object: Adoptable<'_>,
        decide: fn(AdoptionTarget) -> Adoption,
    ) -> Result<std::result::Result<(), AdoptionRefusal>> {
        let call_sid = &object.description.call_sid;
        with_timeout(STATEMENT_TIMEOUT, async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            lock_call(&mut transaction, call_sid).await?;
            let mut decision = decide(target(&mut transaction, object.description).await?);
            if matches!(decision, Adoption::Publish { registers: true, .. }) {
                register(&mut transaction, object.description).await?;
                // Another process may have registered it at the same moment.
                lock_call(&mut transaction, call_sid).await?;
                decision = decide(target(&mut transaction, object.description).await?);
            }
            match decision {
                Adoption::Refuse(refusal) => return Ok(Err(refusal)),
                Adoption::Publish { supersedes, .. } => {
                    if supersedes.is_some() {
                        supersede(&mut transaction, call_sid, "its object was adopted").await?;
                    }
                    publish(&mut transaction, object).await?;
                }
            }
            transaction.commit().await?;
            Ok(Ok(()))
        })
        .await
    }
}

async fn target(
    transaction: &mut Transaction<'_, Postgres>,
    object: &Description,
) -> Result<AdoptionTarget> {
    let row = sqlx::query(TARGET)
        .bind(object.call_sid.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    objects_rows::target(row.as_ref())
}

async fn register(transaction: &mut Transaction<'_, Postgres>, object: &Description) -> Result<()> {
    sqlx::query(
        "INSERT INTO calls (call_sid, created_at, listed_at) VALUES ($1, tapedeck_now(), $2)
         ON CONFLICT (call_sid) DO NOTHING",
    )
    .bind(object.call_sid.as_str())
    .bind(object.stored_at.as_microsecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// As if the run that stored the object had ended just now; under another id where that is taken.
async fn publish(
    transaction: &mut Transaction<'_, Postgres>,
    Adoptable { description: object, peaks_key }: Adoptable<'_>,
) -> Result<()> {
    let run = object.key.run().to_string();
    let known = sqlx::query("SELECT 1 FROM recording_runs WHERE id = $1")
        .bind(&run)
        .fetch_optional(&mut **transaction)
        .await?;
    let run = if known.is_some() { RunId::new().to_string() } else { run };
    sqlx::query(
        "INSERT INTO recording_runs (id, call_sid, status, url_version, created_at, queued_at,
            finished_at, fence, bytes_done, bytes_total, changed_at)
         SELECT $1, call_sid, 'ready', url_version, tapedeck_now(), tapedeck_now(),
            tapedeck_now(), $3, $4, $4, tapedeck_now() FROM calls WHERE call_sid = $2",
    )
    .bind(&run)
    .bind(object.call_sid.as_str())
    .bind(object.key.fence().0)
    .bind(signed(object.bytes))
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "INSERT INTO recordings (call_sid, state, run_id, object_key, content_type, bytes, sha256,
            source_sha256, duration_seconds, channels, peaks_key, published_at)
         VALUES ($1, 'ready', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (call_sid) DO UPDATE SET state = 'ready', run_id = excluded.run_id,
            object_key = excluded.object_key, content_type = excluded.content_type,
            bytes = excluded.bytes, sha256 = excluded.sha256,
            source_sha256 = excluded.source_sha256,
            duration_seconds = excluded.duration_seconds, channels = excluded.channels,
            peaks_key = excluded.peaks_key, published_at = excluded.published_at
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
    .bind(object.channels.map(i64::from))
    .bind(peaks_key.map(ObjectKey::as_str))
    .bind(object.stored_at.as_microsecond())
    .execute(&mut **transaction)
    .await?;
    sqlx::query("DELETE FROM quarantine WHERE object_key = $1")
        .bind(object.key.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
