//! The bytes of recordings, under keys that each claim of a run has for itself: files of one
//! folder, or objects in a bucket. Knows nothing of runs and recordings, and never decides what may
//! go. Only who serves a recording asks which of the two it is, since the kernel can send a file.

mod backend;
mod files;
mod ownership;
mod s3;

use std::io;

pub use self::{
    backend::{Reader, Storage, Upload},
    files::{FileStorage, FileUpload},
    ownership::{OwnershipError, take_ownership},
    s3::{BadLocation, S3Location, S3Options, S3Reader, S3Storage, S3Stream, S3Upload},
};
use crate::model::ObjectKey;

/// The name under which the storage carries its id; no call id starts with a dot.
const ID_NAME: &str = ".tapedeck-storage-id";
/// Keys told at a time by a listing.
const BATCH: usize = 256;

/// A batch of keys, or why the listing ends early.
type Batch = io::Result<Vec<ObjectKey>>;

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
    /// The bucket does not do what it is asked to.
    #[error("cannot use {place}: {cause}; {advice}")]
    Unusable {
        /// Bucket and prefix, as a URL.
        place: String,
        /// Why.
        cause: io::Error,
        /// What would help.
        advice: &'static str,
    },
    /// It belongs to another database.
    #[error(
        "the storage in {place} carries the id {found:?}, but the database knows {known:?}; \
         use the storage that belongs to this database"
    )]
    Foreign {
        /// The folder, or the bucket and its prefix.
        place: String,
        /// What is written there.
        found: String,
        /// What the database says.
        known: String,
    },
}
