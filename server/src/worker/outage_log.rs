//! Says once that the database is away, and once that it is back, however often it is asked.

use tracing::{info, warn};

use crate::store::Result;

/// For one thing that is done again and again.
#[derive(Debug)]
pub(super) struct OutageLog {
    what: &'static str,
    is_on: bool,
}

impl OutageLog {
    /// `what` completes "cannot".
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, is_on: false }
    }

    /// Notes how it went this time.
    pub(super) fn note<T>(&mut self, result: &Result<T>) {
        match result {
            Ok(_) if self.is_on => info!("the database answers again: can {}", self.what),
            Err(error) if !self.is_on => warn!(%error, "cannot {}; trying again", self.what),
            _ => {}
        }
        self.is_on = result.is_err();
    }
}
