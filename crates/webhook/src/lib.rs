//! Verifies who signed a telephony provider's callback. Pure: headers, body, configured URL,
//! secrets and time come in, `Verified` or `Refused` goes out. Reads no meaning from a body.

mod form;
mod header;
mod plivo;
mod refused;
mod secret;
mod standard;
mod telnyx;
mod twilio;
mod url;
mod vonage;

use http::HeaderMap;

pub use self::{
    form::{Fields, InvalidForm},
    refused::{Reason, Refused},
    secret::{InvalidKey, Rotating, Secret},
    standard::{StandardKey, StandardKeys},
    telnyx::PublicKey,
    twilio::{NamedKey, TwilioKeys},
    url::CallbackUrl,
    vonage::VonageKeys,
};

/// The largest body that is accepted, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// How far a timestamp in a signature may lie from now, in seconds.
const TOLERANCE_SECONDS: u64 = 300;

/// A callback as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The body, byte by byte.
    pub body: &'a [u8],
    /// The URL that the operator configured, with the query that this request has.
    pub url: &'a CallbackUrl,
}

/// Proof that a callback is genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The id of the event, where the scheme signs one; the same for each repeat.
    pub event_id: Option<String>,
}

impl Verified {
    const WITHOUT_ID: Self = Self { event_id: None };
}

/// How a provider signs, and with what.
#[derive(Clone, Debug)]
pub enum Verifier {
    /// Twilio and SignalWire.
    Twilio(TwilioKeys),
    /// Telnyx: its public key.
    Telnyx(Rotating<PublicKey>),
    /// Plivo: the auth token of the account or its main account.
    Plivo(Rotating<Secret>),
    /// Vonage.
    Vonage(VonageKeys),
    /// HTTP Basic, with `user:password`.
    Basic(Rotating<Secret>),
    /// Standard Webhooks 1.0.
    Standard(StandardKeys),
}

impl Verifier {
    /// Whether a callback is genuine. `now` is in seconds since 1970.
    pub fn verify(&self, callback: &Callback<'_>, now: i64) -> Result<Verified, Refused> {
        if callback.body.len() > MAX_BODY {
            return Err(Reason::TooLarge.into());
        }
        match self {
            Self::Twilio(keys) => twilio::verify(keys, callback),
            Self::Telnyx(keys) => telnyx::verify(keys, callback, now).map_err(Refused::from),
            Self::Plivo(tokens) => plivo::verify(tokens, callback),
            Self::Vonage(keys) => vonage::verify(keys, callback, now).map_err(Refused::from),
            Self::Basic(pairs) => header::basic(pairs, callback).map_err(Refused::from),
            Self::Standard(keys) => standard::verify(keys, callback, now).map_err(Refused::from),
        }
    }
}

/// Whether a timestamp of a signature is recent.
fn fresh(timestamp: i64, now: i64) -> Result<(), Reason> {
    match (now.abs_diff(timestamp) <= TOLERANCE_SECONDS, timestamp < now) {
        (true, _) => Ok(()),
        (false, true) => Err(Reason::TooOld { seconds: now.abs_diff(timestamp) }),
        (false, false) => Err(Reason::FromTheFuture { seconds: now.abs_diff(timestamp) }),
    }
}
