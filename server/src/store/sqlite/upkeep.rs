//! What the operator, the storage and the program's start need, on SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row;

use super::SqliteStore;
use crate::{
    model::ObjectKey,
    store::{Queue, Result, Upkeep, rows},
};

#[async_trait]
impl Upkeep for SqliteStore {
    async fn now(&self) -> Result<Timestamp> {
        Ok(self.clock_now().0)
    }

    async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1 FROM facts LIMIT 1").fetch_optional(&self.readers).await?;
        Ok(())
    }

    async fn queue(&self) -> Result<Queue> {
        let (now, _) = self.clock_now();
        let mut reading = self.readers.begin().await?;
        let counts = sqlx::query(
            "SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
                    count(*) FILTER (WHERE status = 'running') AS running,
                    count(*) FILTER (WHERE status = 'ready') AS ready,
                    count(*) FILTER (WHERE status = 'failed') AS failed,
                    min(wanted_at) FILTER (WHERE status = 'queued') AS oldest_wanted_at
             FROM recording_runs",
        )
        .fetch_one(&mut *reading)
        .await?;
        let workers = sqlx::query(
            "SELECT id, started_at, last_seen_at, last_poll_at, last_claim_at,
                (SELECT count(*) FROM recording_runs
                  WHERE worker = workers.id AND status = 'running') AS running
             FROM workers WHERE last_seen_at >= ? ORDER BY started_at",
        )
        .bind(self.dead_before(now))
        .fetch_all(&mut *reading)
        .await?;
        let workers = workers.iter().map(rows::worker).collect::<Result<_>>()?;
        Ok(Queue {
            now,
            queued: rows::number(&counts, "queued")?,
            running: rows::number(&counts, "running")?,
            ready: rows::number(&counts, "ready")?,
            failed: rows::number(&counts, "failed")?,
            oldest_wanted_at: rows::time_opt(&counts, "oldest_wanted_at")?,
            workers,
        })
    }

    async fn orphans(&self, keys: &[ObjectKey], before: Timestamp) -> Result<Vec<ObjectKey>> {
        let mut orphans = Vec::new();
        let mut reading = self.readers.begin().await?;
        for key in keys {
            let needed = sqlx::query(
                "SELECT 1 FROM recordings WHERE object_key = ?1
                 UNION ALL
                 SELECT 1 FROM recording_runs WHERE id = ?2
                    AND (status IN ('queued', 'running') OR finished_at > ?3)
                 LIMIT 1",
            )
            .bind(key.as_str())
            .bind(key.run().to_string())
            .bind(before.as_microsecond())
            .fetch_optional(&mut *reading)
            .await?;
            if needed.is_none() {
                orphans.push(key.clone());
            }
        }
        Ok(orphans)
    }

    async fn forget_workers(&self, last_seen_before: Timestamp) -> Result<()> {
        let gone = sqlx::query("SELECT 1 FROM workers WHERE last_seen_at < ? LIMIT 1")
            .bind(last_seen_before.as_microsecond())
            .fetch_optional(&self.readers)
            .await?;
        if gone.is_some() {
            sqlx::query("DELETE FROM workers WHERE last_seen_at < ?")
                .bind(last_seen_before.as_microsecond())
                .execute(&self.writer)
                .await?;
        }
        Ok(())
    }

    async fn has_recordings(&self) -> Result<bool> {
        let row =
            sqlx::query("SELECT EXISTS (SELECT 1 FROM recordings WHERE state = 'ready') AS found")
                .fetch_one(&self.readers)
                .await?;
        Ok(row.try_get("found")?)
    }

    async fn storage_id(&self) -> Result<Option<String>> {
        let row = sqlx::query("SELECT value FROM facts WHERE name = 'storage_id'")
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }

    async fn adopt_storage(&self, candidate: &str) -> Result<String> {
        let row = sqlx::query(
            "INSERT INTO facts (name, value) VALUES ('storage_id', ?)
             ON CONFLICT (name) DO UPDATE SET value = value RETURNING value",
        )
        .bind(candidate)
        .fetch_one(&self.writer)
        .await?;
        Ok(row.try_get("value")?)
    }
}
