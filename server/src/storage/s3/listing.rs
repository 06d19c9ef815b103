//! What lies in the bucket for long, in batches, however many objects there are. Knows nothing of
//! which of them are needed.

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use object_store::{ObjectMeta, ObjectStore as _};
use tokio::sync::mpsc;

use super::{S3Storage, told};
use crate::{
    model::ObjectKey,
    storage::{BATCH, Batch},
};

impl S3Storage {
    /// The objects that were last written before `before`, in batches; what is no object of ours
    /// is left out. Reads on only as its batches are taken, and ends when dropped.
    pub fn list_older_than(&self, before: Timestamp) -> mpsc::Receiver<Batch> {
        let (batches, listing) = mpsc::channel(1);
        let storage = self.clone();
        tokio::spawn(async move {
            let told_all = batches.clone();
            tokio::select! {
                () = told_all.closed() => {}
                () = storage.list(before, &batches) => {}
            }
        });
        listing
    }

    /// A batch that nobody takes any more ends it from outside.
    async fn list(&self, before: Timestamp, batches: &mpsc::Sender<Batch>) {
        let mut objects = self.0.hasty.list(Some(&self.0.location.prefix()));
        let mut keys = Vec::new();
        loop {
            match objects.try_next().await {
                Ok(Some(object)) => keys.extend(self.old_key(&object, before)),
                Ok(None) => break,
                Err(error) => {
                    let _ = batches.send(Err(told(error))).await;
                    return;
                }
            }
            if keys.len() == BATCH {
                let _ = batches.send(Ok(std::mem::take(&mut keys))).await;
            }
        }
        if !keys.is_empty() {
            let _ = batches.send(Ok(keys)).await;
        }
    }

    fn old_key(&self, object: &ObjectMeta, before: Timestamp) -> Option<ObjectKey> {
        let written = object.last_modified.timestamp_millis();
        let key = ObjectKey::parse(self.0.location.name(&object.location)?)?;
        (written < before.as_millisecond()).then_some(key)
    }
}
