//! One object on its way into the folder: a temporary file that gets its name when it is whole.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use tokio::{join, task::spawn_blocking};

use super::{FileStorage, TEMPORARY};

/// How often a folder is made again that a deletion removed meanwhile, because it was empty.
const FOLDER_TRIES: u32 = 3;

/// An object that is being written. Dropped before [`FileUpload::finish`], it leaves nothing.
#[derive(Debug)]
pub struct FileUpload {
    storage: FileStorage,
    file: Arc<File>,
    /// Both below the root.
    temporary: PathBuf,
    name: PathBuf,
    is_committed: bool,
}

impl FileUpload {
    pub(super) async fn begin(storage: FileStorage, name: &str) -> io::Result<Self> {
        let name = PathBuf::from(name);
        let temporary = Path::new(TEMPORARY).join(name.to_string_lossy().replace('/', "_"));
        spawn_blocking(move || {
            let root = storage.root()?;
            root.make_folder(Path::new(TEMPORARY))?;
            let file = Arc::new(root.create_new(&temporary)?);
            Ok(Self { storage, file, temporary, name, is_committed: false })
        })
        .await
        .map_err(io::Error::other)?
    }

    /// Discards what was written so far.
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

    /// Makes the object durable, then visible under its key. Never replaces an object.
    pub async fn finish(self) -> io::Result<()> {
        self.commit(true).await
    }

    /// Makes the object visible under its key without waiting for the disk: a power cut may leave
    /// less of it, or nothing. Only for an object that can be made again from a durable one.
    pub async fn finish_unsynced(self) -> io::Result<()> {
        self.commit(false).await
    }

    async fn commit(mut self, durably: bool) -> io::Result<()> {
        if durably {
            // A disk syncs both in the time of one.
            let file = Arc::clone(&self.file);
            let written = spawn_blocking(move || file.sync_all());
            let (storage, folder) = (self.storage.clone(), self.folder().to_owned());
            let made = spawn_blocking(move || {
                let root = storage.root()?;
                root.make_folder(&folder)?;
                root.sync_folder(Path::new("")) // also where another process made it
            });
            let (written, made) = join!(written, made);
            written.map_err(io::Error::other).flatten()?;
            made.map_err(io::Error::other).flatten()?;
        }
        let (storage, folder) = (self.storage.clone(), self.folder().to_owned());
        let (from, to) = (self.temporary.clone(), self.name.clone());
        let committed = spawn_blocking(move || rename(&storage, &from, &to, &folder, durably))
            .await
            .map_err(io::Error::other)?;
        self.is_committed = committed.is_ok();
        committed
    }

    fn folder(&self) -> &Path {
        self.name.parent().unwrap_or(Path::new(""))
    }
}

fn rename(
    storage: &FileStorage,
    from: &Path,
    to: &Path,
    folder: &Path,
    durably: bool,
) -> io::Result<()> {
    let root = storage.root()?;
    let mut tries_left = FOLDER_TRIES;
    loop {
        match root.rename_new(from, to) {
            Ok(()) if durably => return root.sync_folder(folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound && tries_left > 0 => {
                tries_left -= 1;
                root.make_folder(folder)?;
                if durably {
                    root.sync_folder(Path::new(""))?;
                }
            }
            renamed => return renamed,
        }
    }
}

impl Drop for FileUpload {
    fn drop(&mut self) {
        if !self.is_committed {
            // On failure the sweep removes it.
            let _ = fs::remove_file(self.storage.root_path().join(&self.temporary));
        }
    }
}
