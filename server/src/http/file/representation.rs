//! What is known of a stored recording before a byte of it is read: the validators of RFC 9110
//! section 8.8 and the headers that describe it. Checked once here, so that answers can't fail.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;

/// 9999-12-31T23:59:59Z, the last second that an HTTP date can name.
const LAST_HTTP_SECOND: u64 = 253_402_300_799;

/// One recording as it is served; immutable, since another content is another recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    pub(super) entity_tag: HeaderValue,
    pub(super) last_modified: SystemTime,
    pub(super) last_modified_field: HeaderValue,
    pub(super) len: u64,
    pub(super) content_type: HeaderValue,
    pub(super) file_name: String,
}

/// Why the facts about a recording cannot be put into headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRepresentation {
    /// Not 64 lower-case hex digits.
    #[error("the SHA-256 is not 64 lower-case hex digits")]
    Sha256,
    /// Before 1970 or after 9999: no HTTP date can say it.
    #[error("the time of publication is no HTTP date")]
    LastModified,
    /// Not a header value.
    #[error("the content type is not a header value")]
    ContentType,
    /// Empty, or not of `A-Z a-z 0-9 . _ -` alone.
    #[error("the file name has characters that would need quoting")]
    FileName,
}

/// What the browser is told to do with the recording (RFC 6266 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Play it.
    Inline,
    /// Save it.
    Attachment,
}

impl Representation {
    /// - `sha256`: of the bytes served, in lower-case hex; it becomes the strong `ETag`.
    /// - `last_modified`: when it was published; cut to whole seconds, as HTTP dates are.
    /// - `len`: in bytes.
    /// - `file_name`: call id and extension, so plain ASCII that needs no RFC 8187 encoding.
    pub fn new(
        sha256: &str,
        last_modified: SystemTime,
        len: u64,
        content_type: &str,
        file_name: &str,
    ) -> Result<Self, BadRepresentation> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if sha256.len() != 64 || !sha256.bytes().all(hex) {
            return Err(BadRepresentation::Sha256);
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if file_name.is_empty() || !file_name.bytes().all(plain) {
            return Err(BadRepresentation::FileName);
        }
        let seconds = last_modified
            .duration_since(UNIX_EPOCH)
            .map_err(|_| BadRepresentation::LastModified)?
            .as_secs();
        if seconds > LAST_HTTP_SECOND {
            return Err(BadRepresentation::LastModified);
        }
        let last_modified = UNIX_EPOCH + Duration::from_secs(seconds);
        Ok(Self {
            entity_tag: HeaderValue::try_from(format!("\"{sha256}\""))
                .map_err(|_| BadRepresentation::Sha256)?,
            last_modified,
            last_modified_field: HeaderValue::try_from(httpdate::fmt_http_date(last_modified))
                .map_err(|_| BadRepresentation::LastModified)?,
            len,
            content_type: HeaderValue::try_from(content_type)
                .map_err(|_| BadRepresentation::ContentType)?,
            file_name: file_name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn made(sha: &str, seconds: u64, kind: &str, name: &str) -> Result<(), BadRepresentation> {
        let published = UNIX_EPOCH + Duration::from_secs(seconds);
        Representation::new(sha, published, 1, kind, name).map(drop)
    }

    #[test]
    fn what_no_header_can_say_is_refused_once_at_the_edge() {
        assert_eq!(made(SHA, 0, "audio/wav", "CA1.wav"), Ok(()));
        assert_eq!(
            made(&SHA.to_uppercase(), 0, "audio/wav", "CA1.wav"),
            Err(BadRepresentation::Sha256)
        );
        assert_eq!(made("e3b0", 0, "audio/wav", "CA1.wav"), Err(BadRepresentation::Sha256));
        assert_eq!(
            made(SHA, LAST_HTTP_SECOND + 1, "audio/wav", "CA1.wav"),
            Err(BadRepresentation::LastModified)
        );
        assert_eq!(
            made(SHA, 0, "audio/wav\r\nx: y", "CA1.wav"),
            Err(BadRepresentation::ContentType)
        );
        assert_eq!(made(SHA, 0, "audio/wav", "a\".wav"), Err(BadRepresentation::FileName));
        assert_eq!(made(SHA, 0, "audio/wav", ""), Err(BadRepresentation::FileName));
    }
}
