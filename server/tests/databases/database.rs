//! Where the data of one test is, and its clock, which the test moves.

use std::{sync::Arc, time::Duration};

use server::{
    clock::{Clock, TestClock},
    engine::rules::Policy,
    store::{PostgresStore, SqliteStore, Store},
};

use sqlx::{Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::postgres_server::Database;

/// An empty database.
pub(crate) struct TestDatabase {
    pub(crate) clock: Arc<TestClock>,
    data: Data,
}

enum Data {
    Sqlite(tempfile::TempDir),
    Postgres(Database),
}

impl TestDatabase {
    /// `None` where there is no such database on this machine; then it has said so.
    pub(crate) async fn on(kind: &str) -> Option<Self> {
        let data = match kind {
            "sqlite" => Data::Sqlite(tempfile::tempdir().unwrap()),
            "postgres" => Data::Postgres(Database::create().await?),
            other => panic!("no database {other}"),
        };
        Some(Self { clock: Arc::new(TestClock::new()), data })
    }

    /// As another process would.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        let lease_policy = Policy::default().lease_policy();
        let store: Arc<dyn Store> = match &self.data {
            Data::Sqlite(folder) => {
                let path = folder.path().join("tapedeck.db");
                let clock: Arc<dyn Clock> = self.clock.clone();
                Arc::new(SqliteStore::open(&path, clock, lease_policy).await.unwrap())
            }
            Data::Postgres(database) => Arc::new(open_postgres(database).await),
        };
        self.advance(Duration::ZERO).await;
        store
    }

    /// What a person or another program does to the rows.
    pub(crate) async fn meddle(&self, sql: &'static str) {
        match &self.data {
            Data::Sqlite(folder) => {
                let path = folder.path().join("tapedeck.db");
                let options = SqliteConnectOptions::new().filename(path);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                connection.execute(sql).await.unwrap();
                connection.close().await.unwrap();
            }
            Data::Postgres(database) => database.execute(sql).await,
        }
    }

    pub(crate) async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        if let Data::Postgres(database) = &self.data {
            database.set_clock(self.clock.now().as_microsecond()).await;
        }
    }
}

/// On the server's own clock.
pub(crate) async fn open_postgres(database: &Database) -> PostgresStore {
    let dsn = database.url().parse().unwrap();
    PostgresStore::open(&dsn, Policy::default().lease_policy()).await.unwrap()
}
