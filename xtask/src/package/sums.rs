//! `SHA256SUMS` of the files of a release.

use std::{fs, path::Path, process::Command};

use super::write;
use crate::checkout::{Outcome, capture};

pub(super) fn write_to(folder: &Path) -> Outcome {
    let entries = fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut names: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name())
        .collect();
    names.sort();
    let sums = capture(Command::new("sha256sum").current_dir(folder).args(names))?;
    write(&folder.join("SHA256SUMS"), sums + "\n")
}
