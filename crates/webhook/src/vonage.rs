//! Vonage: a JWT (RFC 7519, HS256) in `Authorization`, whose `payload_hash` is the SHA-256 of the
//! body (<https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks>).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    Callback, Reason, Rotating, Secret, Verified, fresh, header::single, secret::hmac_fits,
    twilio::hex,
};

const AUTHORIZATION: &str = "authorization";

/// What an account signs with, and what its tokens must name.
#[derive(Clone, Debug)]
pub struct VonageKeys {
    /// The signature secret.
    pub secrets: Rotating<Secret>,
    /// The account's API key.
    pub api_key: Option<String>,
    /// The application.
    pub application_id: Option<String>,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: Option<i64>,
    nbf: Option<i64>,
    payload_hash: Option<String>,
    api_key: Option<String>,
    application_id: Option<String>,
}

pub(crate) fn verify(
    keys: &VonageKeys,
    callback: &Callback<'_>,
    now: i64,
) -> Result<Verified, Reason> {
    let given = single(callback, AUTHORIZATION)?;
    let (scheme, token) = given.split_once(' ').ok_or(Reason::Malformed(AUTHORIZATION))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Reason::Missing("authorization: Bearer"));
    }
    let token = token.trim();
    let (signed, signature) = token.rsplit_once('.').ok_or(Reason::Malformed(AUTHORIZATION))?;
    let (head, claims) = signed.split_once('.').ok_or(Reason::Malformed(AUTHORIZATION))?;
    let head: Head = part(head)?;
    if head.alg != "HS256" {
        return Err(Reason::Unsupported("the token's algorithm is not HS256"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Reason::Mismatch)?;
    let parts = [signed.as_bytes()];
    if !keys.secrets.any(|secret| hmac_fits::<Sha256>(secret.bytes(), &parts, &signature)) {
        return Err(Reason::Mismatch);
    }
    let claims: Claims = part(claims)?;
    fresh(claims.iat, now)?;
    if let Some(seconds) = claims.exp.and_then(|exp| u64::try_from(now - exp).ok()) {
        return Err(Reason::TooOld { seconds });
    }
    if let Some(nbf) = claims.nbf.filter(|nbf| *nbf > now) {
        fresh(nbf, now)?;
    }
    for (claim, wanted, name) in [
        (&claims.api_key, &keys.api_key, "api_key"),
        (&claims.application_id, &keys.application_id, "application_id"),
    ] {
        if claim.is_some() && wanted.is_some() && claim != wanted {
            return Err(Reason::AnotherAccount(name));
        }
    }
    let hash =
        claims.payload_hash.ok_or(Reason::BodyNotCovered("the token has no payload_hash"))?;
    let of_body = hex(&Sha256::digest(callback.body));
    if bool::from(of_body.as_bytes().ct_eq(hash.to_ascii_lowercase().as_bytes())) {
        Ok(Verified::WITHOUT_ID)
    } else {
        Err(Reason::BodyHash)
    }
}

fn part<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Reason> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| Reason::Malformed(AUTHORIZATION))?;
    serde_json::from_slice(&json).map_err(|_| Reason::Malformed(AUTHORIZATION))
}
