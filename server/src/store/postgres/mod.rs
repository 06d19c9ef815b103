//! The store on PostgreSQL, for several machines. The server's clock is everybody's clock
//! (`tapedeck_now()`). READ COMMITTED throughout: each statement guards what it changes, and what
//! needs two statements locks the call's row first. Locks are always taken in the order call, run,
//! recording.

mod calls;
mod runs;
mod upkeep;
mod work;

use std::{fmt, str::FromStr, time::Duration};

use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult},
};

use super::{ACQUIRE_TIMEOUT, Result, StoreError, Write};

/// Settings of each connection. A statement that takes longer than a listener waits is given up,
/// and so is a transaction whose process was stopped in the middle: it may hold locks.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", "2s"),
    ("lock_timeout", "1500ms"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("application_name", "tapedeck"),
];
/// How long a migration may wait for another process's, and take.
const MIGRATION_TIMEOUT: &str = "10min";
const CONNECTIONS: u32 = 10;

/// Where the database is: `postgres://user:password@host:port/database`, with libpq's parameters.
#[derive(Clone)]
pub struct Dsn(Box<PgConnectOptions>);

impl FromStr for Dsn {
    type Err = String;

    fn from_str(url: &str) -> std::result::Result<Self, String> {
        url.parse().map(Box::new).map(Self).map_err(|error: sqlx::Error| match error {
            sqlx::Error::Configuration(why) => why.to_string(),
            other => other.to_string(),
        })
    }
}

/// Without the password.
impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.0.get_database().unwrap_or_else(|| self.0.get_username());
        write!(f, "PostgreSQL at {}:{}/{database}", self.0.get_host(), self.0.get_port())
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// See the module.
pub struct PostgresStore {
    pool: PgPool,
    /// In microseconds.
    lease: i64,
}

impl PostgresStore {
    /// Connects, and brings the schema up to date. Safe when several processes start at once: one
    /// of them migrates under an advisory lock, the others wait for it.
    pub async fn open(dsn: &Dsn, lease: Duration) -> Result<Self> {
        let patient = SESSION.map(|(name, value)| match name {
            "statement_timeout" | "lock_timeout" => (name, MIGRATION_TIMEOUT),
            _ => (name, value),
        });
        let options = PgConnectOptions::clone(&dsn.0).options(patient);
        let connecting = PgConnection::connect_with(&options);
        let mut connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_| StoreError::Unavailable(sqlx::Error::PoolTimedOut))??;
        sqlx::migrate!("migrations/postgres")
            .run(&mut connection)
            .await
            .map_err(|error| StoreError::Fault(format!("migration: {error}")))?;
        connection.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(PgConnectOptions::clone(&dsn.0).options(SESSION));
        Ok(Self { pool, lease: i64::try_from(lease.as_micros()).unwrap_or(i64::MAX) })
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.pool.begin().await?)
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

fn write(result: &PgQueryResult) -> Write {
    if result.rows_affected() == 1 { Write::Done } else { Write::Overtaken }
}
