//! Objects in a bucket, on any server that speaks S3. An object appears under its key only when it is
//! whole: that is how a PUT, and the end of a multipart upload, work.
//!
//! Two clients: an interactive one, which gives up within [`REQUEST_TIMEOUT`], and a bulk one for
//! uploads, which outlasts a short outage. The library can't list unfinished uploads; a lifecycle
//! rule of the bucket removes those of killed workers (docs/operations.md).

mod client;
mod download;
mod error;
mod listing;
mod location;
mod reader;
mod upload;

use std::{
    fmt,
    future::Future,
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use object_store::{
    Error, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, PutMode, PutPayload,
    aws::AmazonS3, path::Path,
};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::TaskTracker;

pub use self::{
    client::S3Options,
    download::S3Stream,
    location::{BadLocation, S3Location},
    reader::S3Reader,
    upload::S3Upload,
};
use self::{client::Timing, error::io_error};
use super::{ID_NAME, OpenError, wrong_id};
use crate::model::ObjectKey;

/// How long an interactive request waits for the first byte, retries included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
/// At the start credentials may have to be fetched first.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a small upload is retried, and the shortest and longest pause in between. The library
/// retries no conditional PUT whose answer was lost.
const PUT_RETRIES_FOR: Duration = Duration::from_secs(180);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A prefix of a bucket that holds objects; cheap to clone.
#[derive(Clone)]
pub struct S3Storage(Arc<Inner>);

struct Inner {
    location: S3Location,
    /// The id that the storage must carry, once that is known.
    id: OnceLock<Box<str>>,
    /// For what a listener or an operator waits for.
    interactive: AmazonS3,
    /// For uploads and long listings.
    bulk: AmazonS3,
    /// Removes the parts of aborted uploads.
    cleanup: TaskTracker,
}

impl S3Storage {
    /// Makes the clients. Sends no request yet.
    pub fn open(location: &S3Location, options: &S3Options) -> Result<Self, OpenError> {
        let client = |timing| {
            client::build(location, options, &timing).map_err(|error| unusable(location, error))
        };
        let (interactive, bulk) = (client(Timing::INTERACTIVE)?, client(Timing::BULK)?);
        let cleanup = TaskTracker::new();
        cleanup.close(); // a closed tracker still takes tasks, and can be waited for
        let (location, id) = (location.clone(), OnceLock::new());
        Ok(Self(Arc::new(Inner { location, id, interactive, bulk, cleanup })))
    }

    /// The id that the storage carries, if it carries one.
    pub async fn id(&self) -> Result<Option<String>, OpenError> {
        self.at_start(self.read_id()).await
    }

    /// Makes the storage carry this id, which the database knows; refuses if it carries another.
    /// Of several processes that start at once, on different databases even, one's id stands.
    pub async fn assign_id(&self, known: &str) -> Result<(), OpenError> {
        if self.id().await?.is_none() {
            self.at_start(self.write_id(known)).await?;
        }
        match self.id().await? {
            Some(found) if found == known => {
                let _ = self.0.id.set(known.into()); // a second time it is the same
                Ok(())
            }
            found => Err(OpenError::Foreign {
                storage: self.to_string(),
                found: found.unwrap_or_default(),
                known: known.to_owned(),
            }),
        }
    }

    async fn read_id(&self) -> object_store::Result<Option<String>> {
        match self.0.interactive.get(&self.path_of(ID_NAME)).await {
            Ok(found) => {
                let id = found.bytes().await?;
                Ok(Some(String::from_utf8_lossy(&id).trim().to_owned()))
            }
            Err(error) if error::is_missing_object(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn write_id(&self, id: &str) -> object_store::Result<()> {
        let put = async |mode: PutMode| {
            let id = PutPayload::from(id.to_owned());
            self.0.interactive.put_opts(&self.path_of(ID_NAME), id, mode.into()).await.map(drop)
        };
        match put(PutMode::Create).await {
            Err(Error::AlreadyExists { .. }) => Ok(()), // the caller reads which id stands
            // AWS_CONDITIONAL_PUT=disabled: a server without If-None-Match.
            Err(Error::NotImplemented { .. }) => put(PutMode::Overwrite).await,
            written => written,
        }
    }

    /// Verifies that the bucket answers and carries the id.
    pub async fn check(&self) -> io::Result<()> {
        let found = self.with_timeout(self.read_id()).await?;
        match (self.0.id.get(), found) {
            (Some(known), found) if found.as_deref() != Some(known) => {
                Err(wrong_id(found.as_deref(), known))
            }
            (None, None) => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(()),
        }
    }

    /// The length of a finished object.
    pub async fn length(&self, key: &ObjectKey) -> io::Result<u64> {
        Ok(self.with_timeout(self.0.interactive.head(&self.path(key))).await?.size)
    }

    /// Whether an object of this name is there now.
    pub(super) async fn exists(&self, name: &str) -> io::Result<bool> {
        // Not a HEAD: its 404 has no body that would tell a missing bucket from a missing object.
        let options = GetOptions::new().with_range(Some(GetRange::Bounded(0..1)));
        let path = self.path_of(name);
        match self.with_timeout(self.0.interactive.get_opts(&path, options)).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Begins to write an object. Sends no request before there is a part to send.
    pub fn create(&self, key: &ObjectKey) -> S3Upload {
        self.create_named(key.as_str())
    }

    pub(super) fn create_named(&self, name: &str) -> S3Upload {
        S3Upload::new(self.clone(), self.path_of(name))
    }

    /// A small object's bytes, at most `limit` of them.
    pub(super) async fn read_small(&self, name: &str, limit: u64) -> io::Result<Bytes> {
        let read = async {
            let found = self.0.interactive.get(&self.path_of(name)).await?;
            if found.meta.size > limit { Ok(None) } else { found.bytes().await.map(Some) }
        };
        self.with_timeout(read).await?.ok_or_else(|| io::ErrorKind::FileTooLarge.into())
    }

    /// Removes an object. An object that does not exist is no error.
    pub async fn delete(&self, key: &ObjectKey) -> io::Result<()> {
        self.delete_named(key.as_str()).await
    }

    pub(super) async fn delete_named(&self, name: &str) -> io::Result<()> {
        match self.with_timeout(self.0.interactive.delete(&self.path_of(name))).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            deleted => deleted,
        }
    }

    /// Waits until the parts of aborted uploads are removed, or can't be.
    pub(super) async fn cleaned_up(&self) {
        self.0.cleanup.wait().await;
    }

    /// Writes an object that must not exist yet, in one request. An answer that was lost is no
    /// error: the object is there then, with the same bytes.
    async fn put_new(&self, path: &Path, bytes: Bytes) -> io::Result<()> {
        let until = Instant::now() + PUT_RETRIES_FOR;
        let (mut mode, mut pause) = (PutMode::Create, FIRST_PAUSE);
        loop {
            let put = self.0.bulk.put_opts(path, bytes.clone().into(), mode.clone().into()).await;
            match put {
                Ok(_) => return Ok(()),
                // AWS_CONDITIONAL_PUT=disabled: a server without If-None-Match.
                Err(Error::NotImplemented { .. }) if mode == PutMode::Create => {
                    mode = PutMode::Overwrite;
                }
                Err(error @ Error::AlreadyExists { .. }) => {
                    let found = self.0.bulk.get(path).await.map_err(io_error)?;
                    let is_ours = found.meta.size == bytes.len() as u64
                        && found.bytes().await.map_err(io_error)? == bytes;
                    return if is_ours { Ok(()) } else { Err(io_error(error)) };
                }
                Err(Error::Generic { .. }) if Instant::now() + pause < until => {
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(io_error(error)),
            }
        }
    }

    fn path(&self, key: &ObjectKey) -> Path {
        self.path_of(key.as_str())
    }

    fn path_of(&self, name: &str) -> Path {
        self.0.location.path(name)
    }

    /// Fails with [`io::ErrorKind::TimedOut`] after [`REQUEST_TIMEOUT`].
    async fn with_timeout<T>(
        &self,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> io::Result<T> {
        match timeout(REQUEST_TIMEOUT, request).await {
            Ok(answer) => answer.map_err(io_error),
            Err(_) => Err(no_answer()),
        }
    }

    async fn at_start<T>(
        &self,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, OpenError> {
        match timeout(START_TIMEOUT, request).await {
            Ok(answer) => answer.map_err(|error| unusable(&self.0.location, error)),
            Err(_) => Err(OpenError::Unusable {
                storage: self.to_string(),
                cause: no_answer(),
                advice: error::UNREACHABLE,
            }),
        }
    }
}

fn no_answer() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}

fn unusable(location: &S3Location, error: Error) -> OpenError {
    let advice = error::advice(&error);
    OpenError::Unusable { storage: location.to_string(), cause: io_error(error), advice }
}

/// As a URL.
impl fmt::Display for S3Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.location.fmt(f)
    }
}

/// Without the clients, which hold secrets.
impl fmt::Debug for S3Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Storage({self})")
    }
}
