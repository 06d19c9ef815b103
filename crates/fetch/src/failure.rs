//! What a fetch can end with other than a recording.
//!
//! Reasons are for people, listeners among them: they never hold a URL, an address or a credential.

use std::io;

use thiserror::Error;

/// What a failure means for whoever wants the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Not delivered this time, and it was tried until the deadline. A later run may do better.
    Transient,
    /// What the provider says or delivers can't be used. Another run by itself would not help.
    Rejected,
    /// The provider says that it is gone.
    Gone,
}

/// The provider did not deliver.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct FetchFailure {
    /// What the engine goes by.
    pub kind: FailureKind,
    /// What people read.
    pub reason: String,
}

/// Why there is no recording in the sink.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The provider did not deliver.
    #[error(transparent)]
    Provider(#[from] FetchFailure),
    /// The sink did not take it: our own storage is at fault, not the provider.
    #[error("the recording could not be stored")]
    Sink(#[source] io::Error),
}

impl FetchFailure {
    pub(super) fn transient(reason: impl Into<String>) -> Self {
        Self { kind: FailureKind::Transient, reason: reason.into() }
    }

    pub(super) fn rejected(reason: impl Into<String>) -> Self {
        Self { kind: FailureKind::Rejected, reason: reason.into() }
    }

    pub(super) fn gone(reason: impl Into<String>) -> Self {
        Self { kind: FailureKind::Gone, reason: reason.into() }
    }
}

/// A number as people read it: `12,345`.
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
