//! One of the two storages, and what they have in common. Nothing but passing on.

use std::{
    fmt, fs,
    io::{self, Read, Seek, SeekFrom},
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{Batch, FileStorage, FileUpload, OpenError, S3Reader, S3Storage, S3Upload};
use crate::model::ObjectKey;

/// Where recordings are kept; cheap to clone.
#[derive(Clone, Debug)]
pub enum Storage {
    /// As files of one folder.
    Files(FileStorage),
    /// As objects in a bucket.
    S3(S3Storage),
}

impl Storage {
    /// The id that the storage carries, if it carries one.
    pub async fn id(&self) -> Result<Option<String>, OpenError> {
        match self {
            Self::Files(files) => files.id(),
            Self::S3(s3) => s3.id().await,
        }
    }

    /// Makes the storage carry this id, which the database knows; refuses if it carries another.
    pub async fn assign_id(&self, known: &str) -> Result<(), OpenError> {
        match self {
            Self::Files(files) => files.assign_id(known),
            Self::S3(s3) => s3.assign_id(known).await,
        }
    }

    /// Shows that the storage is still there.
    pub async fn check(&self) -> io::Result<()> {
        match self {
            Self::Files(files) => files.check().await,
            Self::S3(s3) => s3.check().await,
        }
    }

    /// Begins to write an object.
    pub async fn create(&self, key: &ObjectKey) -> io::Result<Upload> {
        Ok(match self {
            Self::Files(files) => Upload::Files(files.create(key).await?),
            Self::S3(s3) => Upload::S3(s3.create(key)),
        })
    }

    /// Removes an object. One that is not there is no error.
    pub async fn delete(&self, key: &ObjectKey) -> io::Result<()> {
        match self {
            Self::Files(files) => files.delete(key).await,
            Self::S3(s3) => s3.delete(key).await,
        }
    }

    /// Opens a finished object for reading. Blocks, as all reading from it does: to be called
    /// where that is no harm, in a `spawn_blocking` of a Tokio runtime.
    pub fn reader(&self, key: &ObjectKey) -> io::Result<Reader> {
        Ok(match self {
            Self::Files(files) => Reader::File(files.reader(key)?),
            Self::S3(s3) => Reader::S3(s3.reader(key)?),
        })
    }

    /// The objects that were last written before `before`, in batches; what is no object of ours
    /// is left out. Reads on only as its batches are taken, and ends when dropped.
    pub fn list_older_than(&self, before: Timestamp) -> mpsc::Receiver<Batch> {
        match self {
            Self::Files(files) => files.list_older_than(before),
            Self::S3(s3) => s3.list_older_than(before),
        }
    }

    /// Removes what is left of uploads that were last written to before `before`; how many there
    /// were. In a bucket its lifecycle rule does that (docs/operations.md).
    pub async fn remove_temporaries_older_than(&self, before: Timestamp) -> io::Result<usize> {
        match self {
            Self::Files(files) => files.remove_temporaries_older_than(before).await,
            Self::S3(_) => Ok(0),
        }
    }

    /// Waits until what was left of abandoned uploads is gone, or can't be removed.
    pub async fn tidied_up(&self) {
        match self {
            Self::Files(_) => {}
            Self::S3(s3) => s3.tidied_up().await,
        }
    }
}

impl From<FileStorage> for Storage {
    fn from(files: FileStorage) -> Self {
        Self::Files(files)
    }
}

impl From<S3Storage> for Storage {
    fn from(s3: S3Storage) -> Self {
        Self::S3(s3)
    }
}

/// Where it is, for people.
impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(files) => files.fmt(f),
            Self::S3(s3) => s3.fmt(f),
        }
    }
}

/// An object that is being written. Dropped before [`Upload::finish`], it leaves nothing.
#[derive(Debug)]
pub enum Upload {
    /// A file.
    Files(FileUpload),
    /// An object in a bucket.
    S3(S3Upload),
}

impl Upload {
    /// Throws away what was written so far.
    pub async fn restart(&mut self) -> io::Result<()> {
        match self {
            Self::Files(upload) => upload.restart().await,
            Self::S3(upload) => {
                upload.restart();
                Ok(())
            }
        }
    }

    /// Writes more.
    pub async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        match self {
            Self::Files(upload) => upload.write(chunk).await,
            Self::S3(upload) => upload.write(&chunk).await,
        }
    }

    /// Makes the object durable, then visible under its key.
    pub async fn finish(self) -> io::Result<()> {
        match self {
            Self::Files(upload) => upload.finish().await,
            Self::S3(upload) => upload.finish().await,
        }
    }

    /// Makes the object visible under its key, and does not wait for a disk of ours: a power cut may
    /// leave less of it, or nothing. Only for what nobody needs, beside an object that is durable.
    pub async fn finish_unsynced(self) -> io::Result<()> {
        match self {
            Self::Files(upload) => upload.finish_unsynced().await,
            Self::S3(upload) => upload.finish().await,
        }
    }
}

/// A finished object, to be read from any place. Blocks: for `spawn_blocking`.
#[derive(Debug)]
pub enum Reader {
    /// A file.
    File(fs::File),
    /// An object in a bucket.
    S3(S3Reader),
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(into),
            Self::S3(object) => object.read(into),
        }
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::S3(object) => object.seek(to),
        }
    }
}
