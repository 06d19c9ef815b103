//! Connections, and how long an answer may take. A server that is paused, or a network that
//! swallows what is sent, says nothing at all: whoever waits is told after [`STATEMENT_TIMEOUT`] that
//! the database is away, and the connection that is silent is given up, not kept for the next one.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::{ACQUIRE_TIMEOUT, Connections, Result, StoreError};

/// How long a listener's request, or a worker's write, may wait for the database.
pub(super) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(2);
/// For what reads or writes much: a search in all calls, a page of an import.
pub(super) const BULK_TIMEOUT: Duration = Duration::from_secs(10);

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

/// Connections, each in use by one at a time. sqlx's pool asks each that comes back whether it is well: a
/// round trip for each statement. One whose work was done is well, and waits here for the next.
pub(super) struct Pool {
    connections: PgPool,
    /// As many as connections, so that nobody waits in sqlx's pool while one is kept here.
    places: Arc<Semaphore>,
    kept: Arc<Kept>,
}

/// With the time at which each came. The last one first: the others may close for want of work.
type Kept = Mutex<Vec<(PoolConnection<Postgres>, Instant)>>;

impl Pool {
    /// Connects when it is first used.
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let connections = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
        Self { connections, places, kept: Arc::default() }
    }

    pub(super) async fn borrow(&self) -> Result<Borrowed> {
        let place = self.places.clone().acquire_owned();
        let place = with_timeout(ACQUIRE_TIMEOUT, async { Ok(place.await) }).await?;
        let place = place.map_err(|_| StoreError::Unavailable(sqlx::Error::PoolClosed))?;
        let kept = lock(&self.kept).pop();
        let idle_for = kept.as_ref().map_or(WELL_FOR, |(_, since)| since.elapsed());
        let connection = match kept {
            Some((connection, _)) => connection,
            None => self.connections.acquire().await?,
        };
        let mut borrowed = Borrowed {
            connection: Some(connection),
            since: Instant::now(),
            is_well: false,
            kept: self.kept.clone(),
            _place: place,
        };
        if idle_for >= WELL_FOR && borrowed.ping().await.is_err() {
            // It died while nobody looked. Another is made, or the server is away.
            borrowed.connection.take().map(PoolConnection::leak);
            borrowed.connection = Some(self.connections.acquire().await?);
        }
        Ok(borrowed)
    }

    /// Open ones, and those of them that nobody uses.
    pub(super) fn connections(&self) -> Connections {
        let idle = self.connections.num_idle() + lock(&self.kept).len();
        Connections { open: u64::from(self.connections.size()), idle: idle as u64 }
    }
}

fn lock(kept: &Kept) -> MutexGuard<'_, Vec<(PoolConnection<Postgres>, Instant)>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work`, or says after `time` that the database is away.
pub(super) async fn with_timeout<T>(
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
    /// Always there until it is given back.
    connection: Option<PoolConnection<Postgres>>,
    since: Instant,
    is_well: bool,
    kept: Arc<Kept>,
    /// Given back last.
    _place: OwnedSemaphorePermit,
}

impl Borrowed {
    /// Its work is done, and it is in no transaction: the next one may have it at once.
    pub(super) fn keep(mut self) {
        self.is_well = true;
    }
}

impl Deref for Borrowed {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("given back")
    }
}

impl DerefMut for Borrowed {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("given back")
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if self.since.elapsed() >= STATEMENT_TIMEOUT / 2 {
            // Its work was given up, or nearly.
            connection.close_on_drop();
        } else if self.is_well {
            lock(&self.kept).push((connection, Instant::now()));
        }
    }
}
