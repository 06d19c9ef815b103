//! The failures of a download.
//!
//! Reasons are shown to users. They never hold a URL, an address or a credential.

use std::{io, time::Duration};

use thiserror::Error;

/// What a failure means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Not delivered this time, and it was tried until the deadline. A later run may do better.
    Transient,
    /// What the provider says or delivers can't be used. Another run by itself would not help.
    Rejected,
    /// The provider says that it is gone.
    Gone,
    /// The provider does not have it yet: 404, or a storage service's 403 that hides whether it
    /// exists. Only where [`Limits::is_young`](crate::Limits) is set.
    NotYet,
    /// The signed address has expired; a fresh one would help.
    Expired,
    /// Another try would help, but not sooner than after this, which is longer than
    /// [`Limits::longest_pause`](crate::Limits).
    Wait(Duration),
}

/// The provider did not deliver.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct FetchFailure {
    /// For the caller's decision.
    pub kind: FailureKind,
    /// Shown to users.
    pub reason: String,
    /// Bytes of a file that was cut off, which the sink holds from the first on.
    pub cut_off: Option<u64>,
}

/// Why the sink holds no whole file.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The provider did not deliver.
    #[error(transparent)]
    Provider(#[from] FetchFailure),
    /// The sink failed: the fault is the caller's storage, not the provider's.
    #[error("the recording could not be stored")]
    Sink(#[source] io::Error),
}

impl FetchFailure {
    pub(super) fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into(), cut_off: None }
    }

    pub(super) fn transient(reason: impl Into<String>) -> Self {
        Self::new(FailureKind::Transient, reason)
    }

    pub(super) fn rejected(reason: impl Into<String>) -> Self {
        Self::new(FailureKind::Rejected, reason)
    }

    pub(super) fn gone(reason: impl Into<String>) -> Self {
        Self::new(FailureKind::Gone, reason)
    }
}

/// A number with separators: `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
