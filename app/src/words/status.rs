//! The texts of the queue's page: the fields that each language fills in.

#![expect(missing_docs, reason = "each word's name says where it stands")]

use shared::QueueState;

/// The words of `/status`.
pub struct StatusWords {
    pub status: &'static str,
    /// How the queue is: a word, and what to do.
    pub state: fn(QueueState) -> (&'static str, &'static str),
    /// The same where the database does not answer.
    pub away: (&'static str, &'static str),
    pub as_of: &'static str,
    pub stream_lost: &'static str,
    pub without_script: &'static str,

    // In numbers
    pub numbers: &'static str,
    pub wanted: &'static str,
    pub unwanted: &'static str,
    pub oldest: &'static str,
    pub nobody_waits: &'static str,
    pub running: &'static str,
    pub ready_lately: &'static str,
    pub failed_lately: &'static str,
    pub last_claim: &'static str,
    pub last_ready: &'static str,
    pub never: &'static str,
    pub ago: fn(&str) -> String,

    // What runs
    pub runs: &'static str,
    pub no_runs: &'static str,
    /// How many more there are than are named.
    pub more_runs: fn(u64) -> String,
    pub since: &'static str,
    pub held_by: &'static str,
    pub fetched: fn(&str) -> String,
    pub fetched_of: fn(&str, &str) -> String,
    pub not_begun: &'static str,

    // Who works
    pub workers: &'static str,
    pub live: fn(usize) -> String,
    pub no_live: &'static str,
    pub lost: fn(u64) -> String,
    pub holds: fn(u64) -> String,
    pub held: fn(u64) -> String,
    pub heard: fn(&str) -> String,
    pub up_for: fn(&str) -> String,
    pub unnamed: &'static str,

    // What failed
    pub failures: &'static str,
    pub no_failures: &'static str,
    /// How many runs failed so.
    pub times: fn(u64) -> String,
    pub for_example: &'static str,
    pub last_one: fn(&str) -> String,
}
