//! Tests of a folder alone: permissions, and a volume that is unmounted.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
};

use bytes::Bytes;
use server::storage::{FileStorage, Presence, Storage};

use crate::fixture::key;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn keep(storage: &Storage, key: &server::model::ObjectKey, bytes: &'static [u8]) {
    let mut upload = storage.create(key).await.unwrap();
    upload.write(Bytes::from_static(bytes)).await.unwrap();
    upload.finish().await.unwrap();
}

#[tokio::test]
async fn files_and_folders_are_for_their_owner_alone() {
    let above = tempfile::tempdir().unwrap();
    fs::set_permissions(above.path(), Permissions::from_mode(0o755)).unwrap();
    let root = above.path().join("data/recordings");
    let storage: Storage = FileStorage::open(&root).unwrap().into();
    storage.assign_id("ours").await.unwrap();
    let key = key("CA1");
    keep(&storage, &key, b"sound").await;
    storage.mark_erased("abc", Bytes::new()).await.unwrap();
    for folder in ["", ".tmp", "CA1", ".erased"] {
        assert_eq!(mode(&root.join(folder)), 0o700, "{folder:?}");
    }
    for file in [key.as_str(), ".tapedeck-storage-id", ".erased/abc"] {
        assert_eq!(mode(&root.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_folder_is_removed_with_its_last_object() {
    let root = tempfile::tempdir().unwrap();
    let storage: Storage = FileStorage::open(root.path()).unwrap().into();
    let (first, second) = (key("CA1"), key("CA1"));
    for key in [&first, &second] {
        keep(&storage, key, b"sound").await;
    }
    storage.delete(&first).await.unwrap();
    assert!(root.path().join("CA1").exists());
    storage.delete(&second).await.unwrap();
    assert!(!root.path().join("CA1").exists(), "a folder's name is a call's id");
}

/// A folder over another one, as a volume is mounted. Unmounted when dropped.
struct BindMount<'a>(&'a Path);

impl<'a> BindMount<'a> {
    fn new(volume: &Path, at: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount").arg("--bind").args([volume, at]).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        eprintln!("skipped: mounting is not permitted");
        None
    }
}

impl Drop for BindMount<'_> {
    fn drop(&mut self) {
        assert!(Command::new("umount").arg("-l").arg(self.0).status().unwrap().success());
    }
}

#[tokio::test]
async fn a_volume_that_is_unmounted_for_a_while_loses_nothing() {
    let (volume, at) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(mounted) = BindMount::new(volume.path(), at.path()) else { return };
    let storage: Storage = FileStorage::open(at.path()).unwrap().into();
    storage.assign_id("ours").await.unwrap();
    let (there, begun) = (key("CA1"), key("CA2"));
    keep(&storage, &there, b"sound").await;
    let mut upload = storage.create(&begun).await.unwrap();
    upload.write(Bytes::from_static(b"more")).await.unwrap();
    drop(mounted);

    assert!(matches!(storage.presence(&there).await, Presence::Away(_)));
    storage.delete(&there).await.unwrap_err();
    upload.finish().await.unwrap_err();
    assert_eq!(fs::read_dir(at.path()).unwrap().count(), 0, "nothing went under the mount point");

    let _mounted = BindMount::new(volume.path(), at.path());
    assert!(matches!(storage.presence(&there).await, Presence::Present));
    assert!(matches!(storage.presence(&begun).await, Presence::Absent));
}
