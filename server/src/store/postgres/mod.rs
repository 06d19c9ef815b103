//! The store on PostgreSQL, for several machines. The server's clock is everybody's clock
//! (`tapedeck_now()`). READ COMMITTED throughout: each statement guards what it changes, and what
//! needs two statements locks the call's row first. Locks are always taken in the order call, run,
//! recording.

mod batch;
mod calls;
mod hints;
mod objects;
mod pool;
mod publish;
mod runs;
mod upkeep;
mod work;

use std::{fmt, str::FromStr, time::Duration};

use sqlx::{
    Connection as _, PgConnection, Postgres,
    postgres::{PgArguments, PgConnectOptions, PgQueryResult, PgRow},
    query::Query,
};

use self::{
    batch::Batcher,
    pool::{Borrowed, Pool, STATEMENT_TIMEOUT, session, with_timeout},
    publish::Publication,
};
use super::{Result, StoreError, Write};
use crate::model::LeasePolicy;

/// How long a migration may wait for another process's, and take.
const MIGRATION_TIMEOUT: &str = "10min";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

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
    pool: Pool,
    /// For connections beside the pool.
    options: PgConnectOptions,
    lease_policy: LeasePolicyMicros,
    publishing: Batcher<Publication, Write>,
}

/// [`LeasePolicy`] as the statements take them: in microseconds.
struct LeasePolicyMicros {
    lease: i64,
    longest_series: i64,
    retry_window: i64,
}

impl LeasePolicyMicros {
    fn of(lease_policy: LeasePolicy) -> Self {
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        Self {
            lease: micros(lease_policy.lease),
            longest_series: micros(lease_policy.longest_series),
            retry_window: micros(lease_policy.retry_window),
        }
    }
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// A method for one statement, which is answered within [`STATEMENT_TIMEOUT`] or not at all.
macro_rules! one_statement {
    ($name:ident -> $answer:ty) => {
        async fn $name(&self, statement: Statement<'_>) -> Result<$answer> {
            with_timeout(STATEMENT_TIMEOUT, async {
                let mut connection = self.connection().await?;
                let answer = statement.$name(&mut *connection).await?;
                connection.keep();
                Ok(answer)
            })
            .await
        }
    };
}

impl PostgresStore {
    /// Connects, and brings the schema up to date. Safe when several processes start at once: one
    /// of them migrates under an advisory lock, the others wait for it.
    pub async fn open(dsn: &Dsn, lease_policy: LeasePolicy) -> Result<Self> {
        let options = session(&dsn.0);
        let patient = options.clone().options([
            ("statement_timeout", MIGRATION_TIMEOUT),
            ("lock_timeout", MIGRATION_TIMEOUT),
        ]);
        let connecting = async { Ok::<_, StoreError>(PgConnection::connect_with(&patient).await?) };
        let mut connection = with_timeout(CONNECT_TIMEOUT, connecting).await?;
        sqlx::migrate!("migrations/postgres")
            .run(&mut connection)
            .await
            .map_err(|error| StoreError::Fault(format!("migration: {error}")))?;
        connection.close().await?;
        Ok(Self {
            pool: Pool::new(options.clone()),
            options,
            lease_policy: LeasePolicyMicros::of(lease_policy),
            publishing: Batcher::new(),
        })
    }

    /// How the server goes about a claim, for whoever measures or wonders. Claims nothing.
    pub async fn explain_claim(&self) -> Result<String> {
        with_timeout(STATEMENT_TIMEOUT, async {
            work::explain(&mut *self.connection().await?).await
        })
        .await
    }

    async fn connection(&self) -> Result<Borrowed> {
        self.pool.borrow().await
    }

    one_statement!(fetch_all -> Vec<PgRow>);
    one_statement!(fetch_one -> PgRow);
    one_statement!(fetch_optional -> Option<PgRow>);
    one_statement!(execute -> PgQueryResult);
}

fn write(result: &PgQueryResult) -> Write {
    if result.rows_affected() == 1 { Write::Done } else { Write::Overtaken }
}
