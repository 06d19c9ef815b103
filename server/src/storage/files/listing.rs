//! Lists the folder in batches, however many objects it holds. Decides nothing about them.

use std::{
    fs::{self, DirEntry},
    io,
    path::Path,
    time::SystemTime,
};

use jiff::Timestamp;
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{FileStorage, TEMPORARY, blocking};
use crate::{
    model::ObjectKey,
    storage::{BATCH, Batch, ERASED, StoredObject},
};

impl FileStorage {
    /// The objects that were last written before `before`, in batches, without what is no object
    /// of tapedeck's. Reads on only as batches are taken; dropping the receiver ends it.
    pub fn list_written_before(&self, before: Timestamp) -> mpsc::Receiver<Batch> {
        let (batches, listing) = mpsc::channel(1);
        let storage = self.clone();
        spawn_blocking(move || {
            let mut found = Vec::new();
            let listed = storage.root().and_then(|_| {
                list(&storage.root, before, &mut |object| {
                    found.push(object);
                    found.len() < BATCH || send(&batches, Ok(std::mem::take(&mut found)))
                })?;
                // Not unmounted in the middle.
                storage.root().map(drop)
            });
            let _ = match listed {
                Ok(()) => found.is_empty() || send(&batches, Ok(found)),
                Err(error) => send(&batches, Err(error)),
            };
        });
        listing
    }

    /// Removes the files of uploads that were last written before `before`; how many there were.
    pub async fn remove_temporaries_older_than(&self, before: Timestamp) -> io::Result<usize> {
        let folder = self.root.join(TEMPORARY);
        blocking(move || {
            let mut removed = 0;
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if stored(&entry)?.is_some_and(|(_, written_at)| written_at < before) {
                    removed += usize::from(present(fs::remove_file(entry.path()))?.is_some());
                }
            }
            Ok(removed)
        })
        .await
    }

    /// The names of the erasure marks.
    pub(in crate::storage) async fn erased_names(&self) -> io::Result<Vec<String>> {
        let storage = self.clone();
        blocking(move || {
            let _root = storage.root()?;
            let Some(marks) = present(fs::read_dir(storage.root.join(ERASED)))? else {
                return Ok(Vec::new());
            };
            let name = |mark: io::Result<DirEntry>| Ok(mark?.file_name().into_string().ok());
            marks.filter_map(|mark| name(mark).transpose()).collect()
        })
        .await
    }
}

/// Whether the receiver is still there.
fn send(batches: &mpsc::Sender<Batch>, batch: Batch) -> bool {
    batches.blocking_send(batch).is_ok()
}

/// Calls `visit` for each object until it returns `false`.
fn list(
    root: &Path,
    before: Timestamp,
    visit: &mut dyn FnMut(StoredObject) -> bool,
) -> io::Result<()> {
    for call in fs::read_dir(root)? {
        let call = call?;
        let name = call.file_name();
        let Some(folder) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        if !call.file_type()?.is_dir() {
            continue;
        }
        let Some(objects) = present(fs::read_dir(call.path()))? else { continue };
        for object in objects {
            let object = object?;
            let name = object.file_name();
            let key = name.to_str().and_then(|name| ObjectKey::parse(&format!("{folder}/{name}")));
            let Some(key) = key else { continue };
            if let Some((bytes, written_at)) = stored(&object)?
                && written_at < before
                && !visit(StoredObject { key, bytes, written_at })
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Length and time of a file; `None` for what is no file, or has just been removed.
fn stored(entry: &DirEntry) -> io::Result<Option<(u64, Timestamp)>> {
    let Some(metadata) = present(entry.metadata())? else { return Ok(None) };
    let written_at = timestamp(metadata.modified()?);
    Ok(metadata.is_file().then_some((metadata.len(), written_at)))
}

/// A time that a [`Timestamp`] can't hold counts as new: nothing is done about such a file.
fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp::MAX)
}

/// Other processes remove files meanwhile: one that has just disappeared is no error.
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
        let (folder, storage) = open();
        let key = |call: &str| ObjectKey::new(&call.parse().unwrap(), RunId::new(), Fence(1));
        let old = storage.create(&key("CA1")).await.unwrap();
        let temporaries = || fs::read_dir(folder.path().join(TEMPORARY)).unwrap();
        let temporary = temporaries().next().unwrap().unwrap().path();
        age(&temporary);
        let mut new = storage.create(&key("CA2")).await.unwrap();
        new.write(Bytes::from_static(b"more")).await.unwrap();
        assert_eq!(storage.remove_temporaries_older_than(long_after()).await.unwrap(), 1);
        assert!(!temporary.exists());
        new.finish().await.unwrap();
        old.finish().await.unwrap_err();
    }
}
