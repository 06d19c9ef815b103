//! `TAPEDECK_DATABASE_URL`.

use std::{path::PathBuf, str::FromStr};

/// Which database, by the URL's scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://` and a path, relative or absolute.
    Sqlite(PathBuf),
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self::Sqlite("data/tapedeck.db".into())
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("sqlite://") {
            Some("") => Err("names no file; write it as sqlite://data/tapedeck.db"),
            Some(path) if path.contains('?') => {
                Err("takes no parameters; leave out the ? and what follows")
            }
            Some(path) => Ok(Self::Sqlite(path.into())),
            None if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
                Err("this version has no PostgreSQL yet; write it as sqlite://data/tapedeck.db")
            }
            None => {
                Err("is no database that tapedeck knows; write it as sqlite://data/tapedeck.db")
            }
        }
    }
}
