//! What the stores keep and the engine decides on: calls, runs, recordings, workers. Plain data.

mod call;
mod description;
mod ids;
mod lease_policy;
mod recording;
mod run;
mod unknown_object;
mod view;

pub use call::{Call, CallFields, Direction};
pub use description::{BadDescription, Description};
pub use ids::{Fence, ObjectKey, RunId, WorkerId};
pub use lease_policy::LeasePolicy;
pub use recording::{ReadyRecording, Recording, Sha256Hex, Tombstone};
pub use run::{Failure, FailureKind, HalfOpen, NewRun, Run};
pub use unknown_object::{
    Adoption, AdoptionRefusal, AdoptionTarget, KnownObject, KnownRecording, KnownRun, Quarantined,
};
pub use view::{View, Worker, WorkerActivity};
