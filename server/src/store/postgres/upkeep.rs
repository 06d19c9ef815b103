//! What the operator, the storage and the program's start need, on PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    PostgresStore,
    pool::{ANSWER_WITHIN, within},
};
use crate::{
    model::ObjectKey,
    store::{Queue, Result, Upkeep, rows},
};

#[async_trait]
impl Upkeep for PostgresStore {
    async fn now(&self) -> Result<Timestamp> {
        within(ANSWER_WITHIN, async {
            let row = sqlx::query("SELECT tapedeck_now() AS now")
                .fetch_one(&mut *self.connection().await?)
                .await?;
            rows::time(&row, "now")
        })
        .await
    }

    async fn ping(&self) -> Result<()> {
        within(ANSWER_WITHIN, async {
            sqlx::query("SELECT 1 FROM facts LIMIT 1")
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(())
        })
        .await
    }

    async fn queue(&self) -> Result<Queue> {
        within(ANSWER_WITHIN, async {
            let counts = sqlx::query(
                "SELECT tapedeck_now() AS now,
                    count(*) FILTER (WHERE status = 'queued') AS queued,
                    count(*) FILTER (WHERE status = 'running') AS running,
                    count(*) FILTER (WHERE status = 'ready') AS ready,
                    count(*) FILTER (WHERE status = 'failed') AS failed,
                    min(wanted_at) FILTER (WHERE status = 'queued') AS oldest_wanted_at
             FROM recording_runs",
            )
            .fetch_one(&mut *self.connection().await?)
            .await?;
            let workers = sqlx::query(
                "SELECT id, started_at, last_seen_at, last_poll_at, last_claim_at,
                (SELECT count(*) FROM recording_runs
                  WHERE worker = workers.id AND status = 'running') AS running
             FROM workers WHERE last_seen_at >= tapedeck_now() - $1 ORDER BY started_at",
            )
            .bind(self.lease)
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(Queue {
                now: rows::time(&counts, "now")?,
                queued: rows::number(&counts, "queued")?,
                running: rows::number(&counts, "running")?,
                ready: rows::number(&counts, "ready")?,
                failed: rows::number(&counts, "failed")?,
                oldest_wanted_at: rows::time_opt(&counts, "oldest_wanted_at")?,
                workers: workers.iter().map(rows::worker).collect::<Result<_>>()?,
            })
        })
        .await
    }

    async fn orphans(&self, keys: &[ObjectKey], before: Timestamp) -> Result<Vec<ObjectKey>> {
        within(ANSWER_WITHIN, async {
            let names: Vec<&str> = keys.iter().map(ObjectKey::as_str).collect();
            let runs: Vec<String> = keys.iter().map(|key| key.run().to_string()).collect();
            let rows = sqlx::query(
                "SELECT k.key FROM unnest($1::text[], $2::text[]) AS k (key, run)
             WHERE NOT EXISTS (SELECT 1 FROM recordings WHERE object_key = k.key)
               AND NOT EXISTS (SELECT 1 FROM recording_runs WHERE id = k.run
                    AND (status IN ('queued', 'running') OR finished_at > $3))",
            )
            .bind(names)
            .bind(runs)
            .bind(before.as_microsecond())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            rows.iter()
                .map(|row| {
                    ObjectKey::parse(rows::text(row, "key")?).ok_or_else(|| rows::fault("key"))
                })
                .collect()
        })
        .await
    }

    async fn forget_workers(&self, last_seen_before: Timestamp) -> Result<()> {
        within(ANSWER_WITHIN, async {
            sqlx::query("DELETE FROM workers WHERE last_seen_at < $1")
                .bind(last_seen_before.as_microsecond())
                .execute(&mut *self.connection().await?)
                .await?;
            Ok(())
        })
        .await
    }

    async fn has_recordings(&self) -> Result<bool> {
        within(ANSWER_WITHIN, async {
            let row = sqlx::query("SELECT 1 FROM recordings WHERE state = 'ready' LIMIT 1")
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(row.is_some())
        })
        .await
    }

    async fn storage_id(&self) -> Result<Option<String>> {
        within(ANSWER_WITHIN, async {
            let row = sqlx::query("SELECT value FROM facts WHERE name = 'storage_id'")
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            row.map(|row| rows::text(&row, "value").map(str::to_owned)).transpose()
        })
        .await
    }

    async fn adopt_storage(&self, candidate: &str) -> Result<String> {
        within(ANSWER_WITHIN, async {
            let row = sqlx::query(
                "INSERT INTO facts (name, value) VALUES ('storage_id', $1)
             ON CONFLICT (name) DO UPDATE SET value = facts.value RETURNING value",
            )
            .bind(candidate)
            .fetch_one(&mut *self.connection().await?)
            .await?;
            Ok(rows::text(&row, "value")?.to_owned())
        })
        .await
    }
}
