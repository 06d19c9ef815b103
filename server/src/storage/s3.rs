//! Objects in a bucket, on whatever speaks S3. An object appears under its key only when it is
//! whole: that is how a PUT, and the end of a multipart upload, work.
//!
//! Two clients: one for whom somebody waits, which gives up within [`PATIENCE`], and one for
//! uploads, which sits out what a run has time for. Lists no unfinished uploads, which this library
//! can't; a lifecycle rule of the bucket removes those that nobody could (docs/operations.md).

mod client;
mod download;
mod error;
mod listing;
mod location;
mod reader;
mod upload;

use std::{fmt, future::Future, io, sync::Arc, time::Duration};

use object_store::{
    Error, ObjectStore as _, ObjectStoreExt as _, PutMode, PutPayload, aws::AmazonS3, path::Path,
};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

pub use self::{
    client::S3Options,
    download::S3Stream,
    location::{BadLocation, S3Location},
    reader::S3Reader,
    upload::S3Upload,
};
use self::{client::Timing, error::told};
use super::{ID_NAME, OpenError};
use crate::model::ObjectKey;

/// How long somebody who waits is kept waiting for the first byte, other tries included.
const PATIENCE: Duration = Duration::from_secs(2);
/// At the start credentials may have to be got first.
const PATIENCE_AT_START: Duration = Duration::from_secs(10);

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct S3Storage(Arc<Inner>);

struct Inner {
    location: S3Location,
    /// For what somebody waits for.
    hasty: AmazonS3,
    /// For uploads.
    patient: AmazonS3,
    /// Removes what is left of uploads that were given up.
    tidying: TaskTracker,
}

impl S3Storage {
    /// Asks the bucket nothing yet.
    pub fn open(location: &S3Location, options: &S3Options) -> Result<Self, OpenError> {
        let client = |timing| {
            client::build(location, options, &timing).map_err(|error| unusable(location, error))
        };
        let (hasty, patient) = (client(Timing::HASTY)?, client(Timing::PATIENT)?);
        let tidying = TaskTracker::new();
        tidying.close(); // it takes on more all the same, and can be waited for
        Ok(Self(Arc::new(Inner { location: location.clone(), hasty, patient, tidying })))
    }

    /// The id that the storage carries, if it carries one.
    pub async fn id(&self) -> Result<Option<String>, OpenError> {
        let read = async {
            match self.0.hasty.get(&self.id_path()).await {
                Ok(found) => found.bytes().await.map(Some),
                Err(error) if error::is_missing_object(&error) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let id = self.at_start(read).await?;
        Ok(id.map(|id| String::from_utf8_lossy(&id).trim().to_owned()))
    }

    /// Makes the storage carry this id, which the database knows; refuses if it carries another.
    /// Of several that start at once, on different databases even, one's id stands.
    pub async fn assign_id(&self, known: &str) -> Result<(), OpenError> {
        if self.id().await?.is_none() {
            self.at_start(self.write_id(known)).await?;
        }
        match self.id().await? {
            Some(found) if found == known => Ok(()),
            found => Err(OpenError::Foreign {
                place: self.to_string(),
                found: found.unwrap_or_default(),
                known: known.to_owned(),
            }),
        }
    }

    async fn write_id(&self, id: &str) -> object_store::Result<()> {
        let put = async |mode: PutMode| {
            let id = PutPayload::from(id.to_owned());
            self.0.hasty.put_opts(&self.id_path(), id, mode.into()).await.map(drop)
        };
        match put(PutMode::Create).await {
            Err(Error::AlreadyExists { .. }) => Ok(()), // whose it is, is looked at next
            // AWS_CONDITIONAL_PUT=disabled: a server without If-None-Match.
            Err(Error::NotImplemented { .. }) => put(PutMode::Overwrite).await,
            written => written,
        }
    }

    /// Shows that the bucket still answers.
    pub async fn check(&self) -> io::Result<()> {
        self.hurried(self.0.hasty.head(&self.id_path())).await.map(drop)
    }

    /// The length of a finished object.
    pub async fn length(&self, key: &ObjectKey) -> io::Result<u64> {
        Ok(self.hurried(self.0.hasty.head(&self.path(key))).await?.size)
    }

    /// Begins to write an object. Asks nothing before there is a part to send.
    pub fn create(&self, key: &ObjectKey) -> S3Upload {
        S3Upload::new(self.clone(), self.path(key))
    }

    /// Removes an object. One that is not there is no error.
    pub async fn delete(&self, key: &ObjectKey) -> io::Result<()> {
        match self.hurried(self.0.hasty.delete(&self.path(key))).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            deleted => deleted,
        }
    }

    /// Waits until what was left of abandoned uploads is gone, or can't be removed.
    pub async fn tidied_up(&self) {
        self.0.tidying.wait().await;
    }

    fn path(&self, key: &ObjectKey) -> Path {
        self.0.location.path(key.as_str())
    }

    fn id_path(&self) -> Path {
        self.0.location.path(ID_NAME)
    }

    /// Waits no longer than somebody who waits would.
    async fn hurried<T>(
        &self,
        asked: impl Future<Output = object_store::Result<T>>,
    ) -> io::Result<T> {
        match timeout(PATIENCE, asked).await {
            Ok(answer) => answer.map_err(told),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")),
        }
    }

    async fn at_start<T>(
        &self,
        asked: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, OpenError> {
        match timeout(PATIENCE_AT_START, asked).await {
            Ok(answer) => answer.map_err(|error| unusable(&self.0.location, error)),
            Err(_) => Err(OpenError::Unusable {
                place: self.to_string(),
                cause: io::Error::new(io::ErrorKind::TimedOut, "no answer in time"),
                advice: error::UNREACHABLE,
            }),
        }
    }
}

fn unusable(location: &S3Location, error: Error) -> OpenError {
    let advice = error::advice(&error);
    OpenError::Unusable { place: location.to_string(), cause: told(error), advice }
}

/// As a URL.
impl fmt::Display for S3Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.location.fmt(f)
    }
}

/// Where it is; its clients know secrets.
impl fmt::Debug for S3Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Storage({self})")
    }
}
