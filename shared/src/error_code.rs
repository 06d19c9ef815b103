//! The codes of the problem body's `error` field. A code never changes its meaning.

use std::{fmt, str::FromStr};

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $status:literal, $title:literal;)+) => {
        /// `error` in a problem body (RFC 9457): what went wrong, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it stands in the body.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The HTTP status that it is sent with, unless a route says otherwise
            /// (`recording_deleted` is 409 where a call is to be registered over it).
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The short human title of the problem; the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

error_codes! {
    /// The path holds no call id.
    InvalidCallSid = "invalid_call_sid", 400, "Not a call id";
    /// The request can't be understood.
    BadRequest = "bad_request", 400, "Bad request";
    /// A token or a session is needed.
    Unauthorized = "unauthorized", 401, "Sign-in needed";
    /// Refused for every client: a foreign host or origin, or a proxy.
    Forbidden = "forbidden", 403, "Forbidden";
    /// No such route.
    NotFound = "not_found", 404, "Not found";
    /// No such call.
    CallNotFound = "call_not_found", 404, "No such call";
    /// The call has no recording URL: a recording will never exist.
    NoRecordingUrl = "no_recording_url", 404, "No recording";
    /// Deleted here, or gone at the provider.
    RecordingDeleted = "recording_deleted", 404, "Recording deleted";
    /// The provider no longer has the recording, and it was never stored here.
    RecordingGone = "recording_gone", 404, "Recording gone";
    /// The call has recordings, but not one of this number.
    NoSuchPart = "no_such_part", 404, "No such part";
    /// The recording is stored in a format that no browser plays.
    NotPlayable = "not_playable", 404, "Not playable";
    /// The recording was fetched and holds no sound.
    EmptyRecording = "empty_recording", 404, "Nothing was recorded";
    /// The signed link is not valid.
    LinkInvalid = "link_invalid", 403, "Link not valid";
    /// The signed link has expired.
    LinkExpired = "link_expired", 410, "Link expired";
    /// The recording is there, but has no waveform.
    NoPeaks = "no_peaks", 404, "No waveform";
    /// The route is there, the method is not.
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    /// There is nothing to retry.
    AlreadyReady = "already_ready", 409, "Already ready";
    /// The request came too slowly.
    RequestTimeout = "request_timeout", 408, "Request timeout";
    /// `If-Match` or `If-Unmodified-Since` does not hold.
    PreconditionFailed = "precondition_failed", 412, "Precondition failed";
    /// The body is larger than the route takes.
    TooLarge = "too_large", 413, "Too large";
    /// The body's type is not what the route takes.
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported media type";
    /// No part of the recording lies in the range asked for.
    RangeNotSatisfiable = "range_not_satisfiable", 416, "Range not satisfiable";
    /// A field of the call is wrong; `detail` says which and why.
    InvalidCall = "invalid_call", 422, "Invalid call";
    /// More connections than this server takes.
    Overloaded = "overloaded", 503, "Overloaded";
    /// Attempts or time are used up, and no worker took or finished the job.
    WorkerNotProcessingQueue = "worker_not_processing_queue", 500, "Recording worker not responding";
    /// Workers are fine, this recording fails.
    RecordingFailed = "recording_failed", 500, "Recording failed";
    /// The database does not answer.
    DatabaseUnavailable = "database_unavailable", 500, "Database unavailable";
    /// The object storage does not answer.
    StorageUnavailable = "storage_unavailable", 500, "Storage unavailable";
    /// A fault of ours.
    Internal = "internal", 500, "Internal error";
}

impl FromStr for ErrorCode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_again_by_its_text() {
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert!((400..=503).contains(&code.status()), "{code}");
        }
    }
}
