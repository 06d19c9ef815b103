//! Objects as files of one folder. An object appears under its key only when it is whole and
//! durable: written to a temporary file, synced, renamed, and its folder synced.

mod listing;

use std::{
    fmt,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use tokio::{join, task::spawn_blocking};

use super::{ID_NAME, OpenError};
use crate::model::ObjectKey;

/// A leading dot: no call id starts with one.
const TEMPORARY: &str = ".tmp";

/// See the module.
#[derive(Clone, Debug)]
pub struct FileStorage {
    root: Arc<Path>,
}

impl FileStorage {
    /// Opens the folder, making it if need be, and shows that it can be written to.
    pub fn open(root: &Path) -> Result<Self, OpenError> {
        let storage = Self { root: root.into() };
        let prepare = || {
            fs::create_dir_all(root.join(TEMPORARY))?;
            let probe = root.join(TEMPORARY).join("probe");
            fs::write(&probe, b"")?;
            fs::remove_file(probe)
        };
        prepare().map_err(|cause| storage.not_writable(cause))?;
        Ok(storage)
    }

    /// The id that the storage carries, if it carries one.
    pub fn id(&self) -> Result<Option<String>, OpenError> {
        match fs::read_to_string(self.root.join(ID_NAME)) {
            Ok(id) => Ok(Some(id.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.not_writable(error)),
        }
    }

    /// Makes the storage carry this id, which the database knows; refuses if it carries another.
    pub fn assign_id(&self, known: &str) -> Result<(), OpenError> {
        match self.id()? {
            Some(found) if found == known => Ok(()),
            Some(found) => Err(OpenError::Foreign {
                place: self.root.display().to_string(),
                found,
                known: known.to_owned(),
            }),
            None => {
                fs::write(self.root.join(ID_NAME), known).map_err(|cause| self.not_writable(cause))
            }
        }
    }

    /// Shows that the storage is still there.
    pub async fn check(&self) -> io::Result<()> {
        let id = self.root.join(ID_NAME);
        spawn_blocking(move || fs::metadata(id).map(drop)).await.map_err(io::Error::other)?
    }

    /// Where an object's bytes are, for a reader that opens files itself.
    pub fn path(&self, key: &ObjectKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Opens a finished object for reading.
    pub fn reader(&self, key: &ObjectKey) -> io::Result<File> {
        File::open(self.path(key))
    }

    /// Begins to write an object.
    pub async fn create(&self, key: &ObjectKey) -> io::Result<FileUpload> {
        let temporary = self.root.join(TEMPORARY).join(key.as_str().replace('/', "_"));
        let path = self.path(key);
        spawn_blocking(move || {
            let file = File::create(&temporary)?;
            Ok(FileUpload { file: Arc::new(file), temporary, path, kept: false })
        })
        .await
        .map_err(io::Error::other)?
    }

    /// Removes an object. One that is not there is no error.
    pub async fn delete(&self, key: &ObjectKey) -> io::Result<()> {
        let path = self.path(key);
        spawn_blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
        .map_err(io::Error::other)?
    }

    fn not_writable(&self, cause: io::Error) -> OpenError {
        OpenError::NotWritable { folder: self.root.display().to_string(), cause }
    }
}

impl fmt::Display for FileStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.display().fmt(f)
    }
}

/// An object that is being written. Dropped before [`FileUpload::finish`], it leaves nothing.
#[derive(Debug)]
pub struct FileUpload {
    file: Arc<File>,
    temporary: PathBuf,
    path: PathBuf,
    kept: bool,
}

impl FileUpload {
    /// Throws away what was written so far.
    pub async fn restart(&mut self) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        spawn_blocking(move || {
            file.set_len(0)?;
            io::Seek::rewind(&mut &*file)
        })
        .await
        .map_err(io::Error::other)?
    }

    /// Writes more.
    pub async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        spawn_blocking(move || (&*file).write_all(&chunk)).await.map_err(io::Error::other)?
    }

    /// Makes the object durable, then visible under its key.
    pub async fn finish(self) -> io::Result<()> {
        self.place(true).await
    }

    /// Makes the object visible under its key, and does not wait for the disk: a power cut may leave
    /// less of it, or nothing. Only for what nobody needs, and beside an object that is durable.
    pub async fn finish_unsynced(self) -> io::Result<()> {
        self.place(false).await
    }

    async fn place(mut self, durably: bool) -> io::Result<()> {
        let folder = self.path.parent().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        if durably {
            // Neither needs the other, and a disk does two at once in the time of one.
            let file = Arc::clone(&self.file);
            let written = spawn_blocking(move || file.sync_all());
            let made = spawn_blocking({
                let folder = folder.clone();
                move || make_durably(&folder)
            });
            let (written, made) = join!(written, made);
            written.map_err(io::Error::other).flatten()?;
            made.map_err(io::Error::other).flatten()?;
        }
        let (from, to) = (self.temporary.clone(), self.path.clone());
        let moved = spawn_blocking(move || {
            if durably {
                fs::rename(&from, &to)?;
                File::open(folder)?.sync_all()
            } else {
                fs::create_dir_all(folder)?;
                fs::rename(&from, &to)
            }
        })
        .await
        .map_err(io::Error::other)?;
        self.kept = moved.is_ok();
        moved
    }
}

/// A folder of the storage's, that will be there after a power cut.
fn make_durably(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => {}
        // By whoever made it; but has that one waited for the disk?
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    match folder.parent() {
        Some(root) => File::open(root)?.sync_all(),
        None => Ok(()),
    }
}

impl Drop for FileUpload {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.temporary); // at worst it stays among the temporary files
        }
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
