//! The texts of the pages: the fields that each language fills in.

#![expect(missing_docs, reason = "each word's name says where it stands")]

use shared::{ErrorCode, RecordingState, RecordingStatus};

/// The words of the pages. Functions where the sentence depends on something.
pub struct PageWords {
    // Around every page
    pub tagline: &'static str,
    pub description: &'static str,
    pub skip_to_content: &'static str,
    pub language: &'static str,
    pub sign_out: &'static str,
    pub breadcrumb: &'static str,
    pub site: &'static str,
    /// A length of time in whole seconds, short: `12 s`, `3 min`.
    pub span: fn(u64) -> String,

    // The list
    pub calls: &'static str,
    pub search: &'static str,
    pub search_hint: &'static str,
    pub recording: &'static str,
    pub any_state: &'static str,
    pub find: &'static str,
    pub clear: &'static str,
    pub older: &'static str,
    pub newest: &'static str,
    pub empty_title: &'static str,
    pub empty_text: &'static str,
    pub nothing_found_title: &'static str,
    pub nothing_found_text: &'static str,
    pub no_older_title: &'static str,
    pub no_older_text: &'static str,
    pub open_call: fn(&str) -> String,

    pub pages_of_calls: &'static str,

    // A call
    pub call: &'static str,
    pub started: &'static str,
    pub direction: &'static str,
    pub inbound: &'static str,
    pub outbound: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub length: &'static str,
    pub unknown: &'static str,
    pub call_id: &'static str,
    pub registered: &'static str,
    pub details: &'static str,
    pub size: &'static str,
    pub format: &'static str,
    pub channels: fn(u16) -> String,
    pub channels_label: &'static str,
    pub checksum: &'static str,
    pub state: fn(RecordingState) -> &'static str,
    /// Read where the WebAssembly does not run.
    pub state_sentence: fn(RecordingState) -> &'static str,
    pub without_script: &'static str,
    pub utc: &'static str,
    pub months: [&'static str; 12],

    // Its recordings
    pub recordings: &'static str,
    /// One of several recordings, by its number.
    pub part: fn(u32) -> String,
    pub damaged: &'static str,
    /// How many seconds of how many are there.
    pub damaged_seconds: fn(u32, u32) -> String,

    // Its runs
    pub history: &'static str,
    pub history_empty: &'static str,
    /// What is going on now, before the time since when.
    pub waits_since: &'static str,
    pub fetched_since: &'static str,
    pub earlier_runs: fn(usize) -> String,
    pub retry: &'static str,
    pub retry_text: &'static str,
    pub history_empty_no_url: &'static str,
    pub first_try: &'static str,
    pub another_try: fn(u32) -> String,
    pub run_status: fn(RecordingStatus) -> &'static str,
    pub run_queued: &'static str,
    pub run_wanted: &'static str,
    pub run_started: &'static str,
    pub run_ready: &'static str,
    pub run_failed: &'static str,
    pub run_waited: fn(&str) -> String,
    pub run_took: fn(&str) -> String,
    /// By `failure.kind`.
    pub failure: fn(&str) -> &'static str,
    pub reason: &'static str,
    pub run_id: &'static str,

    // Sign-in
    pub sign_in: &'static str,
    pub sign_in_text: &'static str,
    pub token: &'static str,
    pub token_wrong: &'static str,

    // Problems
    pub problem: fn(ErrorCode) -> (&'static str, &'static str),
    pub back_to_calls: &'static str,
    pub try_again: &'static str,
    pub error_code: &'static str,
}
