//! The paths of the public API and the pages: written once, for router and browser.
//!
//! The constants are axum route patterns; the functions fill them in.

use crate::CallSid;

/// The recording itself.
pub const FILE: &str = "/api/recordings/file/{call_sid}";
/// Waveform peaks.
pub const PEAKS: &str = "/api/recordings/peaks/{call_sid}";
/// The list of calls.
pub const CALLS: &str = "/api/calls";
/// One call.
pub const CALL: &str = "/api/calls/{call_sid}";
/// An operator's new series.
pub const RETRY: &str = "/api/calls/{call_sid}/retry";
/// Queue without hurry.
pub const PREFETCH: &str = "/api/calls/{call_sid}/prefetch";
/// Makes a signed link to a call.
pub const LINKS: &str = "/api/calls/{call_sid}/links";
/// The queue in numbers.
pub const QUEUE: &str = "/api/queue";
/// The same, as server-sent events.
pub const QUEUE_EVENTS: &str = "/api/queue/events";
/// The process is up.
pub const HEALTHZ: &str = "/healthz";
/// The process can work.
pub const READYZ: &str = "/readyz";
/// The sign-in page and its form.
pub const SIGN_IN: &str = "/sign-in";
/// Ends the browser session.
pub const SIGN_OUT: &str = "/sign-out";
/// The page of all calls.
pub const CALLS_PAGE: &str = "/";
/// The page of one call.
pub const CALL_PAGE: &str = "/calls/{call_sid}";

/// An operator's new series, from the page of a call.
pub const RETRY_PAGE: &str = "/calls/{call_sid}/retry";
/// The page of the queue.
pub const STATUS_PAGE: &str = "/status";
/// The player alone, to be framed.
pub const EMBED: &str = "/embed/{call_sid}";

/// [`FILE`] for one call.
pub fn file(call_sid: &CallSid) -> String {
    format!("/api/recordings/file/{call_sid}")
}

/// [`CALL`] for one call.
pub fn call(call_sid: &CallSid) -> String {
    format!("/api/calls/{call_sid}")
}

/// [`PEAKS`] for one call.
pub fn peaks(call_sid: &CallSid) -> String {
    format!("/api/recordings/peaks/{call_sid}")
}

/// [`CALL_PAGE`] for one call.
pub fn call_page(call_sid: &CallSid) -> String {
    format!("/calls/{call_sid}")
}

/// A path with a query. Names and values must not need escaping.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().enumerate().fold(path.to_owned(), |mut path, (index, (name, value))| {
        path.push(if index == 0 { '?' } else { '&' });
        path.push_str(name);
        path.push('=');
        path.push_str(value);
        path
    })
}

/// [`RETRY_PAGE`] for one call.
pub fn retry_page(call_sid: &CallSid) -> String {
    format!("/calls/{call_sid}/retry")
}

/// [`EMBED`] for one call.
pub fn embed(call_sid: &CallSid) -> String {
    format!("/embed/{call_sid}")
}

/// What [`EMBED`]'s paths begin with.
pub const BELOW_EMBED: &str = "/embed/";

/// Whether a path is one of [`EMBED`]'s, with a call id or without.
pub fn is_embed(path: &str) -> bool {
    path.starts_with(BELOW_EMBED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_fill_the_patterns_in() {
        let sid: CallSid = "CA1".parse().unwrap();
        assert_eq!(file(&sid), FILE.replace("{call_sid}", "CA1"));
        assert_eq!(peaks(&sid), PEAKS.replace("{call_sid}", "CA1"));
        assert_eq!(call(&sid), CALL.replace("{call_sid}", "CA1"));
        assert_eq!(call_page(&sid), CALL_PAGE.replace("{call_sid}", "CA1"));
        assert_eq!(retry_page(&sid), RETRY_PAGE.replace("{call_sid}", "CA1"));
        assert_eq!(embed(&sid), EMBED.replace("{call_sid}", "CA1"));
        assert!(is_embed(&embed(&sid)) && !is_embed(&call_page(&sid)));
    }
}
