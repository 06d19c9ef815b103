//! Parses `s3://bucket/prefix`.

use std::{fmt, str::FromStr};

use object_store::path::Path;

/// A bucket, and the prefix of all object names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Location {
    bucket: String,
    /// Empty, or folders with a slash after each.
    prefix: String,
}

/// Why a text is no location, and what would be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLocation {
    /// Not `s3://`.
    #[error("is no bucket; write it as s3://bucket/prefix")]
    Scheme,
    /// Against Amazon's rules for names (S3 User Guide, "General purpose bucket naming rules").
    #[error(
        "has no bucket's name, which is 3 to 63 of a-z 0-9 . - between letters or digits; write \
         it as s3://bucket/prefix"
    )]
    Bucket,
    /// Names that need escaping are usually a mistake.
    #[error(
        "has a prefix that is not of A-Z a-z 0-9 . _ - in folders; write it as s3://bucket/prefix"
    )]
    Prefix,
}

impl S3Location {
    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The path of the object with this name.
    pub(super) fn path(&self, name: &str) -> Path {
        // Names and prefixes hold only characters that `Path` does not escape.
        Path::from(format!("{}{name}", self.prefix))
    }

    /// The prefix of all objects.
    pub(super) fn prefix(&self) -> Path {
        Path::from(self.prefix.as_str())
    }

    /// The name of the object at this path.
    pub(super) fn name<'a>(&self, path: &'a Path) -> Option<&'a str> {
        path.as_ref().strip_prefix(&self.prefix)
    }
}

impl FromStr for S3Location {
    type Err = BadLocation;

    fn from_str(text: &str) -> Result<Self, BadLocation> {
        let rest = text.strip_prefix("s3://").ok_or(BadLocation::Scheme)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_bucket = (3..=63).contains(&bucket.len())
            && bucket.chars().all(|c| outer(c) || c == '.' || c == '-')
            && bucket.starts_with(outer)
            && bucket.ends_with(outer);
        if !is_bucket {
            return Err(BadLocation::Bucket);
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let is_folder = |name: &str| {
            !matches!(name, "" | "." | "..")
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        if !prefix.is_empty() && !prefix.split('/').all(is_folder) {
            return Err(BadLocation::Prefix);
        }
        let slash = if prefix.is_empty() { "" } else { "/" };
        Ok(Self { bucket: bucket.to_owned(), prefix: format!("{prefix}{slash}") })
    }
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_and_a_prefix_are_parsed_and_names_go_below_them() {
        for (text, path) in [
            ("s3://calls", "CA1/x"),
            ("s3://calls/", "CA1/x"),
            ("s3://calls/a", "a/CA1/x"),
            ("s3://calls/a/b-1/", "a/b-1/CA1/x"),
        ] {
            let location: S3Location = text.parse().unwrap();
            assert_eq!(location.path("CA1/x").as_ref(), path);
            assert_eq!(location.name(&location.path("CA1/x")), Some("CA1/x"));
            assert_eq!(location.name(&location.path(".id")), Some(".id"));
        }
        let location: S3Location = "s3://calls/a".parse().unwrap();
        assert_eq!(location.name(&Path::from("ab/CA1/x")), None);
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, why) in [
            ("file://calls", BadLocation::Scheme),
            ("s3://", BadLocation::Bucket),
            ("s3://Calls", BadLocation::Bucket),
            ("s3://-calls", BadLocation::Bucket),
            ("s3://key:secret@calls", BadLocation::Bucket),
            ("s3://calls//a", BadLocation::Prefix),
            ("s3://calls/a/../b", BadLocation::Prefix),
            ("s3://calls/a b", BadLocation::Prefix),
        ] {
            assert_eq!(text.parse::<S3Location>(), Err(why), "{text}");
        }
    }
}
