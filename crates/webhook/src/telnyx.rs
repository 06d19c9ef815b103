//! Telnyx: `telnyx-signature-ed25519`, base64 of an Ed25519 signature over `timestamp|body`
//! (<https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks>).

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::{
    Callback, InvalidKey, Reason, Rotating, Verified, fresh,
    header::{base64, single},
};

/// An Ed25519 public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidKey::Base64)?;
        let length = bytes.len();
        bytes.try_into().map(Self).map_err(|_| InvalidKey::Length(length))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(…)")
    }
}

pub(crate) fn verify(
    keys: &Rotating<PublicKey>,
    callback: &Callback<'_>,
    now: i64,
) -> Result<Verified, Reason> {
    let signature = base64(single(callback, "telnyx-signature-ed25519")?)?;
    let timestamp = single(callback, "telnyx-timestamp")?;
    let message = [timestamp.as_bytes(), b"|", callback.body].concat();
    if !keys.any(|key| key.verifies(&message, &signature)) {
        return Err(Reason::Mismatch);
    }
    let timestamp = timestamp.parse().map_err(|_| Reason::Malformed("telnyx-timestamp"))?;
    fresh(timestamp, now)?;
    Ok(Verified::WITHOUT_ID)
}
