//! Twilio and SignalWire: `X-Twilio-Signature`, base64 of an HMAC over the URL and the sorted form
//! fields (<https://www.twilio.com/docs/usage/security#validating-requests>). HMAC-SHA1 with the
//! auth token; with `X-Twilio-Webhooks-Signature-Settings` HMAC-SHA256 and a named key.

use http::header::CONTENT_TYPE;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    Callback, Fields, Reason, Refused, Rotating, Secret, Verified,
    header::{base64, optional, single},
    secret::hmac_fits,
    url::CallbackUrl,
};

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
const BODY_HASH: &str = "bodySHA256";

/// Larger bodies are not tried again with other spellings of the URL.
const LARGEST_TO_EXPLAIN: usize = 8 * 1024;

/// What an account signs with.
#[derive(Clone, Debug)]
pub struct TwilioKeys {
    /// The account's auth token.
    pub tokens: Rotating<Secret>,
    /// A key made for webhooks alone, if the account has one.
    pub named: Option<NamedKey>,
}

/// A key that the settings header names.
#[derive(Clone, Debug)]
pub struct NamedKey {
    /// Its id: `webhooks_sharedkey_…`.
    pub id: String,
    /// Its secret.
    pub secrets: Rotating<Secret>,
}

#[derive(Clone, Copy)]
enum Algorithm {
    Sha1,
    Sha256,
}

pub(crate) fn verify(keys: &TwilioKeys, callback: &Callback<'_>) -> Result<Verified, Refused> {
    let signature = base64(single(callback, SIGNATURE)?)?;
    let (algorithm, secrets) = chosen(keys, optional(callback, SETTINGS)?)?;
    let tail = tail(callback)?;
    let fits = |url: &CallbackUrl| {
        url.port_spellings().iter().fold(false, |found, url| {
            let parts = [url.as_bytes(), tail.as_bytes()];
            found
                | secrets.any(|secret| match algorithm {
                    Algorithm::Sha1 => hmac_fits::<Sha1>(secret.bytes(), &parts, &signature),
                    Algorithm::Sha256 => hmac_fits::<Sha256>(secret.bytes(), &parts, &signature),
                })
        })
    };
    if fits(callback.url) {
        return Ok(Verified::WITHOUT_ID);
    }
    let others = match callback.body.len() {
        0..=LARGEST_TO_EXPLAIN => callback.url.others(callback.headers),
        _ => Vec::new(),
    };
    Err(Refused {
        reason: Reason::Mismatch,
        signed_url: Some(callback.url.shown()),
        would_fit: others.iter().find(|url| fits(url)).map(CallbackUrl::shown),
    })
}

/// Which algorithm and secret the settings header asks for.
fn chosen<'a>(
    keys: &'a TwilioKeys,
    settings: Option<&str>,
) -> Result<(Algorithm, &'a Rotating<Secret>), Reason> {
    let setting = |wanted: &str| {
        let parts = settings.unwrap_or_default().split(',').filter_map(|part| part.split_once('='));
        let mut found = parts.filter(|(name, _)| name.trim() == wanted);
        found.next().map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let algorithm = match setting("algorithm").map(str::to_ascii_uppercase).as_deref() {
        None | Some("HMAC_SHA1") => Algorithm::Sha1,
        Some("HMAC_SHA256") => Algorithm::Sha256,
        Some(_) => return Err(Reason::Unsupported("the signature's algorithm is not known")),
    };
    let secrets = match (setting("key"), &keys.named) {
        (None, _) => &keys.tokens,
        (Some(id), Some(named)) if named.id == id => &named.secrets,
        (Some(_), _) => return Err(Reason::UnknownKey),
    };
    Ok((algorithm, secrets))
}

/// What the signature covers behind the URL: of each field that comes several times the distinct
/// values, sorted.
fn tail(callback: &Callback<'_>) -> Result<String, Reason> {
    let kind = callback.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") || callback.body.is_empty() {
        let fields = Fields::parse(callback.body)
            .map_err(|_| Reason::BodyNotCovered("it is not a plain form"))?;
        let mut sorted = fields.sorted();
        sorted.dedup();
        return Ok(sorted.iter().flat_map(|(name, value)| [*name, *value]).collect());
    }
    let query = Fields::parse(callback.url.query().unwrap_or_default().as_bytes());
    let hash = query.ok().and_then(|query| query.get(BODY_HASH).map(str::to_ascii_lowercase));
    let hash =
        hash.ok_or(Reason::BodyNotCovered("it is no form, and the URL has no bodySHA256"))?;
    let of_body = hex(&Sha256::digest(callback.body));
    if bool::from(of_body.as_bytes().ct_eq(hash.as_bytes())) {
        Ok(String::new())
    } else {
        Err(Reason::BodyHash)
    }
}

/// In lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::Verifier;

    const BODY: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234\
                        &From=%2B14158675309&To=%2B18005551212";

    fn verify(
        base: &str,
        query: &str,
        signature: &'static str,
        body: &str,
    ) -> Result<Verified, Refused> {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, HeaderValue::from_static(signature));
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8"),
        );
        headers.insert("host", HeaderValue::from_static("mycompany.com"));
        let tokens = Rotating::new(Secret::new("new"), Some(Secret::new("12345")));
        let verifier = Verifier::Twilio(TwilioKeys { tokens, named: None });
        let url = CallbackUrl::new(base, Some(query));
        verifier.verify(&Callback { headers: &headers, body: body.as_bytes(), url: &url }, 0)
    }

    /// The vectors of twilio-node.
    #[test]
    fn published_signatures_fit_with_and_without_the_port() {
        for signature in ["RSOYDt4T1cUTdK1PDd93/VVr8B8=", "kvajT1Ptam85bY51eRf/AJRuM3w="] {
            for base in ["https://mycompany.com/myapp.php", "https://mycompany.com:443/myapp.php"] {
                assert!(verify(base, "foo=1&bar=2", signature, BODY).is_ok(), "{base} {signature}");
            }
        }
    }

    #[test]
    fn a_wrong_url_is_named_beside_the_one_that_fits() {
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        for base in [
            "http://mycompany.com/myapp.php",
            "https://inside:3000/myapp.php",
            "https://mycompany.com/myapp.php/",
        ] {
            let refused = verify(base, "foo=1&bar=2", signature, BODY).unwrap_err();
            assert_eq!(refused.reason, Reason::Mismatch);
            assert_eq!(refused.signed_url, Some(format!("{base}?…")));
            assert_eq!(refused.would_fit.as_deref(), Some("https://mycompany.com/myapp.php?…"));
        }
        let refused =
            verify("https://mycompany.com/myapp.php", "foo=1&bar=2", signature, "CallSid=x")
                .unwrap_err();
        assert_eq!(refused.would_fit, None);
        assert!(!refused.to_string().contains("foo"), "{refused}");
    }
}
