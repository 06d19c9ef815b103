//! Recordings that are open already, so that a listener who seeks does not open the file each time.
//! Sound because a stored file never changes under its path; it may only go away.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

/// So long a handle is kept unused, and so long a deleted file may still hold its disk space.
const IDLE: Duration = Duration::from_secs(10);

/// A small cache of open files; cheap to clone.
#[derive(Debug, Clone)]
pub struct OpenFiles(Cache<PathBuf, Arc<File>>);

impl OpenFiles {
    /// Keeps up to `capacity` files open, each a file descriptor.
    pub fn new(capacity: u64) -> Self {
        Self(Cache::builder().max_capacity(capacity).time_to_idle(IDLE).build())
    }

    /// The file at `path`, opened for reading; fails as `File::open` does.
    pub async fn open(&self, path: &Path) -> io::Result<Arc<File>> {
        if let Some(file) = self.0.get(path).await {
            return Ok(file);
        }
        let owned = path.to_owned();
        let open = tokio::task::spawn_blocking(move || File::open(owned));
        let file = Arc::new(open.await.map_err(io::Error::other)??);
        self.0.insert(path.to_owned(), Arc::clone(&file)).await;
        Ok(file)
    }

    /// Forgets the file at `path`: to be called when it is deleted. Answers under way keep theirs.
    pub async fn forget(&self, path: &Path) {
        self.0.invalidate(path).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_opened_once_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "x").unwrap();
        let files = OpenFiles::new(8);

        let first = files.open(&path).await.unwrap();
        assert!(Arc::ptr_eq(&first, &files.open(&path).await.unwrap()));

        std::fs::remove_file(&path).unwrap();
        files.forget(&path).await;
        let gone = files.open(&path).await.unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
    }
}
