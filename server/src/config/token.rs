//! `TAPEDECK_ADMIN_TOKEN`.

use std::fmt;

use subtle::ConstantTimeEq;

/// The secret that opens everything. [`Debug`] hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminToken(String);

impl AdminToken {
    /// The shortest, in characters.
    const MIN_LENGTH: usize = 16;

    /// Checks that it is long enough, and can stand in a header.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() < Self::MIN_LENGTH {
            return Err("is shorter than 16 characters; take a longer one, or unset it".to_owned());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has characters that can't stand in a header; take letters, digits and \
                        punctuation of ASCII"
                .to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether this is it; takes as long for any other of the same length.
    pub fn is(&self, candidate: &str) -> bool {
        self.0.as_bytes().ct_eq(candidate.as_bytes()).into()
    }

    /// The secret as a key for signing; not for logs.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(…)")
    }
}
