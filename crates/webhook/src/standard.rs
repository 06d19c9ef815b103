//! Standard Webhooks 1.0 (<https://github.com/standard-webhooks/standard-webhooks>): signatures
//! over `id.timestamp.body`, `v1` by HMAC-SHA256 and `v1a` by Ed25519, several at once.

use std::str::FromStr;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::Sha256;

use crate::{
    Callback, InvalidKey, PublicKey, Reason, Rotating, Secret, Verified, fresh,
    header::{base64, single},
    secret::hmac_fits,
};

/// Libraries accept secrets with and without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const SHORTEST: usize = 24;
/// More signatures than a rotation needs are not tried.
const MOST_SIGNATURES: usize = 16;

/// `whsec_…` or `whpk_…`.
#[derive(Clone, Debug)]
pub enum StandardKey {
    /// For `v1`.
    Symmetric(Secret),
    /// For `v1a`.
    Asymmetric(PublicKey),
}

/// The keys of a sender.
pub type StandardKeys = Rotating<StandardKey>;

impl FromStr for StandardKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(public) = text.strip_prefix("whpk_") {
            return public.parse().map(Self::Asymmetric);
        }
        let secret = text.strip_prefix("whsec_").ok_or(InvalidKey::Prefix)?;
        let bytes = LENIENT.decode(secret).map_err(|_| InvalidKey::Base64)?;
        if bytes.len() < SHORTEST {
            Err(InvalidKey::Short)
        } else {
            Ok(Self::Symmetric(Secret::new(bytes)))
        }
    }
}

pub(crate) fn verify(
    keys: &StandardKeys,
    callback: &Callback<'_>,
    now: i64,
) -> Result<Verified, Reason> {
    let id = single(callback, "webhook-id")?;
    let timestamp = single(callback, "webhook-timestamp")?;
    let signatures = single(callback, "webhook-signature")?;
    if id.is_empty() || id.contains('.') {
        return Err(Reason::Malformed("webhook-id"));
    }
    let message = [id.as_bytes(), b".", timestamp.as_bytes(), b".", callback.body].concat();
    let fits = signatures.split(' ').take(MOST_SIGNATURES).fold(false, |found, signature| {
        let Some((version, text)) = signature.split_once(',') else { return found };
        let Ok(signature) = base64(text) else { return found };
        found
            | keys.any(|key| match (version, key) {
                ("v1", StandardKey::Symmetric(secret)) => {
                    hmac_fits::<Sha256>(secret.bytes(), &[&message], &signature)
                }
                ("v1a", StandardKey::Asymmetric(key)) => key.verifies(&message, &signature),
                _ => false,
            })
    });
    if !fits {
        return Err(Reason::Mismatch);
    }
    fresh(timestamp.parse().map_err(|_| Reason::Malformed("webhook-timestamp"))?, now)?;
    Ok(Verified { event_id: Some(id.to_owned()) })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::{CallbackUrl, Refused, Verifier};

    fn verify(signature: &str, body: &str, now: i64) -> Result<Verified, Refused> {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap());
        headers.insert("webhook-timestamp", "1614265330".parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let url = CallbackUrl::new("https://example.com", None);
        let callback = Callback { headers: &headers, body: body.as_bytes(), url: &url };
        Verifier::Standard(Rotating::new(key, None)).verify(&callback, now)
    }

    /// The vector of the specification.
    #[test]
    fn the_published_signature_fits() {
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let body = r#"{"test": 2432232314}"#;
        let id = Some("msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned());
        for now in [1_614_265_030, 1_614_265_330, 1_614_265_630] {
            assert_eq!(verify(signature, body, now), Ok(Verified { event_id: id.clone() }));
        }
        let several = format!("v1,AAAA v2,x {signature} v1a,junk");
        assert!(verify(&several, body, 1_614_265_330).is_ok());
        assert_eq!(
            verify(signature, body, 1_614_265_631).unwrap_err().reason,
            Reason::TooOld { seconds: 301 }
        );
        assert_eq!(
            verify(signature, body, 1_614_265_029).unwrap_err().reason,
            Reason::FromTheFuture { seconds: 301 }
        );
        assert_eq!(verify(signature, "{}", 1_614_265_330).unwrap_err().reason, Reason::Mismatch);
        assert_eq!(verify("v1", body, 1_614_265_330).unwrap_err().reason, Reason::Mismatch);
    }

    #[test]
    fn keys_are_read_and_wrong_ones_named() {
        let read = |text: &str| text.parse::<StandardKey>().map(|_| ());
        assert_eq!(read("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Err(InvalidKey::Prefix));
        assert_eq!(read("whsec_AAAA"), Err(InvalidKey::Short));
        assert_eq!(read("whsec_!"), Err(InvalidKey::Base64));
        assert_eq!(read("whpk_AAAA"), Err(InvalidKey::Length(3)));
    }
}
