//! The engine's decisions. Pure: they read a [`crate::model::View`] and the policy, and call
//! nothing. Requests, the sweep, the worker and the model checker go by the same functions.

mod adoption;
mod ask;
mod attempts;
mod diagnose;
mod next_deadline;
mod object_fate;
mod operator_retry;
mod policy;
mod queue_health;
mod requeue;
mod simulate;

pub use adoption::{adopt, newest_first};
pub use ask::{Counter, Final, Purpose, Step, ask};
pub use diagnose::{Diagnosis, StuckReason, diagnose};
pub use next_deadline::next_deadline;
pub use object_fate::{Fate, fate};
pub use operator_retry::{RetryStep, retry};
pub use policy::Policy;
pub use queue_health::{QueueHealth, queue_state, stalled_after};
pub use requeue::{RequeueVerdict, requeue};
pub use simulate::{with_run, with_run_stuck};

#[cfg(test)]
mod testing;
