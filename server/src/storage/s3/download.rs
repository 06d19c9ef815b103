//! Streams a range of an object: exactly those bytes, or an error. A stream that breaks off resumes at
//! the next byte, so a listener who pauses for minutes and loses the connection to the bucket does
//! not notice.

use std::{io, ops::Range, time::Duration};

use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    stream::{BoxStream, try_unfold},
};
use object_store::{GetOptions, GetRange, ObjectStore as _, path::Path};
use tokio::time::sleep;

use super::{S3Storage, io_error};
use crate::model::ObjectKey;

/// How often a broken stream is resumed without a byte in between.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// The bytes as they arrive. Reads only as it is polled; dropping it ends the request.
pub type S3Stream = BoxStream<'static, io::Result<Bytes>>;

struct Download {
    storage: S3Storage,
    path: Path,
    remaining: Range<u64>,
    incoming: BoxStream<'static, object_store::Result<Bytes>>,
    tries: u32,
}

impl S3Storage {
    /// The bytes in `range`, which must be within the object and not empty. Fails within
    /// [`super::REQUEST_TIMEOUT`] if the server does not begin to answer.
    pub async fn read(&self, key: &ObjectKey, range: Range<u64>) -> io::Result<S3Stream> {
        self.read_path(self.path(key), range).await
    }

    pub(super) async fn read_path(&self, path: Path, range: Range<u64>) -> io::Result<S3Stream> {
        let incoming = self.request(&path, &range).await?;
        let download =
            Download { storage: self.clone(), path, remaining: range, incoming, tries: 0 };
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
        let answer = self.with_timeout(self.0.interactive.get_opts(path, options)).await?;
        if answer.range != *range {
            let what = format!("the object has {} bytes and not {range:?}", answer.meta.size);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(answer.into_stream())
    }
}

impl Download {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        while !self.remaining.is_empty() {
            let cause = match self.incoming.next().await {
                Some(Ok(bytes)) => {
                    let len = bytes.len() as u64;
                    if len > self.remaining.end - self.remaining.start {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    self.remaining.start += len;
                    self.tries = 0;
                    return Ok(Some(bytes));
                }
                Some(Err(error)) => io_error(error),
                None => io::ErrorKind::UnexpectedEof.into(),
            };
            self.resume(cause).await?;
        }
        Ok(None)
    }

    async fn resume(&mut self, mut cause: io::Error) -> io::Result<()> {
        while self.tries < TRIES {
            sleep(PAUSE * self.tries).await; // none before the first
            self.tries += 1;
            match self.storage.request(&self.path, &self.remaining).await {
                Ok(incoming) => {
                    self.incoming = incoming;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
                Err(error) => cause = error,
            }
        }
        Err(cause)
    }
}
