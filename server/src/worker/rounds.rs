//! The completed rounds of the claim loop: what shows a watchdog that the worker does not hang.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Counts rounds; a clone shares the count.
#[derive(Clone, Debug, Default)]
pub struct Rounds(Arc<AtomicU64>);

impl Rounds {
    /// How many the loop has completed since the start.
    pub fn completed(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn complete(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
