//! The storage's root folder, held open for one operation. Whatever is mounted over the path or
//! unmounted from it meanwhile, the operation stays on the file system whose id was verified.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use rustix::{
    fd::OwnedFd,
    fs::{
        AtFlags, CWD, Mode, OFlags, RenameFlags, fsync, linkat, mkdirat, openat, renameat_with,
        statat, unlinkat,
    },
    io::Errno,
};

use crate::storage::{ID_NAME, wrong_id};

const FILE: Mode = Mode::RUSR.union(Mode::WUSR);
pub(super) const FOLDER: Mode = Mode::RWXU;

/// See the module. Every method blocks.
pub(super) struct Root(OwnedFd);

impl Root {
    /// Opens the folder. Fails where it carries another id than `expected`, or none.
    pub(super) fn open(path: &Path, expected: Option<&str>) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = Self(openat(CWD, path, flags, Mode::empty())?);
        if let Some(expected) = expected {
            let found = root.id()?;
            if found.as_deref() != Some(expected) {
                return Err(wrong_id(found.as_deref(), expected));
            }
        }
        Ok(root)
    }

    /// The id that the file system carries, if it carries one.
    pub(super) fn id(&self) -> io::Result<Option<String>> {
        let id = match openat(&self.0, ID_NAME, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) {
            Ok(id) => id,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut text = String::new();
        File::from(id).read_to_string(&mut text)?;
        Ok(Some(text.trim().to_owned()))
    }

    /// Creates a file that must not exist yet, for its owner alone.
    pub(super) fn create_new(&self, name: &Path) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        Ok(openat(&self.0, name, flags, FILE)?.into())
    }

    /// Opens a file for reading.
    pub(super) fn open_file(&self, name: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.0, name, flags, Mode::empty())?.into())
    }

    /// Whether the name exists.
    pub(super) fn exists(&self, name: &Path) -> io::Result<bool> {
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Creates a folder unless it exists, for its owner alone.
    pub(super) fn make_folder(&self, name: &Path) -> io::Result<()> {
        match mkdirat(&self.0, name, FOLDER) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Renames a file to a name that must not exist yet.
    pub(super) fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match renameat_with(&self.0, from, &self.0, to, RenameFlags::NOREPLACE) {
            // NFS and some FUSE file systems know no such rename, but a link never replaces.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                linkat(&self.0, from, &self.0, to, AtFlags::empty())?;
                Ok(unlinkat(&self.0, from, AtFlags::empty())?)
            }
            renamed => Ok(renamed?),
        }
    }

    /// Removes a file. A file that does not exist is no error.
    pub(super) fn remove(&self, name: &Path) -> io::Result<()> {
        match unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a folder if it is empty.
    pub(super) fn remove_empty_folder(&self, name: &Path) {
        // A folder that is still used stays; an empty one that stays does no harm.
        let _ = unlinkat(&self.0, name, AtFlags::REMOVEDIR);
    }

    /// Makes the names in a folder durable; the root's own where `folder` is empty.
    pub(super) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if folder.as_os_str().is_empty() {
            return Ok(fsync(&self.0)?);
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(fsync(openat(&self.0, folder, flags, Mode::empty())?)?)
    }
}
