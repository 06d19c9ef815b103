//! Where the count of attempts shows besides the database: a mirror that may be empty or away.

use std::time::Duration;

use async_trait::async_trait;
use shared::CallSid;

/// Whether a mirror is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterState {
    /// There is to be none.
    None,
    /// It answers.
    Reachable,
    /// It does not.
    Unreachable,
}

/// `recording_retry_attempts:{call_sid}`. Never fails: without it the rows decide.
#[async_trait]
pub trait AttemptCounter: Send + Sync + 'static {
    /// The number there; nothing if there is none, or the mirror is away.
    async fn read(&self, call_sid: &CallSid) -> Option<u32>;
    /// Shows this number for so long.
    async fn set(&self, call_sid: &CallSid, attempt: u32, window: Duration);
    /// Shows none any more.
    async fn clear(&self, call_sid: &CallSid);
    /// Whether it is there.
    async fn state(&self) -> CounterState {
        CounterState::None
    }
}

/// No mirror.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAttemptCounter;

#[async_trait]
impl AttemptCounter for NoAttemptCounter {
    async fn read(&self, _: &CallSid) -> Option<u32> {
        None
    }

    async fn set(&self, _: &CallSid, _: u32, _: Duration) {}

    async fn clear(&self, _: &CallSid) {}
}
