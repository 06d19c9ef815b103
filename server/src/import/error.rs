//! Why an import ended early: in one line that names the input and says what would do.

use std::io;

use super::summary::counted;
use crate::store::StoreError;

/// Why an import ended before the end of its input. For each of them the program's exit code is
/// [`ImportError::EXIT_CODE`].
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It can't be opened, or not even its beginning can be read.
    #[error("cannot read {input}: {cause}; name a CSV or JSON lines file, or - for standard input")]
    Unreadable {
        /// The file's name.
        input: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// It is not what an import can understand. Nothing was kept.
    #[error("cannot import {input}: {why}")]
    Refused {
        /// The file's name.
        input: String,
        /// What is wrong, and what would do.
        why: String,
    },
    /// Reading failed on the way.
    #[error("reading {input} stopped at line {line}: {cause}; {}", kept_so_far(*kept))]
    Interrupted {
        /// The file's name.
        input: String,
        /// The first line that was not done.
        line: u64,
        /// The rows before it that were registered.
        kept: u64,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The database failed on the way.
    #[error("importing {input} stopped at line {line}: {cause}; {}", kept_so_far(*kept))]
    Database {
        /// The file's name.
        input: String,
        /// The first line that was not done.
        line: u64,
        /// The rows before it that were registered.
        kept: u64,
        /// What the store said.
        cause: StoreError,
    },
}

impl ImportError {
    /// What the program exits with.
    pub const EXIT_CODE: u8 = 2;
}

fn kept_so_far(kept: u64) -> String {
    let rows = counted(kept, "row");
    format!("{rows} before it were kept, and importing the whole again is safe")
}

/// Why the reading thread ended early; it knows neither the name nor what was kept.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The input is not what an import can understand.
    Refused(String),
    /// Reading failed at this line.
    Io { line: u64, cause: io::Error },
}

impl ReadError {
    pub(super) fn of(self, input: String, kept: u64) -> ImportError {
        match self {
            Self::Refused(why) => ImportError::Refused { input, why },
            Self::Io { line: 1, cause } => ImportError::Unreadable { input, cause },
            Self::Io { line, cause } => ImportError::Interrupted { input, line, kept, cause },
        }
    }
}

impl From<io::Error> for ReadError {
    /// While the first line is read.
    fn from(cause: io::Error) -> Self {
        Self::Io { line: 1, cause }
    }
}
