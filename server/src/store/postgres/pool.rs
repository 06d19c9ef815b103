//! Connections, and how long an answer may take. A server that is paused, or a network that
//! swallows what is sent, says nothing at all: whoever waits is told after [`ANSWER_WITHIN`] that
//! the database is away, and the connection that is silent is given up, not kept for the next one.

use std::{
    ops::{Deref, DerefMut},
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::store::{ACQUIRE_TIMEOUT, Result, StoreError};

/// How long a listener's request, or a worker's write, may wait for the database.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// For what reads or writes much: a search in all calls, a page of an import.
pub(super) const MUCH_WITHIN: Duration = Duration::from_secs(10);

/// Settings of each connection. A statement whose client has gone ends by itself, and so does a
/// transaction whose process was stopped in the middle: it may hold locks.
const SESSION: [(&str, &str); 5] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "1500ms"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("client_connection_check_interval", "1s"),
    ("application_name", "tapedeck"),
];
const CONNECTIONS: u32 = 10;
/// One that was used a moment ago is taken to be well; each look at it is a round trip.
const WELL_FOR: Duration = Duration::from_secs(1);

/// The options of our sessions, but for these.
pub(super) fn session(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options(SESSION)
}

/// A pool of sessions with these options, that connects when it is first used.
pub(super) fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for > WELL_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// Does `work`, or says after `time` that the database is away.
pub(super) async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    match tokio::time::timeout(time, work).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut)),
    }
}

/// A connection of the pool. One that was held for too long does not go back to it.
pub(super) struct Borrowed {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Borrowed {
    pub(super) async fn from(pool: &PgPool) -> Result<Self> {
        Ok(Self { connection: pool.acquire().await?, since: Instant::now() })
    }
}

impl Deref for Borrowed {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Borrowed {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        // Its work was given up, or nearly.
        if self.since.elapsed() >= ANSWER_WITHIN / 2 {
            self.connection.close_on_drop();
        }
    }
}
