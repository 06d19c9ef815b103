//! Bytes of an object on their way out: exactly those asked for, or an error. Where a stream breaks
//! off it goes on at the next byte; a listener who pauses for minutes loses the connection to the
//! bucket, and must not notice.

use std::{io, ops::Range, time::Duration};

use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    stream::{BoxStream, try_unfold},
};
use object_store::{GetOptions, GetRange, ObjectStore as _, path::Path};
use tokio::time::sleep;

use super::{S3Storage, told};
use crate::model::ObjectKey;

/// Tries to go on where a stream broke off, one after another without a byte between them.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// The bytes, as they come. Dropped, it ends the request. Reads on only as it is polled.
pub type S3Stream = BoxStream<'static, io::Result<Bytes>>;

struct Download {
    storage: S3Storage,
    path: Path,
    left: Range<u64>,
    coming: BoxStream<'static, object_store::Result<Bytes>>,
    tries: u32,
}

impl S3Storage {
    /// The bytes in `range`, which the object must have and which is not empty. The error, if
    /// there is one before the first byte, comes here and soon.
    pub async fn read(&self, key: &ObjectKey, range: Range<u64>) -> io::Result<S3Stream> {
        self.read_path(self.path(key), range).await
    }

    pub(super) async fn read_path(&self, path: Path, range: Range<u64>) -> io::Result<S3Stream> {
        let coming = self.request(&path, &range).await?;
        let download = Download { storage: self.clone(), path, left: range, coming, tries: 0 };
        Ok(try_unfold(download, |mut download| async {
            Ok(download.next().await?.map(|bytes| (bytes, download)))
        })
        .boxed())
    }

    async fn request(
        &self,
        path: &Path,
        range: &Range<u64>,
    ) -> io::Result<BoxStream<'static, object_store::Result<Bytes>>> {
        let options = GetOptions::new().with_range(Some(GetRange::Bounded(range.clone())));
        let answer = self.hurried(self.0.hasty.get_opts(path, options)).await?;
        if answer.range != *range {
            let what = format!("the object has {} bytes and not {range:?}", answer.meta.size);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(answer.into_stream())
    }
}

impl Download {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        while !self.left.is_empty() {
            let broke_off = match self.coming.next().await {
                Some(Ok(bytes)) => {
                    let len = bytes.len() as u64;
                    if len > self.left.end - self.left.start {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    self.left.start += len;
                    self.tries = 0;
                    return Ok(Some(bytes));
                }
                Some(Err(error)) => told(error),
                None => io::ErrorKind::UnexpectedEof.into(),
            };
            self.go_on(broke_off).await?;
        }
        Ok(None)
    }

    async fn go_on(&mut self, mut broke_off: io::Error) -> io::Result<()> {
        while self.tries < TRIES {
            sleep(PAUSE * self.tries).await; // none before the first
            self.tries += 1;
            match self.storage.request(&self.path, &self.left).await {
                Ok(coming) => {
                    self.coming = coming;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
                Err(error) => broke_off = error,
            }
        }
        Err(broke_off)
    }
}
