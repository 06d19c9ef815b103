//! Reads of one call, and the parts of the list's, in words that both databases understand.

use super::rows::run_columns;

/// A call with its recording and the status of its last run, as `rows::listed` reads them. Ends with
/// the tables, of which `c` is the call's.
macro_rules! calls_with_recordings {
    () => {
        concat!(
            "SELECT ",
            $crate::store::rows::call_columns!(),
            ", ",
            $crate::store::rows::recording_columns!(),
            ", (SELECT l.status FROM recording_runs l WHERE l.call_sid = c.call_sid
                ORDER BY l.seq DESC LIMIT 1) AS last_status
             FROM calls c LEFT JOIN recordings r ON r.call_sid = c.call_sid "
        )
    };
}
pub(super) use calls_with_recordings;

/// The state of such a row. As `query::state_of` works it out; a test holds the two together.
macro_rules! state_of_listed {
    () => {
        "CASE
         WHEN state IS NOT NULL THEN state
         WHEN recording_url IS NULL THEN 'no_recording_url'
         WHEN last_status IN ('queued', 'running', 'failed') THEN last_status
         ELSE 'not_requested' END "
    };
}
pub(super) use state_of_listed;

/// `$1`: the call.
pub(super) const CALL: &str = concat!(calls_with_recordings!(), "WHERE c.call_sid = $1");

/// `$1`: the call.
pub(super) const RUNS: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM recording_runs u WHERE u.call_sid = $1 ORDER BY u.seq"
);

/// `$1`: the run.
pub(super) const RUN: &str =
    concat!("SELECT ", run_columns!(), " FROM recording_runs u WHERE u.id = $1");
