//! What processes on the same database tell each other: that something about a call has changed.
//! Hints, never the truth: each may be lost, and whoever waits for one also polls.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use shared::CallSid;
use tokio::sync::mpsc;

/// One hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The call whose run, recording or registration has just been changed.
    pub call_sid: CallSid,
    /// Whether there is a run to take off the queue now.
    pub is_work: bool,
}

/// A change of a run's status, as a look at the database shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusChange {
    /// The run's call.
    pub call_sid: CallSid,
    /// By the database's clock.
    pub changed_at: Timestamp,
}

/// The way between processes, where the database has one.
#[async_trait]
pub trait Hints: Send + Sync + 'static {
    /// How often a process looks for itself at what others have done.
    fn poll_every(&self) -> Duration;
    /// Passes on what comes out of `ours` to the other processes, and what they say to `theirs`.
    /// Ends when all who send are gone, or at once where there is no way.
    async fn relay(&self, ours: mpsc::Receiver<Hint>, theirs: &(dyn Fn(Hint) + Send + Sync));
}
