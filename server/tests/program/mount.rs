//! Mounts for tests of a storage that goes away. They need the right to mount, which root has.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::skip;

/// A folder that is mounted over another one, as a volume is. Unmounted when dropped, even while
/// files on it are open.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// Shows `volume` at `at`. `None` where mounting is not permitted.
    pub(crate) fn bind(volume: &Path, at: &Path) -> Option<Self> {
        Self::new(Command::new("mount").arg("--bind").args([volume, at]), at)
    }

    fn new(command: &mut Command, at: &Path) -> Option<Self> {
        if command.status().is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        skip::report("the right to mount");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        assert!(Command::new("umount").arg("-l").arg(&self.0).status().unwrap().success());
    }
}
