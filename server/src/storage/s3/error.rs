//! Maps the library's errors to I/O errors. The library's texts may hold whole answers of the server;
//! an I/O error holds one line.

use std::{error::Error as _, io, iter};

use object_store::Error;

/// The longest text of an I/O error, in characters.
const LONGEST: usize = 400;

pub(super) const UNREACHABLE: &str =
    "check the bucket's name, AWS_ENDPOINT_URL or AWS_REGION, and that the server is up";

/// As an I/O error in one line.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub(super) fn io_error(error: Error) -> io::Error {
    let kind = kind_of(&error);
    let mut text = error.to_string();
    let deepest = iter::successors(error.source(), |error| (*error).source()).last();
    if let Some(cause) = deepest.map(ToString::to_string).filter(|cause| !text.contains(cause)) {
        text = format!("{cause}: {text}"); // the text often leaves out the cause
    }
    let words: Vec<_> = text.split_whitespace().collect();
    io::Error::new(kind, words.join(" ").chars().take(LONGEST).collect::<String>())
}

fn kind_of(error: &Error) -> io::ErrorKind {
    match error {
        _ if is_missing_object(error) => io::ErrorKind::NotFound,
        Error::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        _ => io::ErrorKind::Other,
    }
}

/// Whether the bucket exists and has no such object. A missing bucket says nothing about an object:
/// it may come back.
pub(super) fn is_missing_object(error: &Error) -> bool {
    matches!(error, Error::NotFound { .. }) && !is_missing_bucket(error)
}

fn is_missing_bucket(error: &Error) -> bool {
    error.to_string().contains("NoSuchBucket")
}

/// What the operator can do.
pub(super) fn advice(error: &Error) -> &'static str {
    match error {
        _ if is_missing_bucket(error) => "make the bucket first, or name another",
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do in the bucket"
        }
        _ => UNREACHABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_found(body: &str) -> Error {
        Error::NotFound { path: "calls/CA1".to_owned(), source: body.into() }
    }

    #[test]
    fn a_missing_bucket_is_not_a_missing_object() {
        assert_eq!(io_error(not_found("<Code>NoSuchKey</Code>")).kind(), io::ErrorKind::NotFound);
        let gone = not_found("<Code>NoSuchBucket</Code>");
        assert_eq!(advice(&gone), "make the bucket first, or name another");
        assert_eq!(io_error(gone).kind(), io::ErrorKind::Other);
    }

    #[test]
    fn an_error_is_one_short_line_whatever_the_server_answers() {
        let text = io_error(not_found(&"<Error>\n  much\n".repeat(1000))).to_string();
        assert!(text.len() <= LONGEST && !text.contains('\n'), "{text}");
    }
}
