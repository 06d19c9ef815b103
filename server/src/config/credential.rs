//! Reads secrets from files: `…_FILE` and `…_file`.

use std::{fs::File, io::Read as _, path::Path};

/// No secret is longer; a path that names something else must not fill the memory.
const LONGEST: u64 = 64 * 1024;

/// A secret's text without the line end behind it, or why it can't be read and what would do.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
        .map_err(|why| format!("can't be read: {why}; name a file that holds the secret alone"))?;
    if text.len() as u64 > LONGEST {
        return Err("is larger than 64 KiB; name a file that holds the secret alone".to_owned());
    }
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() { Err("is an empty file".to_owned()) } else { Ok(text.to_owned()) }
}
