//! The error of a setting that can't be used.

use std::fmt;

/// A variable, its value and what would do, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSetting {
    variable: String,
    value: Value,
    advice: String,
}

/// A setting's value in an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Shown(String),
    /// A secret, or no text.
    NotShown,
}

impl InvalidSetting {
    pub(super) fn new(
        variable: impl Into<String>,
        value: Value,
        advice: impl Into<String>,
    ) -> Self {
        Self { variable: variable.into(), value, advice: advice.into() }
    }
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.variable)?;
        if let Value::Shown(value) = &self.value {
            write!(f, "={value:?}")?; // quoted and escaped: it stays one line
        }
        write!(f, ": {}", self.advice)
    }
}

impl std::error::Error for InvalidSetting {}
