//! Plivo: `X-Plivo-Signature-V3`, HMAC-SHA256 over the URL, the sorted fields and a nonce
//! (<https://www.plivo.com/docs/voice/concepts/signature-validation>). Version 2 does not cover the
//! body, so it is refused.

use http::header::CONTENT_TYPE;
use sha2::Sha256;

use crate::{
    Callback, Fields, Reason, Refused, Rotating, Secret, Verified,
    header::{base64, optional, single},
    secret::hmac_fits,
    url::CallbackUrl,
};

const NONCE: &str = "x-plivo-signature-v3-nonce";
const SIGNATURE: &str = "x-plivo-signature-v3";
const MAIN_ACCOUNT: &str = "x-plivo-signature-ma-v3";

pub(crate) fn verify(
    tokens: &Rotating<Secret>,
    callback: &Callback<'_>,
) -> Result<Verified, Refused> {
    let given = [optional(callback, SIGNATURE)?, optional(callback, MAIN_ACCOUNT)?];
    if given.iter().all(Option::is_none) {
        let has_second = callback.headers.contains_key("x-plivo-signature-v2");
        return Err(if has_second {
            Reason::Unsupported("version 2 of Plivo's signature does not cover the body; use V3")
                .into()
        } else {
            Reason::Missing(SIGNATURE).into()
        });
    }
    let nonce = single(callback, NONCE)?;
    let signatures: Vec<_> = given
        .iter()
        .flatten()
        .flat_map(|list| list.split(','))
        .filter_map(|signature| base64(signature.trim()).ok())
        .collect();
    let fields = fields(callback)?;
    let fits = |url: &CallbackUrl| {
        let Some(text) = signed_text(url, &fields) else { return false };
        let parts = [text.as_bytes(), b".", nonce.as_bytes()];
        signatures.iter().fold(false, |found, signature| {
            found | tokens.any(|token| hmac_fits::<Sha256>(token.bytes(), &parts, signature))
        })
    };
    if fits(callback.url) {
        return Ok(Verified::WITHOUT_ID);
    }
    let others = callback.url.others(callback.headers);
    Err(Refused {
        reason: Reason::Mismatch,
        signed_url: Some(callback.url.shown()),
        would_fit: others.iter().find(|url| fits(url)).map(CallbackUrl::shown),
    })
}

fn fields(callback: &Callback<'_>) -> Result<Fields, Reason> {
    let kind = callback.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if !callback.body.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Reason::BodyNotCovered("it is no form"));
    }
    Fields::parse(callback.body).map_err(|_| Reason::BodyNotCovered("it is not a plain form"))
}

/// The URL with its query sorted; where there are fields a `?` in any case, a `.` behind a query,
/// then names and values without anything between.
fn signed_text(url: &CallbackUrl, fields: &Fields) -> Option<String> {
    let query = Fields::parse(url.query().unwrap_or_default().as_bytes()).ok()?;
    let query =
        query.sorted().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    let query = query.join("&");
    let mut text = url.base().to_owned();
    if !query.is_empty() || !fields.is_empty() {
        text.push('?');
        text.push_str(&query);
    }
    if !query.is_empty() && !fields.is_empty() {
        text.push('.');
    }
    for (name, value) in fields.sorted() {
        text.push_str(name);
        text.push_str(value);
    }
    Some(text)
}
