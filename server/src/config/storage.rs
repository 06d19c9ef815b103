//! `TAPEDECK_STORAGE_URL`.

use std::{path::PathBuf, str::FromStr};

use crate::storage::S3Location;

/// Where the bytes of recordings are kept, by the URL's scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageUrl {
    /// `file://` and a folder, relative or absolute.
    Files(PathBuf),
    /// `s3://`, a bucket and a prefix.
    S3(S3Location),
}

impl Default for StorageUrl {
    fn default() -> Self {
        Self::Files("data/recordings".into())
    }
}

impl FromStr for StorageUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("file://") {
            Some("") => Err("names no folder; write it as file://data/recordings".to_owned()),
            Some(path) => Ok(Self::Files(path.into())),
            None if text.starts_with("s3://") => text
                .parse()
                .map(Self::S3)
                .map_err(|error: crate::storage::BadLocation| error.to_string()),
            None => {
                Err("is no storage that tapedeck knows; write it as file://data/recordings or \
                         s3://bucket/prefix"
                    .to_owned())
            }
        }
    }
}
