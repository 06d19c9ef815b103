//! Uploads an object into the bucket: in parts while it is still being fetched, or, if it is small, in
//! one request at the end. Holds a few parts in memory and never the whole object.

use std::{fmt, io, mem, time::Duration};

use bytes::BytesMut;
use object_store::{MultipartUpload, ObjectStoreExt as _, path::Path};
use tokio::{runtime::Handle, sync::oneshot, task::JoinSet, time::timeout};
use tracing::warn;

use super::{S3Storage, io_error};

/// Bytes in a part: at least 5 MiB by the rules of S3, and 10,000 parts must hold a recording.
const PART: usize = 8 << 20;
/// Parts that are sent at a time, beside the one that is being filled.
const PARALLEL_PARTS: usize = 2;
/// How long the last parts of an aborted upload may take to arrive.
const LAST_PARTS: Duration = Duration::from_secs(3);

/// An object that is being written. Dropped before [`S3Upload::finish`], it leaves nothing.
pub struct S3Upload {
    storage: S3Storage,
    path: Path,
    /// The part that is being filled.
    filling: BytesMut,
    /// The parts before it, once there are any.
    parts: Option<Parts>,
}

struct Parts {
    upload: Box<dyn MultipartUpload>,
    in_flight: JoinSet<object_store::Result<()>>,
}

impl S3Upload {
    pub(super) fn new(storage: S3Storage, path: Path) -> Self {
        Self { storage, path, filling: BytesMut::new(), parts: None }
    }

    /// Discards what was written so far.
    pub fn restart(&mut self) {
        self.filling.clear();
        self.abort();
    }

    /// Writes more; waits while enough parts are in flight.
    pub async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART - self.filling.len()));
            self.filling.extend_from_slice(now);
            bytes = later;
            if self.filling.len() == PART {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    async fn send_part(&mut self) -> io::Result<()> {
        let parts = match &mut self.parts {
            Some(parts) => parts,
            none => none.insert(begin(&self.storage, &self.path).await?),
        };
        parts.wait_for_fewer_than(PARALLEL_PARTS).await?;
        let part = mem::take(&mut self.filling).freeze();
        parts.in_flight.spawn(parts.upload.put_part(part.into()));
        Ok(())
    }

    /// Makes the object durable, and visible under its key. Never replaces an object; of an upload
    /// in parts that is looked up just before its end, since the library has no condition there.
    pub async fn finish(mut self) -> io::Result<()> {
        if self.parts.is_none() {
            let whole = mem::take(&mut self.filling).freeze();
            return self.storage.put_new(&self.path, whole).await;
        }
        if !self.filling.is_empty() {
            self.send_part().await?;
        }
        if let Some(parts) = &mut self.parts {
            parts.wait_for_fewer_than(1).await?;
            match self.storage.0.bulk.head(&self.path).await {
                Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(io_error(error)),
            }
            parts.upload.complete().await.map_err(io_error)?;
        }
        self.parts = None; // nothing is left to remove
        Ok(())
    }

    /// Removes the parts that were sent, in the background.
    fn abort(&mut self) {
        let Some(parts) = self.parts.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        self.storage.0.cleanup.spawn_on(parts.remove(self.path.clone()), &runtime);
    }
}

/// Begins an upload in parts. A caller that stops waiting for it leaves none behind.
async fn begin(storage: &S3Storage, path: &Path) -> io::Result<Parts> {
    let (begun, waiting) = oneshot::channel();
    let (client, path) = (storage.0.bulk.clone(), path.clone());
    storage.0.cleanup.spawn(async move {
        let upload = client.put_multipart(&path).await;
        let parts = upload.map(|upload| Parts { upload, in_flight: JoinSet::new() });
        if let Err(Ok(parts)) = begun.send(parts) {
            parts.remove(path).await;
        }
    });
    waiting.await.map_err(io::Error::other)?.map_err(io_error)
}

impl Parts {
    async fn remove(mut self, path: Path) {
        // A part that arrives after the abort could stay in the bucket.
        let _ = timeout(LAST_PARTS, self.wait_for_fewer_than(1)).await;
        self.in_flight.shutdown().await;
        if let Err(error) = self.upload.abort().await.map_err(io_error) {
            warn!(%path, %error, "parts of an upload are left to the bucket's lifecycle rule");
        }
    }

    async fn wait_for_fewer_than(&mut self, count: usize) -> io::Result<()> {
        while self.in_flight.len() >= count {
            match self.in_flight.join_next().await {
                Some(sent) => sent.map_err(io::Error::other)?.map_err(io_error)?,
                None => break,
            }
        }
        Ok(())
    }
}

impl Drop for S3Upload {
    fn drop(&mut self) {
        self.abort();
    }
}

impl fmt::Debug for S3Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Upload({})", self.path)
    }
}
