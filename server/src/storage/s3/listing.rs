//! Lists the bucket page by page, however many objects it holds. Decides nothing about them.

use std::io;

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use object_store::{ObjectMeta, ObjectStore as _};
use tokio::sync::mpsc;

use super::{S3Storage, io_error};
use crate::{
    model::ObjectKey,
    storage::{BATCH, Batch, ERASED, StoredObject},
};

impl S3Storage {
    /// The objects that were last written before `before`, in batches, without what is no object
    /// of tapedeck's. Reads on only as batches are taken; dropping the receiver ends it.
    pub fn list_written_before(&self, before: Timestamp) -> mpsc::Receiver<Batch> {
        let (batches, listing) = mpsc::channel(1);
        let storage = self.clone();
        tokio::spawn(async move {
            let receiver_dropped = batches.clone();
            tokio::select! {
                () = receiver_dropped.closed() => {}
                () = storage.list(before, &batches) => {}
            }
        });
        listing
    }

    /// The names of the erasure marks.
    pub(in crate::storage) async fn erased_names(&self) -> io::Result<Vec<String>> {
        let prefix = self.0.location.path(ERASED);
        let objects: Vec<_> =
            self.0.bulk.list(Some(&prefix)).try_collect().await.map_err(io_error)?;
        let name = |object: &ObjectMeta| object.location.filename().map(str::to_owned);
        Ok(objects.iter().filter_map(name).collect())
    }

    async fn list(&self, before: Timestamp, batches: &mpsc::Sender<Batch>) {
        if let Err(error) = self.check().await {
            let _ = batches.send(Err(error)).await;
            return;
        }
        let mut objects = self.0.interactive.list(Some(&self.0.location.prefix()));
        let mut found = Vec::new();
        loop {
            match objects.try_next().await {
                Ok(Some(object)) => found.extend(self.stored_before(&object, before)),
                Ok(None) => break,
                Err(error) => {
                    let _ = batches.send(Err(io_error(error))).await;
                    return;
                }
            }
            if found.len() == BATCH {
                let _ = batches.send(Ok(std::mem::take(&mut found))).await;
            }
        }
        if !found.is_empty() {
            let _ = batches.send(Ok(found)).await;
        }
    }

    fn stored_before(&self, object: &ObjectMeta, before: Timestamp) -> Option<StoredObject> {
        let key = ObjectKey::parse(self.0.location.name(&object.location)?)?;
        let written = object.last_modified.timestamp_micros();
        let written_at = Timestamp::from_microsecond(written).ok()?;
        (written_at < before).then_some(StoredObject { key, bytes: object.size, written_at })
    }
}
