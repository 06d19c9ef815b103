//! What a peer may use up.

use std::time::Duration;

use super::LeastPace;

/// What a peer may use up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once. Another one closes the one that has been idle for longest.
    pub connections: usize,
    /// Connections above that where none is idle, whose requests carry the extension [`Spare`](super::Spare) and which
    /// end after one response. Another one closes the oldest of them, so that accepting never stops.
    /// 0: a connection above the limit waits in the kernel's queue until another one ends.
    pub spare_connections: usize,
    /// For a request's head to arrive in full, from its first byte; for the first one from the start
    /// of the connection. The response is 408 if a part of it came.
    pub head_timeout: Duration,
    /// For the next request on an idle connection.
    pub idle_timeout: Duration,
    /// For a request's body. A slower one yields [`BodyError::TooSlow`](super::BodyError).
    pub body_pace: LeastPace,
    /// A request's line and headers, in bytes; 8,192 or more (less counts as that). hyper allows 100
    /// headers.
    pub max_header_bytes: usize,
    /// For a peer that does not read its response: closed after this, and before twice this, unless it
    /// took `least_write` bytes meanwhile.
    pub write_timeout: Duration,
    /// Bytes that a peer has to take in each `write_timeout`; above zero.
    pub least_write: usize,
    /// After the shutdown began, for responses under way to finish.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            spare_connections: 64,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            body_pace: LeastPace {
                idle: Duration::from_secs(10),
                grace: Duration::from_secs(10),
                bytes_per_second: 500,
            },
            max_header_bytes: 32 * 1024,
            write_timeout: Duration::from_secs(60),
            least_write: 16 * 1024,
            grace: Duration::from_secs(20),
        }
    }
}
