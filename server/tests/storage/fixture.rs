//! A storage, and access to the files behind it.

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

/// A storage of a test's own. It is removed when the test ends.
pub(crate) struct Fixture {
    pub(crate) storage: Storage,
    backend: Backend,
}

enum Backend {
    Folder(tempfile::TempDir),
    Bucket(S3),
}

impl Fixture {
    /// An `Option` only because the other one is.
    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn folder() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let storage = FileStorage::open(folder.path()).unwrap().into();
        Some(Self { storage, backend: Backend::Folder(folder) })
    }

    /// `None` where no S3 server is installed.
    pub(crate) fn bucket() -> Option<Self> {
        let s3 = S3::start()?;
        Some(Self { storage: s3.storage().into(), backend: Backend::Bucket(s3) })
    }

    /// Writes an object of these bytes, in pieces as a network brings them.
    pub(crate) async fn keep(&self, key: &ObjectKey, bytes: &[u8]) {
        let mut upload = self.storage.create(key).await.unwrap();
        for piece in bytes.chunks(300_000) {
            upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        upload.finish().await.unwrap();
    }

    /// The names of all visible objects.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.backend {
            Backend::Bucket(s3) => {
                s3.objects().into_iter().filter(|name| !name.starts_with('.')).collect()
            }
            Backend::Folder(folder) => {
                let root = folder.path();
                let mut names = Vec::new();
                for call in std::fs::read_dir(root).unwrap().map(|call| call.unwrap().path()) {
                    let is_hidden = call.file_name().unwrap().to_str().unwrap().starts_with('.');
                    if call.is_dir() && !is_hidden {
                        let objects = std::fs::read_dir(&call).unwrap();
                        names.extend(objects.map(|object| name(root, &object.unwrap().path())));
                    }
                }
                names
            }
        }
    }

    /// How many files remain of uploads that are not finished.
    pub(crate) async fn unfinished(&self) -> usize {
        self.storage.cleaned_up().await;
        match &self.backend {
            Backend::Bucket(s3) => s3.unfinished(),
            Backend::Folder(folder) => {
                std::fs::read_dir(folder.path().join(".tmp")).unwrap().count()
            }
        }
    }

    /// Dates an object back to 1970.
    pub(crate) fn age(&self, name: &str) {
        let file = File::options().write(true).open(self.file(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }

    /// Adds a file that is no object of tapedeck's.
    pub(crate) fn litter(&self, name: &str) {
        let file = self.file(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
        self.age(name);
    }

    /// Takes the storage away: the folder is empty then, as one whose volume is not mounted, and
    /// the bucket is missing.
    pub(crate) fn hide(&mut self) {
        match &mut self.backend {
            Backend::Bucket(s3) => s3.hide_bucket(),
            Backend::Folder(folder) => {
                std::fs::rename(folder.path(), hidden(folder.path())).unwrap();
                std::fs::create_dir(folder.path()).unwrap();
            }
        }
    }

    /// Whether the storage is a bucket.
    pub(crate) fn is_bucket(&self) -> bool {
        matches!(self.backend, Backend::Bucket(_))
    }

    /// Brings it back.
    pub(crate) fn show(&mut self) {
        match &mut self.backend {
            Backend::Bucket(s3) => s3.show_bucket(),
            Backend::Folder(folder) => {
                std::fs::remove_dir_all(folder.path()).unwrap();
                std::fs::rename(hidden(folder.path()), folder.path()).unwrap();
            }
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        match &self.backend {
            Backend::Bucket(s3) => s3.file(name),
            Backend::Folder(folder) => folder.path().join(name),
        }
    }
}

fn hidden(folder: &Path) -> PathBuf {
    folder.with_extension("hidden")
}

fn name(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// A key of this call that no other test uses.
pub(crate) fn key(call: &str) -> ObjectKey {
    ObjectKey::new(&call.parse().unwrap(), RunId::new(), Fence(1))
}

/// Bytes without repeated stretches.
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
