//! What lies in the folder for long. Lists in batches, however many objects there are, and knows
//! nothing of which of them are needed.

use std::{
    fs::{self, DirEntry},
    io,
    path::Path,
    time::SystemTime,
};

use jiff::Timestamp;
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{FileStorage, TEMPORARY};
use crate::{
    model::ObjectKey,
    storage::{BATCH, Batch},
};

impl FileStorage {
    /// The objects that were last written before `before`, in batches; files that are no objects
    /// of ours are left out. Reads on only as its batches are taken, and ends when dropped.
    pub fn list_older_than(&self, before: Timestamp) -> mpsc::Receiver<Batch> {
        let (batches, listing) = mpsc::channel(1);
        let (root, before) = (self.root.clone(), system_time(before));
        spawn_blocking(move || {
            let mut keys = Vec::new();
            let listed = list(&root, before, &mut |key| {
                keys.push(key);
                keys.len() < BATCH || send(&batches, Ok(std::mem::take(&mut keys)))
            });
            let _ = match listed {
                Ok(()) => keys.is_empty() || send(&batches, Ok(keys)),
                Err(error) => send(&batches, Err(error)),
            };
        });
        listing
    }

    /// Removes the files of uploads that were last written before `before`; how many there were.
    pub async fn remove_temporaries_older_than(&self, before: Timestamp) -> io::Result<usize> {
        let (folder, before) = (self.root.join(TEMPORARY), system_time(before));
        spawn_blocking(move || {
            let mut removed = 0;
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if is_older(&entry, before)? {
                    removed += usize::from(present(fs::remove_file(entry.path()))?.is_some());
                }
            }
            Ok(removed)
        })
        .await
        .map_err(io::Error::other)?
    }
}

/// Whether somebody still listens.
fn send(batches: &mpsc::Sender<Batch>, batch: Batch) -> bool {
    batches.blocking_send(batch).is_ok()
}

/// Tells each key until it is told to stop.
fn list(
    root: &Path,
    before: SystemTime,
    tell: &mut dyn FnMut(ObjectKey) -> bool,
) -> io::Result<()> {
    for call in fs::read_dir(root)? {
        let call = call?;
        let name = call.file_name();
        let Some(call_sid) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        if !call.file_type()?.is_dir() {
            continue;
        }
        let Some(objects) = present(fs::read_dir(call.path()))? else { continue };
        for object in objects {
            let object = object?;
            let name = object.file_name();
            let key =
                name.to_str().and_then(|name| ObjectKey::parse(&format!("{call_sid}/{name}")));
            if let Some(key) = key
                && is_older(&object, before)?
                && !tell(key)
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn is_older(entry: &DirEntry, before: SystemTime) -> io::Result<bool> {
    let Some(metadata) = present(entry.metadata())? else { return Ok(false) };
    Ok(metadata.is_file() && metadata.modified()? < before)
}

/// A time that the system can't tell lies before every file's.
fn system_time(time: Timestamp) -> SystemTime {
    SystemTime::try_from(time).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Others remove files meanwhile: one that has just gone is no error.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use bytes::Bytes;

    use super::*;
    use crate::model::{Fence, RunId};

    fn long_after() -> Timestamp {
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(60)
    }

    fn open() -> (tempfile::TempDir, FileStorage) {
        let folder = tempfile::tempdir().unwrap();
        let storage = FileStorage::open(folder.path()).unwrap();
        (folder, storage)
    }

    fn age(path: &Path) {
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
    }

    #[tokio::test]
    async fn an_upload_that_is_still_written_is_kept_and_an_old_one_removed() {
        let (_folder, storage) = open();
        let key = |call: &str| ObjectKey::new(&call.parse().unwrap(), RunId::new(), Fence(1));
        let old = storage.create(&key("CA1")).await.unwrap();
        age(&old.temporary);
        let mut new = storage.create(&key("CA2")).await.unwrap();
        new.write(Bytes::from_static(b"more")).await.unwrap();
        assert_eq!(storage.remove_temporaries_older_than(long_after()).await.unwrap(), 1);
        assert!(!old.temporary.exists());
        new.finish().await.unwrap();
        old.finish().await.unwrap_err();
    }
}
