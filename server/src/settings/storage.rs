//! `TAPEDECK_STORAGE_URL`.

use std::{path::PathBuf, str::FromStr};

/// Where the bytes of recordings are kept, by the URL's scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageUrl {
    /// `file://` and a folder, relative or absolute.
    Files(PathBuf),
}

impl Default for StorageUrl {
    fn default() -> Self {
        Self::Files("data/recordings".into())
    }
}

impl FromStr for StorageUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("file://") {
            Some("") => Err("names no folder; write it as file://data/recordings"),
            Some(path) => Ok(Self::Files(path.into())),
            None if text.starts_with("s3://") => {
                Err("this version has no S3 yet; write it as file://data/recordings")
            }
            None => Err("is no storage that tapedeck knows; write it as file://data/recordings"),
        }
    }
}
