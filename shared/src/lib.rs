//! What the server and the browser agree on: the states of a recording, the paths and bodies of
//! the public API, its error codes and exact words, the retry schedule, and the player's decision.
//!
//! Everything here is plain data and pure functions. No I/O, no clock, no dependency but serde:
//! the caller passes the time in.

pub mod backoff;
pub mod body;
mod call_sid;
pub mod decision;
mod error_code;
pub mod message;
pub mod path;
mod queue_state;
mod state;
mod status;

pub use call_sid::{CallSid, InvalidCallSid};
pub use error_code::ErrorCode;
pub use queue_state::QueueState;
pub use state::RecordingState;
pub use status::RecordingStatus;
