//! What the operator, the storage and the program's start need, on PostgreSQL.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Connection as _;

use super::{
    PostgresStore,
    pool::{STATEMENT_TIMEOUT, with_timeout},
};
use crate::{
    clock::earlier,
    store::{
        Connections, FailedCall, FailedCursor, MAX_OFFLINE, MAX_RUNS, Queue, RECENT, Result,
        Upkeep,
        queue_summary::MAX_GROUPS,
        queue_summary_sql::{self, QueueRows},
        rows,
    },
};

#[async_trait]
impl Upkeep for PostgresStore {
    async fn now(&self) -> Result<Timestamp> {
        let row = self.fetch_one(sqlx::query("SELECT tapedeck_now() AS now")).await?;
        rows::time(&row, "now")
    }

    async fn ping(&self) -> Result<()> {
        self.fetch_optional(sqlx::query("SELECT 1 FROM facts LIMIT 1")).await?;
        Ok(())
    }

    async fn queue(&self) -> Result<Queue> {
        with_timeout(STATEMENT_TIMEOUT, async {
            // One snapshot for all of it.
            let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            let mut connection = self.connection().await?;
            let mut reading = connection.begin_with(snapshot).await?;
            let now = sqlx::query("SELECT tapedeck_now() AS now").fetch_one(&mut *reading).await?;
            let now = rows::time(&now, "now")?;
            let lately = earlier(now, RECENT).as_microsecond();
            let dead_before = now.as_microsecond().saturating_sub(self.lease_policy.lease);
            let answers = QueueRows {
                numbers: sqlx::query(queue_summary_sql::NUMBERS)
                    .bind(lately)
                    .fetch_one(&mut *reading)
                    .await?,
                running: sqlx::query(queue_summary_sql::RUNNING)
                    .bind(i64::from(MAX_RUNS))
                    .fetch_all(&mut *reading)
                    .await?,
                failures: sqlx::query(queue_summary_sql::FAILURES)
                    .bind(lately)
                    .bind(i64::from(MAX_GROUPS))
                    .fetch_all(&mut *reading)
                    .await?,
                live: sqlx::query(queue_summary_sql::LIVE)
                    .bind(dead_before)
                    .fetch_all(&mut *reading)
                    .await?,
                offline: sqlx::query(queue_summary_sql::OFFLINE)
                    .bind(dead_before)
                    .bind(i64::from(MAX_OFFLINE))
                    .fetch_all(&mut *reading)
                    .await?,
            };
            reading.commit().await?;
            queue_summary_sql::queue(now, &answers)
        })
        .await
    }

    async fn failed_calls(&self, after: FailedCursor, limit: u32) -> Result<Vec<FailedCall>> {
        let rows = self
            .fetch_all(
                sqlx::query(queue_summary_sql::FAILED_CALLS)
                    .bind(after.finished_at)
                    .bind(after.seq)
                    .bind(i64::from(limit)),
            )
            .await?;
        queue_summary_sql::failed_calls(&rows)
    }

    fn connections(&self) -> Connections {
        self.pool.connections()
    }

    async fn forget_workers(&self, last_seen_before: Timestamp) -> Result<()> {
        self.execute(
            sqlx::query("DELETE FROM workers WHERE last_seen_at < $1")
                .bind(last_seen_before.as_microsecond()),
        )
        .await?;
        Ok(())
    }

    async fn has_recordings(&self) -> Result<bool> {
        let row = self
            .fetch_optional(sqlx::query("SELECT 1 FROM recordings WHERE state = 'ready' LIMIT 1"))
            .await?;
        Ok(row.is_some())
    }

    async fn storage_id(&self) -> Result<Option<String>> {
        let row = self
            .fetch_optional(sqlx::query("SELECT value FROM facts WHERE name = 'storage_id'"))
            .await?;
        row.map(|row| rows::text(&row, "value").map(str::to_owned)).transpose()
    }

    async fn adopt_storage(&self, candidate: &str) -> Result<String> {
        let row = self
            .fetch_one(
                sqlx::query(
                    "INSERT INTO facts (name, value) VALUES ('storage_id', $1)
             ON CONFLICT (name) DO UPDATE SET value = facts.value RETURNING value",
                )
                .bind(candidate),
            )
            .await?;
        Ok(rows::text(&row, "value")?.to_owned())
    }
}
