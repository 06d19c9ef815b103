//! What the operator, the storage and the program's start need, on SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{Row, SqlitePool};

use super::SqliteStore;
use crate::{
    clock::earlier,
    store::{
        Connections, FailedCall, FailedCursor, MAX_OFFLINE, MAX_RUNS, Queue, RECENT, Result,
        Upkeep,
        queue_summary::MAX_GROUPS,
        queue_summary_sql::{self, QueueRows},
    },
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
        let lately = earlier(now, RECENT).as_microsecond();
        let dead_before = self.dead_before(now);
        let mut reading = self.readers.begin().await?;
        let answers = QueueRows {
            numbers: sqlx::query(queue_summary_sql::NUMBERS)
                .bind(lately)
                .fetch_one(&mut *reading)
                .await?,
            running: sqlx::query(queue_summary_sql::RUNNING)
                .bind(MAX_RUNS)
                .fetch_all(&mut *reading)
                .await?,
            failures: sqlx::query(queue_summary_sql::FAILURES)
                .bind(lately)
                .bind(MAX_GROUPS)
                .fetch_all(&mut *reading)
                .await?,
            live: sqlx::query(queue_summary_sql::LIVE)
                .bind(dead_before)
                .fetch_all(&mut *reading)
                .await?,
            offline: sqlx::query(queue_summary_sql::OFFLINE)
                .bind(dead_before)
                .bind(MAX_OFFLINE)
                .fetch_all(&mut *reading)
                .await?,
        };
        queue_summary_sql::queue(now, &answers)
    }

    async fn failed_calls(&self, after: FailedCursor, limit: u32) -> Result<Vec<FailedCall>> {
        let rows = sqlx::query(queue_summary_sql::FAILED_CALLS)
            .bind(after.finished_at)
            .bind(after.seq)
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        queue_summary_sql::failed_calls(&rows)
    }

    fn connections(&self) -> Connections {
        let count = |pool: &SqlitePool| (u64::from(pool.size()), pool.num_idle() as u64);
        let (writers, readers) = (count(&self.writer), count(&self.readers));
        Connections { open: writers.0 + readers.0, idle: writers.1 + readers.1 }
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
