//! `TAPEDECK_DATABASE_URL`.

use std::{path::PathBuf, str::FromStr};

use crate::store::Dsn;

/// Which database, by the URL's scheme.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// `sqlite://` and a path, relative or absolute.
    Sqlite(PathBuf),
    /// `postgres://`, with libpq's parameters.
    Postgres(Dsn),
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self::Sqlite("data/tapedeck.db".into())
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return text.parse().map(Self::Postgres).map_err(|why: String| {
                format!("{why}; write it as postgres://user:password@host:5432/tapedeck")
            });
        }
        let path = text.strip_prefix("sqlite://").ok_or(
            "is no database that tapedeck knows; write it as sqlite://data/tapedeck.db or \
             postgres://user:password@host:5432/tapedeck",
        )?;
        if path.is_empty() {
            return Err("names no file; write it as sqlite://data/tapedeck.db".into());
        }
        if path.contains('?') {
            return Err("takes no parameters; leave out the ? and what follows".into());
        }
        Ok(Self::Sqlite(path.into()))
    }
}
