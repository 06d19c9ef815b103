//! The bytes of recordings, under keys that each claim of a run has for itself. Files now; the
//! callers know only this interface, so that objects elsewhere can stand behind it.

mod files;

use std::io;

pub use files::{FileStorage, Upload};

/// Why the storage can't be used, in one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder can't be made or written to.
    #[error("cannot write to {folder}: {cause}; choose a folder that tapedeck may write to")]
    NotWritable {
        /// The folder.
        folder: String,
        /// Why.
        cause: io::Error,
    },
    /// It belongs to another database.
    #[error(
        "the storage in {folder} carries the id {found:?}, but the database knows {known:?}; \
         use the storage that belongs to this database"
    )]
    Foreign {
        /// The folder.
        folder: String,
        /// What is written there.
        found: String,
        /// What the database says.
        known: String,
    },
}
