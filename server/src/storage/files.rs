//! Objects as files of one folder. An object appears under its key only when it is whole and
//! durable: written to a temporary file, synced, renamed, and its folder synced. Files and folders
//! are for their owner alone (0600, 0700).

mod listing;
mod root;
mod upload;

use std::{
    fmt,
    fs::{self, DirBuilder, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use tokio::task::spawn_blocking;

use self::root::{FOLDER, Root};
pub use self::upload::FileUpload;
use super::{ID_NAME, OpenError};
use crate::model::ObjectKey;

/// The folder of unfinished uploads. No call id starts with a dot.
const TEMPORARY: &str = ".tmp";

/// A folder that holds objects; cheap to clone.
#[derive(Clone, Debug)]
pub struct FileStorage {
    root: Arc<Path>,
    /// The id that the storage must carry, once that is known.
    id: Arc<OnceLock<Box<str>>>,
}

impl FileStorage {
    /// Opens the folder, creates it if need be, and verifies that it can be written to.
    pub fn open(root: &Path) -> Result<Self, OpenError> {
        let storage = Self { root: root.into(), id: Arc::default() };
        let prepare = || {
            let mode = FOLDER.as_raw_mode();
            DirBuilder::new().recursive(true).mode(mode).create(root.join(TEMPORARY))?;
            let probe = root.join(TEMPORARY).join("probe");
            fs::write(&probe, b"")?;
            fs::remove_file(probe)
        };
        prepare().map_err(|cause| storage.not_writable(cause))?;
        Ok(storage)
    }

    /// The id that the storage carries, if it carries one.
    pub fn id(&self) -> io::Result<Option<String>> {
        Root::open(&self.root, None)?.id()
    }

    /// Makes the storage carry this id, which the database knows; refuses if it carries another.
    pub fn assign_id(&self, known: &str) -> Result<(), OpenError> {
        let read = || self.id().map_err(|cause| self.not_writable(cause));
        if read()?.is_none() {
            self.write_id(known).map_err(|cause| self.not_writable(cause))?;
        }
        match read()? {
            Some(found) if found == known => {
                let _ = self.id.set(known.into()); // a second time it is the same
                Ok(())
            }
            found => Err(OpenError::Foreign {
                storage: self.to_string(),
                found: found.unwrap_or_default(),
                known: known.to_owned(),
            }),
        }
    }

    /// Of several processes that start at once, one's id stands, and is never half written.
    fn write_id(&self, id: &str) -> io::Result<()> {
        let root = Root::open(&self.root, None)?;
        let temporary = format!("{TEMPORARY}/id-{}", uuid::Uuid::new_v4());
        let temporary = Path::new(&temporary);
        let mut file = root.create_new(temporary)?;
        file.write_all(id.as_bytes())?;
        file.sync_all()?;
        match root.rename_new(temporary, Path::new(ID_NAME)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => root.remove(temporary),
            renamed => renamed.and_then(|()| root.sync_folder(Path::new(""))),
        }
    }

    /// Verifies that the storage is there and carries its id.
    pub async fn check(&self) -> io::Result<()> {
        let storage = self.clone();
        blocking(move || match storage.id.get() {
            Some(_) => storage.root().map(drop),
            None if storage.id()?.is_some() => Ok(()),
            None => Err(io::ErrorKind::NotFound.into()),
        })
        .await
    }

    /// Where an object's bytes are, for a reader that opens files itself.
    pub fn path(&self, key: &ObjectKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Opens a finished object for reading.
    pub fn reader(&self, key: &ObjectKey) -> io::Result<File> {
        File::open(self.path(key))
    }

    /// Whether a file of this name is there now.
    pub(super) async fn exists(&self, name: &str) -> io::Result<bool> {
        let (storage, name) = (self.clone(), PathBuf::from(name));
        blocking(move || Root::open(&storage.root, None)?.exists(&name)).await
    }

    /// Begins to write an object.
    pub async fn create(&self, key: &ObjectKey) -> io::Result<FileUpload> {
        self.create_named(key.as_str()).await
    }

    pub(super) async fn create_named(&self, name: &str) -> io::Result<FileUpload> {
        FileUpload::begin(self.clone(), name).await
    }

    /// A small file's bytes, at most `limit` of them.
    pub(super) async fn read_small(&self, name: &str, limit: u64) -> io::Result<Bytes> {
        let (storage, name) = (self.clone(), PathBuf::from(name));
        blocking(move || {
            let file = storage.root()?.open_file(&name)?;
            let mut bytes = Vec::new();
            file.take(limit + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            Ok(bytes.into())
        })
        .await
    }

    /// Removes a file, and its folder if that is empty then. A file that does not exist is no
    /// error; a storage that is away is one.
    pub async fn delete(&self, key: &ObjectKey) -> io::Result<()> {
        self.delete_named(key.as_str()).await
    }

    pub(super) async fn delete_named(&self, name: &str) -> io::Result<()> {
        let (storage, name) = (self.clone(), PathBuf::from(name));
        blocking(move || {
            let root = storage.root()?;
            root.remove(&name)?;
            if let Some(folder) = name.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                root.remove_empty_folder(folder);
            }
            Ok(())
        })
        .await
    }

    /// The root folder, verified to carry the id.
    fn root(&self) -> io::Result<Root> {
        Root::open(&self.root, self.id.get().map(AsRef::as_ref))
    }

    fn root_path(&self) -> &Path {
        &self.root
    }

    pub(super) fn not_writable(&self, cause: io::Error) -> OpenError {
        OpenError::NotWritable { folder: self.to_string(), cause }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

impl fmt::Display for FileStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.display().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_a_file_is_said_in_one_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = FileStorage::open(file.path()).unwrap_err().to_string();
        assert!(error.starts_with("cannot write to") && !error.contains('\n'), "{error}");
    }
}
