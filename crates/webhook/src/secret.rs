//! Secrets: hidden in `Debug`, current and previous side by side.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac, digest::block_api::EagerHash};

/// A text that no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Of any bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for a signature alone.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a text is not a key. Never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not base64.
    #[error("is not base64; copy it whole from the provider's console")]
    Base64,
    /// A wrong number of bytes.
    #[error("has {0} bytes where an Ed25519 public key has 32")]
    Length(usize),
    /// Neither `whsec_` nor `whpk_`.
    #[error("begins with neither whsec_ nor whpk_")]
    Prefix,
    /// Under 24 bytes.
    #[error("is shorter than 24 bytes; make one with `openssl rand -base64 32`")]
    Short,
}

/// A key, and the one before it while they are exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotating<T> {
    current: T,
    previous: Option<T>,
}

impl<T> Rotating<T> {
    /// Both count.
    pub fn new(current: T, previous: Option<T>) -> Self {
        Self { current, previous }
    }

    /// The one to sign with.
    pub fn current(&self) -> &T {
        &self.current
    }

    /// The same keys in another form.
    pub fn map<U>(self, make: impl Fn(T) -> U) -> Rotating<U> {
        Rotating { current: make(self.current), previous: self.previous.map(make) }
    }

    /// Whether a check holds for one of them. Every key is tried, so that the time does not tell
    /// which one fits.
    pub(crate) fn any(&self, check: impl Fn(&T) -> bool) -> bool {
        let current = check(&self.current);
        let previous = self.previous.as_ref().is_some_and(check);
        current | previous
    }
}

/// Whether `signature` is the HMAC of the parts, compared in constant time.
pub(crate) fn hmac_fits<D: EagerHash>(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool
where
    Hmac<D>: Mac + KeyInit,
{
    let Ok(mut mac) = <Hmac<D> as KeyInit>::new_from_slice(key) else { return false };
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(signature).is_ok()
}
