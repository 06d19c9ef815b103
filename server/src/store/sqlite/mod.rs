//! The store on SQLite, for one machine. WAL; every transaction that may write is `BEGIN
//! IMMEDIATE` on the one writer connection of this process, because a read that turns into a
//! write fails at once when another process wrote in between, whatever the busy timeout.

mod calls;
mod hints;
mod objects;
mod runs;
mod upkeep;
mod work;

use std::{fs, path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use sqlx::{
    Executor as _, Sqlite, SqlitePool, Transaction,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteQueryResult,
        SqliteSynchronous,
    },
};

use super::{ACQUIRE_TIMEOUT, Result, StoreError, Write};
use crate::{
    clock::{Clock, earlier},
    model::LeasePolicy,
};

/// How long a process waits for another one's write to end.
const BUSY_TIMEOUT: Duration = Duration::from_millis(1500);
const READERS: u32 = 4;

/// See the module.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    clock: Arc<dyn Clock>,
    lease_policy: LeasePolicy,
}

impl SqliteStore {
    /// Opens the database file, creating it and its folder if need be, and brings its schema up
    /// to date. Safe when several processes start at once.
    pub async fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        lease_policy: LeasePolicy,
    ) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| cannot_open(path, &error))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit that was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                // There is no server that could have gone away.
                .test_before_acquire(false)
        };
        // sqlx's own migration lock does nothing on SQLite.
        let lock = lock_file(path)?;
        let writer = pool(1)
            .before_acquire(|connection, _| {
                // Back from `begin_light`, even if that was given up half-way.
                Box::pin(async move {
                    connection.execute("PRAGMA synchronous = FULL").await.map(|_| true)
                })
            })
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("migrations/sqlite")
            .run(&writer)
            .await
            .map_err(|error| StoreError::Fault(format!("migration: {error}")))?;
        drop(lock);
        let readers = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers, clock, lease_policy })
    }

    /// Now, and as the databases keep it.
    fn clock_now(&self) -> (Timestamp, i64) {
        let now = self.clock.now();
        (now, now.as_microsecond())
    }

    /// A worker seen before this is not live.
    fn dead_before(&self, now: Timestamp) -> i64 {
        earlier(now, self.lease_policy.lease).as_microsecond()
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A transaction that a power cut may undo, and so need not wait for the disk: who holds a run
    /// and how far it is. After a power cut no worker of this machine is alive, and the run is
    /// taken again. A process that is killed loses nothing.
    async fn begin_light(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE").await?)
    }
}

/// Held while migrating; the operating system lets go of it if the process dies.
fn lock_file(database: &Path) -> Result<fs::File> {
    let mut path = database.as_os_str().to_owned();
    path.push(".migrating");
    let open = || {
        let file = fs::File::create(&path)?;
        file.lock()?;
        Ok(file)
    };
    open().map_err(|error: std::io::Error| cannot_open(database, &error))
}

fn cannot_open(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Fault(format!("cannot open {}: {error}", path.display()))
}

fn write(result: &SqliteQueryResult) -> Write {
    if result.rows_affected() == 1 { Write::Done } else { Write::Overtaken }
}

#[cfg(test)]
mod tests {
    use sqlx::Row as _;

    use super::*;
    use crate::{clock::SystemClock, engine::rules::Policy, model::WorkerId, store::Work as _};

    #[tokio::test]
    async fn what_follows_a_light_transaction_waits_for_the_disk_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tapedeck.db");
        let lease_policy = Policy::default().lease_policy();
        let store = SqliteStore::open(&path, Arc::new(SystemClock), lease_policy).await.unwrap();
        drop(store.begin_light().await.unwrap()); // given up half-way
        store.heartbeat(WorkerId::new()).await.unwrap();
        let row = sqlx::query("PRAGMA synchronous").fetch_one(&store.writer).await.unwrap();
        assert_eq!(row.get::<i64, _>(0), 2, "FULL");
    }
}
