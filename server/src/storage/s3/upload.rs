//! An object on its way into the bucket: in parts while it is still being fetched, or, if it is
//! small, in one request at the end. Holds a few parts in memory and never the whole.

use std::{fmt, io, mem};

use bytes::BytesMut;
use object_store::{MultipartUpload, ObjectStoreExt as _, path::Path};
use tokio::{runtime::Handle, task::JoinSet};
use tracing::warn;

use super::{S3Storage, told};

/// Bytes in a part: at least 5 MiB by the rules of S3, and 10,000 parts must hold a recording.
const PART: usize = 8 << 20;
/// Parts that are sent at a time, beside the one that is being filled.
const UNDER_WAY: usize = 2;

/// See the module. Dropped before [`S3Upload::finish`], it leaves nothing.
pub struct S3Upload {
    storage: S3Storage,
    path: Path,
    /// The part that is being filled.
    filling: BytesMut,
    /// Those before it, once there are any.
    parts: Option<Parts>,
}

struct Parts {
    upload: Box<dyn MultipartUpload>,
    under_way: JoinSet<object_store::Result<()>>,
}

impl S3Upload {
    pub(super) fn new(storage: S3Storage, path: Path) -> Self {
        Self { storage, path, filling: BytesMut::new(), parts: None }
    }

    /// Throws away what was written so far.
    pub fn restart(&mut self) {
        self.filling.clear();
        self.abandon();
    }

    /// Writes more; waits while enough parts are under way.
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
        let client = &self.storage.0.patient;
        let parts = match &mut self.parts {
            Some(parts) => parts,
            none => none.insert(Parts {
                upload: client.put_multipart(&self.path).await.map_err(told)?,
                under_way: JoinSet::new(),
            }),
        };
        parts.wait_for_fewer_than(UNDER_WAY).await?;
        let part = mem::take(&mut self.filling).freeze();
        parts.under_way.spawn(parts.upload.put_part(part.into()));
        Ok(())
    }

    /// Makes the object durable, and visible under its key.
    pub async fn finish(mut self) -> io::Result<()> {
        if self.parts.is_none() {
            let whole = mem::take(&mut self.filling).freeze();
            let client = &self.storage.0.patient;
            return client.put(&self.path, whole.into()).await.map(drop).map_err(told);
        }
        if !self.filling.is_empty() {
            self.send_part().await?;
        }
        if let Some(parts) = &mut self.parts {
            parts.wait_for_fewer_than(1).await?;
            parts.upload.complete().await.map_err(told)?;
        }
        self.parts = None; // nothing is left to be removed
        Ok(())
    }

    /// Removes the parts that were sent, whoever still waits for that.
    fn abandon(&mut self) {
        let Some(mut parts) = self.parts.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        let path = self.path.clone();
        let tidy = async move {
            // A part that arrives after the end of its upload could stay.
            parts.under_way.shutdown().await;
            if let Err(error) = parts.upload.abort().await.map_err(told) {
                warn!(%path, %error, "parts of an upload are left to the bucket's lifecycle rule");
            }
        };
        self.storage.0.tidying.spawn_on(tidy, &runtime);
    }
}

impl Parts {
    async fn wait_for_fewer_than(&mut self, count: usize) -> io::Result<()> {
        while self.under_way.len() >= count {
            match self.under_way.join_next().await {
                Some(sent) => sent.map_err(io::Error::other)?.map_err(told)?,
                None => break,
            }
        }
        Ok(())
    }
}

impl Drop for S3Upload {
    fn drop(&mut self) {
        self.abandon();
    }
}

impl fmt::Debug for S3Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Upload({})", self.path)
    }
}
