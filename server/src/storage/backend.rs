//! One of the two storages, and the operations that both have. Only forwards calls.

use std::{
    fmt, fs,
    io::{self, Read, Seek, SeekFrom},
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{Batch, ERASED, FileStorage, FileUpload, OpenError, S3Reader, S3Storage, S3Upload};
use crate::model::ObjectKey;

/// Where recordings are stored; cheap to clone.
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
            Self::Files(files) => files.id().map_err(|cause| files.not_writable(cause)),
            Self::S3(s3) => s3.id().await,
        }
    }

    /// Makes the storage carry this id, which the database knows; refuses if it carries another.
    /// From then on every write, deletion and listing of files verifies the id first.
    pub async fn assign_id(&self, known: &str) -> Result<(), OpenError> {
        match self {
            Self::Files(files) => files.assign_id(known),
            Self::S3(s3) => s3.assign_id(known).await,
        }
    }

    /// Verifies that the storage is there and carries its id.
    pub async fn check(&self) -> io::Result<()> {
        match self {
            Self::Files(files) => files.check().await,
            Self::S3(s3) => s3.check().await,
        }
    }

    /// Begins to write an object. An object is never replaced: finishing the upload fails with
    /// [`io::ErrorKind::AlreadyExists`] where the key is taken.
    pub async fn create(&self, key: &ObjectKey) -> io::Result<Upload> {
        self.create_named(key.as_str()).await
    }

    async fn create_named(&self, name: &str) -> io::Result<Upload> {
        Ok(match self {
            Self::Files(files) => Upload::Files(files.create_named(name).await?),
            Self::S3(s3) => Upload::S3(s3.create_named(name)),
        })
    }

    /// Removes an object. An object that does not exist is no error; a storage that is away is one.
    pub async fn delete(&self, key: &ObjectKey) -> io::Result<()> {
        match self {
            Self::Files(files) => files.delete(key).await,
            Self::S3(s3) => s3.delete(key).await,
        }
    }

    /// Whether the object is there now. A missing object alone proves nothing: see
    /// [`Storage::presence`].
    pub(super) async fn exists(&self, key: &ObjectKey) -> io::Result<bool> {
        match self {
            Self::Files(files) => files.exists(key.as_str()).await,
            Self::S3(s3) => s3.exists(key.as_str()).await,
        }
    }

    /// A small object's bytes, at most `limit` of them.
    pub(super) async fn read_small(&self, name: &str, limit: u64) -> io::Result<Bytes> {
        match self {
            Self::Files(files) => files.read_small(name, limit).await,
            Self::S3(s3) => s3.read_small(name, limit).await,
        }
    }

    /// Opens a finished object for reading. Blocks, as all reading from it does: call it within
    /// `spawn_blocking` of a Tokio runtime.
    pub fn reader(&self, key: &ObjectKey) -> io::Result<Reader> {
        Ok(match self {
            Self::Files(files) => Reader::File(files.reader(key)?),
            Self::S3(s3) => Reader::S3(s3.reader(key)?),
        })
    }

    /// The objects that were last written before `before`, in batches, without what is no object
    /// of tapedeck's. Reads on only as batches are taken; dropping the receiver ends it. A storage
    /// that is away is an error, never an empty list.
    pub fn list_written_before(&self, before: Timestamp) -> mpsc::Receiver<Batch> {
        match self {
            Self::Files(files) => files.list_written_before(before),
            Self::S3(s3) => s3.list_written_before(before),
        }
    }

    /// Removes what remains of uploads that were last written to before `before`, and says how many
    /// there were. In a bucket its lifecycle rule does that (docs/operations.md).
    pub async fn remove_temporaries_older_than(&self, before: Timestamp) -> io::Result<usize> {
        match self {
            Self::Files(files) => files.remove_temporaries_older_than(before).await,
            Self::S3(_) => Ok(0),
        }
    }

    /// Stores the mark of an erased call durably: `name` is a keyed hash of the call's id, in
    /// `[0-9a-z]`, and `contents` says more. A mark that is there already stays as it is. The mark
    /// lets a restored database learn which calls were erased after its backup.
    pub async fn mark_erased(&self, name: &str, contents: Bytes) -> io::Result<()> {
        let name = erased_name(name)?;
        let mut upload = match self.create_named(&name).await {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            created => created?,
        };
        upload.write(contents).await?;
        match upload.finish().await {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            finished => finished,
        }
    }

    /// The contents of an erased call's mark, at most 64 KiB; `None` where there is no mark.
    pub async fn erased_mark(&self, name: &str) -> io::Result<Option<Bytes>> {
        match self.read_small(&erased_name(name)?, 64 << 10).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// The names of all marks of erased calls.
    pub async fn erased_marks(&self) -> io::Result<Vec<String>> {
        let names = match self {
            Self::Files(files) => files.erased_names().await?,
            Self::S3(s3) => s3.erased_names().await?,
        };
        Ok(names.into_iter().filter(|name| erased_name(name).is_ok()).collect())
    }

    /// Removes the mark of an erased call, when its time is over.
    pub async fn remove_erased_mark(&self, name: &str) -> io::Result<()> {
        let name = erased_name(name)?;
        match self {
            Self::Files(files) => files.delete_named(&name).await,
            Self::S3(s3) => s3.delete_named(&name).await,
        }
    }

    /// Waits until what remains of aborted uploads is removed, or can't be.
    pub async fn cleaned_up(&self) {
        match self {
            Self::Files(_) => {}
            Self::S3(s3) => s3.cleaned_up().await,
        }
    }
}

fn erased_name(mark: &str) -> io::Result<String> {
    let is_name = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase();
    if (1..=128).contains(&mark.len()) && mark.bytes().all(is_name) {
        Ok(format!("{ERASED}/{mark}"))
    } else {
        Err(io::ErrorKind::InvalidInput.into())
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

/// The folder, or the bucket and its prefix.
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
    /// Discards what was written so far.
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

    /// Makes the object durable, then visible under its key. Never replaces an object.
    pub async fn finish(self) -> io::Result<()> {
        match self {
            Self::Files(upload) => upload.finish().await,
            Self::S3(upload) => upload.finish().await,
        }
    }

    /// Makes the object visible under its key without waiting for a local disk: a power cut may
    /// leave less of it, or nothing. Only for an object that can be made again from a durable one.
    pub async fn finish_unsynced(self) -> io::Result<()> {
        match self {
            Self::Files(upload) => upload.finish_unsynced().await,
            Self::S3(upload) => upload.finish().await,
        }
    }
}

/// A finished object that can be read and sought in. Blocks: for `spawn_blocking`.
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
