//! Reads headers that carry a signature, and HTTP Basic.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use subtle::ConstantTimeEq as _;

use crate::{Callback, Reason, Rotating, Secret, Verified};

/// The one value of a header.
pub(crate) fn single<'a>(callback: &Callback<'a>, name: &'static str) -> Result<&'a str, Reason> {
    optional(callback, name)?.ok_or(Reason::Missing(name))
}

/// The one value of a header, if it is there.
pub(crate) fn optional<'a>(
    callback: &Callback<'a>,
    name: &'static str,
) -> Result<Option<&'a str>, Reason> {
    let mut values = callback.headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Reason::Malformed(name));
    }
    first.to_str().map(|text| Some(text.trim())).map_err(|_| Reason::Malformed(name))
}

/// A decoded signature; one that is not base64 fits nothing.
pub(crate) fn base64(text: &str) -> Result<Vec<u8>, Reason> {
    STANDARD.decode(text).map_err(|_| Reason::Mismatch)
}

/// HTTP Basic (RFC 7617).
pub(crate) fn basic(pairs: &Rotating<Secret>, callback: &Callback<'_>) -> Result<Verified, Reason> {
    let given = single(callback, "authorization")?;
    let (scheme, encoded) = given.split_once(' ').ok_or(Reason::Malformed("authorization"))?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Reason::Credentials);
    }
    let given = STANDARD.decode(encoded.trim()).map_err(|_| Reason::Credentials)?;
    let fits = pairs.any(|pair| pair.bytes().ct_eq(&given).into());
    if fits { Ok(Verified::WITHOUT_ID) } else { Err(Reason::Credentials) }
}
