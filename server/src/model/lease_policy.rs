//! The lengths of time that the stores' own statements go by.

use std::time::Duration;

/// Given to a store when it is opened; from [`crate::engine::rules::Policy::lease_policy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeasePolicy {
    /// How long a worker's silence is not yet its death.
    pub lease: Duration,
    /// A run whose series is older is not claimed any more: it is stuck, or about to be called so.
    /// Were it claimed, it could take another job timeout, and a listener would wait for longer than
    /// was promised.
    pub longest_series: Duration,
    /// A series that nobody asked about for this long is over, and stops no claim.
    pub retry_window: Duration,
}
