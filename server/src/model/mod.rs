//! What the stores keep and the engine decides on: calls, runs, recordings, workers. Plain data.

mod call;
mod ids;
mod recording;
mod run;
mod terms;
mod view;

pub use call::{Call, CallFields, Direction};
pub use ids::{Fence, ObjectKey, RunId, WorkerId};
pub use recording::{ReadyRecording, Recording, Sha256Hex, Tombstone};
pub use run::{Failure, FailureKind, HalfOpen, NewRun, Run};
pub use terms::Terms;
pub use view::{Fleet, View, Worker};
