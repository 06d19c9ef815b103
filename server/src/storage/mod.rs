//! The bytes of recordings, under keys that each claim of a run has for itself: files of one
//! folder, or objects in a bucket. Knows nothing of runs, and never decides what may be removed.
//! Only the code that serves a recording asks which backend it is, since the kernel can send a file.

mod backend;
mod description;
mod digest;
mod files;
mod ownership;
mod presence;
mod s3;

use std::io;

use jiff::Timestamp;

pub use self::{
    backend::{Reader, Storage, Upload},
    files::{FileStorage, FileUpload},
    ownership::{OwnershipError, take_over, take_ownership},
    presence::Presence,
    s3::{BadLocation, S3Location, S3Options, S3Reader, S3Storage, S3Stream, S3Upload},
};
use crate::model::ObjectKey;

/// The name under which the storage carries its id. No call id starts with a dot.
const ID_NAME: &str = ".tapedeck-storage-id";
/// The folder of the erasure marks.
const ERASED: &str = ".erased";
/// Objects in a batch of a listing.
const BATCH: usize = 256;

/// A batch of a listing, or why the listing ends early.
type Batch = io::Result<Vec<StoredObject>>;

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoredObject {
    /// Its key.
    pub key: ObjectKey,
    /// Its length.
    pub bytes: u64,
    /// When it was last written, by the storage's clock.
    pub written_at: Timestamp,
}

/// Why the storage can't be used, in one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder can't be created or written to.
    #[error("cannot write to {folder}: {cause}; choose a folder that tapedeck may write to")]
    NotWritable {
        /// The folder.
        folder: String,
        /// Why.
        cause: io::Error,
    },
    /// The bucket refuses a request or does not answer.
    #[error("cannot use {storage}: {cause}; {advice}")]
    Unusable {
        /// Bucket and prefix, as a URL.
        storage: String,
        /// Why.
        cause: io::Error,
        /// What the operator can do.
        advice: &'static str,
    },
    /// It belongs to another database.
    #[error(
        "the storage in {storage} carries the id {found:?}, but the database knows {known:?}; \
         use the storage that belongs to this database"
    )]
    Foreign {
        /// The folder, or the bucket and its prefix.
        storage: String,
        /// The id that it carries.
        found: String,
        /// The id that the database knows.
        known: String,
    },
}

/// The error of an operation on a storage that does not carry its id any more. A folder whose
/// volume is not mounted looks like this.
fn wrong_id(found: Option<&str>, known: &str) -> io::Error {
    let found = found.map_or("no id".to_owned(), |found| format!("the id {found:?}"));
    io::Error::other(format!(
        "the storage carries {found} instead of {known:?}; its volume may not be mounted"
    ))
}
