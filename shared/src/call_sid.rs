//! The id of a call, parsed once at the edge.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// 1 to 64 characters of `A-Z a-z 0-9 . _ -`, not starting with a dot.
///
/// Safe as a file name and as a path segment of a URL, as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallSid(String);

/// The text is not a [`CallSid`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCallSid;

impl CallSid {
    /// The longest id, in characters (and bytes: all are ASCII).
    pub const MAX_LENGTH: usize = 64;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_valid(text: &str) -> bool {
    (1..=CallSid::MAX_LENGTH).contains(&text.len())
        && !text.starts_with('.')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

impl FromStr for CallSid {
    type Err = InvalidCallSid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for CallSid {
    type Error = InvalidCallSid;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_valid(&text) { Ok(Self(text)) } else { Err(InvalidCallSid) }
    }
}

impl From<CallSid> for String {
    fn from(sid: CallSid) -> Self {
        sid.0
    }
}

impl fmt::Display for CallSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidCallSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call id is 1 to 64 of A-Z a-z 0-9 . _ - and does not start with a dot")
    }
}

impl std::error::Error for InvalidCallSid {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_edges_of_the_rule() {
        for good in ["a", "CA0123456789abcdef", "a.b_c-d", "-x", &"x".repeat(64)] {
            assert!(good.parse::<CallSid>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", ".a", "a/b", "a b", "a%2e", "é", "a\0", &"x".repeat(65)] {
            assert_eq!(bad.parse::<CallSid>(), Err(InvalidCallSid), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_survives_a_round_trip(text in ".{0,80}") {
            if let Ok(sid) = text.parse::<CallSid>() {
                prop_assert_eq!(sid.as_str(), text.as_str());
                let json = serde_json::to_string(&sid).unwrap();
                prop_assert_eq!(serde_json::from_str::<CallSid>(&json).unwrap(), sid);
            }
        }
    }
}
