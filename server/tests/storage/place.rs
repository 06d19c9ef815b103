//! A storage, and a look behind it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::SystemTime,
};

use bytes::Bytes;
use server::{
    model::{Fence, ObjectKey, RunId},
    storage::{FileStorage, Storage},
};

use crate::s3::S3;

/// See the module.
pub(crate) struct Place {
    pub(crate) storage: Storage,
    behind: Behind,
}

enum Behind {
    Folder(tempfile::TempDir),
    Bucket(S3),
}

impl Place {
    /// Always there; an `Option` as the other one is.
    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn folder() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let storage = FileStorage::open(folder.path()).unwrap().into();
        Some(Self { storage, behind: Behind::Folder(folder) })
    }

    /// Where an S3 server is installed.
    pub(crate) fn bucket() -> Option<Self> {
        let s3 = S3::start()?;
        Some(Self { storage: s3.storage().into(), behind: Behind::Bucket(s3) })
    }

    /// Writes an object of these bytes, in pieces as a network brings them.
    pub(crate) async fn keep(&self, key: &ObjectKey, bytes: &[u8]) {
        let mut upload = self.storage.create(key).await.unwrap();
        for piece in bytes.chunks(300_000) {
            upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        upload.finish().await.unwrap();
    }

    /// The names that everybody can see.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.behind {
            Behind::Bucket(s3) => s3.objects(),
            Behind::Folder(folder) => {
                let root = folder.path();
                let mut names = Vec::new();
                for call in std::fs::read_dir(root).unwrap().map(|call| call.unwrap().path()) {
                    let is_hidden = call.file_name().unwrap().to_str().unwrap().starts_with(".tmp");
                    if call.is_dir() && !is_hidden {
                        let objects = std::fs::read_dir(&call).unwrap();
                        names.extend(objects.map(|object| name(root, &object.unwrap().path())));
                    }
                }
                names
            }
        }
    }

    /// How much is left of uploads that are not finished.
    pub(crate) async fn unfinished(&self) -> usize {
        self.storage.tidied_up().await;
        match &self.behind {
            Behind::Bucket(s3) => s3.unfinished(),
            Behind::Folder(folder) => {
                std::fs::read_dir(folder.path().join(".tmp")).unwrap().count()
            }
        }
    }

    /// Makes an object as old as can be.
    pub(crate) fn age(&self, name: &str) {
        let file = File::options().write(true).open(self.file(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }

    /// Puts something there that is no object of ours.
    pub(crate) fn litter(&self, name: &str) {
        let file = self.file(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
        self.age(name);
    }

    fn file(&self, name: &str) -> PathBuf {
        match &self.behind {
            Behind::Bucket(s3) => s3.file(name),
            Behind::Folder(folder) => folder.path().join(name),
        }
    }
}

fn name(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// A key of this call's that no other test has.
pub(crate) fn key(call: &str) -> ObjectKey {
    ObjectKey::new(&call.parse().unwrap(), RunId::new(), Fence(1))
}

/// So many bytes, of which no two stretches are the same.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(len).collect()
}
