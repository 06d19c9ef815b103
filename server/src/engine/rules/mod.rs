//! The engine's decisions. Pure: they read a [`crate::model::View`] and the policy, and call
//! nothing. Requests, the sweep, the worker and the model checker go by the same functions.

mod adoption;
mod ask;
mod attempts;
mod diagnose;
mod foresee;
mod next_look;
mod object_fate;
mod operator;
mod policy;
mod pulse;
mod put_back;

pub use adoption::{adopt, newest_first};
pub use ask::{Asker, Counter, Final, Step, ask};
pub use diagnose::{Diagnosis, StuckReason, diagnose};
pub use foresee::{marked_stuck, with_run};
pub use next_look::next_look;
pub use object_fate::{Fate, fate};
pub use operator::{RetryStep, retry};
pub use policy::Policy;
pub use pulse::{Pulse, pulse, still_after};
pub use put_back::{PutBack, put_back};

#[cfg(test)]
mod testing;
