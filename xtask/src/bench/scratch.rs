//! A folder that goes when its owner does.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::checkout::Outcome;

pub(super) struct Scratch {
    path: PathBuf,
    next: AtomicU32,
}

impl Scratch {
    /// An empty folder at this path; whatever was there goes.
    pub(super) fn new(path: &Path) -> Outcome<Self> {
        let _ = fs::remove_dir_all(path);
        fs::create_dir_all(path).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(Self { path: path.to_owned(), next: AtomicU32::new(0) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// An empty folder inside, each time another.
    pub(super) fn folder(&self) -> Outcome<PathBuf> {
        let path = self.path.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir_all(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
