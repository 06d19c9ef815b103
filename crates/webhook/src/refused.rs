//! Why a callback is not accepted, in words for the log. Holds no secret and no field of the body.

/// A refused callback. [`Display`](std::fmt::Display) is one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}{}", signed(.signed_url.as_deref()), fits(.would_fit.as_deref()))]
pub struct Refused {
    /// What is wrong.
    pub reason: Reason,
    /// The URL that the signature was checked against, where the scheme signs one; without the
    /// values of its query.
    pub signed_url: Option<String>,
    /// Another spelling of the URL that the signature fits.
    pub would_fit: Option<String>,
}

/// What is wrong with a callback.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The body is longer than [`MAX_BODY`](crate::MAX_BODY).
    #[error("the body is larger than 64 KiB")]
    TooLarge,
    /// The header that carries the signature is not there.
    #[error("the request has no {0} header")]
    Missing(&'static str),
    /// A header is there twice, or not text.
    #[error("the {0} header is not a single line of text")]
    Malformed(&'static str),
    /// The scheme is known to be unsafe.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The body is neither a form nor JSON with its hash in the signed URL.
    #[error("the signature does not cover the body: {0}")]
    BodyNotCovered(&'static str),
    /// The hash in the URL or token is not the body's.
    #[error("the body is not the one that was signed: its SHA-256 differs")]
    BodyHash,
    /// The signature names a key that is not configured.
    #[error("the signature was made with another key than those configured")]
    UnknownKey,
    /// No secret makes this signature.
    #[error("the signature does not fit: a wrong secret, or a changed URL or body")]
    Mismatch,
    /// A wrong user or password.
    #[error("wrong user or password")]
    Credentials,
    /// The timestamp is more than 300 s ago.
    #[error("the signature is {seconds} s old; at most 300 s are accepted")]
    TooOld {
        /// Its age.
        seconds: u64,
    },
    /// The timestamp is more than 300 s ahead.
    #[error("the signature is {seconds} s ahead of this machine's clock; check the clock")]
    FromTheFuture {
        /// How far.
        seconds: u64,
    },
    /// The token is for another account or application.
    #[error("the token's {0} is another than the configured one")]
    AnotherAccount(&'static str),
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self { reason, signed_url: None, would_fit: None }
    }
}

fn signed(url: Option<&str>) -> String {
    url.map(|url| format!("; checked against {url}")).unwrap_or_default()
}

fn fits(url: Option<&str>) -> String {
    let advice = "set TAPEDECK_PUBLIC_URL, or the URL at the provider, so that both agree";
    url.map(|url| format!("; it fits {url}: {advice}")).unwrap_or_default()
}
