//! What can go wrong with a database: it is away, or it says something that it should not.

use sqlx::{error::DatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer. Trying again later may help.
    #[error("database unavailable: {0}")]
    Unavailable(sqlx::Error),
    /// The database answered with something that we did not write, or refused what we did.
    #[error("database: {0}")]
    Fault(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, Protocol, Tls, WorkerCrashed};
        let away = match &error {
            // A server that goes down in the middle of an answer leaves half a message.
            Io(_) | PoolTimedOut | PoolClosed | WorkerCrashed | Protocol(_) | Tls(_) => true,
            Database(error) => is_away(error.as_ref()),
            _ => false,
        };
        if away { Self::Unavailable(error) } else { Self::Fault(error.to_string()) }
    }
}

fn is_away(error: &dyn DatabaseError) -> bool {
    if error.try_downcast_ref::<SqliteError>().is_some() {
        // Primary result codes: busy, locked, read-only, I/O, full, can't open, not a database.
        let code = error.code().and_then(|code| code.parse::<u32>().ok());
        return code.is_some_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14 | 26));
    }
    error.try_downcast_ref::<PgDatabaseError>().is_some_and(|error| {
        // PostgreSQL 15, appendix A. Classes: connection exception, insufficient resources,
        // operator intervention (shutdown, statement timeout), system error, transaction rollback
        // (deadlock). Codes: read-only server (a standby), lock not available in time.
        let code = error.code();
        matches!(code.get(..2), Some("08" | "53" | "57" | "58" | "40"))
            || matches!(code, "25006" | "55P03")
    })
}
