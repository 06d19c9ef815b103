//! Signed links: JSON Web Tokens (RFC 7519) that open one call until they expire. HS256 (RFC 7518, section
//! 3.2) is the only algorithm; the key id in the header selects the key, never the algorithm. Written on
//! `hmac` alone: the libraries for JWT bring RSA and elliptic curves for a single MAC.

use std::{fmt, str::FromStr, time::Duration};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use shared::CallSid;

use super::scope::{Scope, Scopes};
use crate::clock::later;

/// The audience of every link.
const AUDIENCE: &str = "tapedeck";
/// The audience of a playback grant: what the player's page puts into the address of the audio, so that a
/// recording that plays goes on after its link expired. A link is no grant, and a grant no link.
const GRANT_AUDIENCE: &str = "tapedeck-playback";
/// How much longer than its link a grant lasts, beside twice the length of the recording.
const GRANT_LASTS: Duration = Duration::from_mins(10);
/// A longer token is none of ours: the claims are short.
const LONGEST_TOKEN: usize = 4 * 1024;
/// Bytes of a key: the length of the hash (RFC 7518, section 3.2).
const SHORTEST_KEY: usize = 32;
/// Characters of the name that the audit shows.
pub const LONGEST_NAME: usize = 128;

/// A key that signs links.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey {
    kid: String,
    secret: Vec<u8>,
}

impl LinkKey {
    /// A key with this id. An error says what would do.
    pub fn new(kid: &str, secret: Vec<u8>) -> Result<Self, String> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if !(1..=64).contains(&kid.len()) || !kid.bytes().all(is_plain) {
            return Err("a key id is 1 to 64 of letters, digits, dot, underscore and hyphen".into());
        }
        if secret.len() < SHORTEST_KEY {
            return Err(format!(
                "the key {kid} is shorter than {SHORTEST_KEY} bytes; make one with `openssl rand -base64 32`"
            ));
        }
        Ok(Self { kid: kid.to_owned(), secret })
    }

    /// The id that the header of its tokens names.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.secret);
        let mut mac = mac.expect("HMAC takes a key of any length");
        mac.update(signed.as_bytes());
        mac
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkKey({}, …)", self.kid)
    }
}

/// The keys that are valid at the moment. New links are signed by the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkKeys(Vec<LinkKey>);

/// `TAPEDECK_LINK_KEYS`: `kid:base64`, comma-separated.
impl FromStr for LinkKeys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut keys = Self::default();
        for entry in text.split(',').map(str::trim) {
            let (kid, secret) = entry
                .split_once(':')
                .ok_or("is not kid:base64, comma-separated, such as 2026:bWFkZS1ieS1vcGVuc3Ns…")?;
            let secret = STANDARD
                .decode(secret)
                .map_err(|_| format!("the key {} is not standard base64", kid.escape_debug()))?;
            let key = LinkKey::new(kid, secret)?;
            if keys.find(key.kid()).is_some() {
                return Err(format!("the key id {} stands there twice", key.kid()));
            }
            keys.0.push(key);
        }
        Ok(keys)
    }
}

impl LinkKeys {
    /// These keys; the first signs.
    pub fn new(keys: Vec<LinkKey>) -> Self {
        Self(keys)
    }

    /// The key of this id.
    pub fn find(&self, kid: &str) -> Option<&LinkKey> {
        self.0.iter().find(|key| key.kid == kid)
    }

    /// The key that signs new links.
    pub fn signing(&self) -> Option<&LinkKey> {
        self.0.first()
    }
}

/// What a valid link opens, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The key that signed it: its playback grants end with the same key.
    pub kid: String,
    /// The call.
    pub call_sid: CallSid,
    /// One part of it, or every part.
    pub part: Option<u32>,
    /// `listen`, `download` or both.
    pub scopes: Scopes,
    /// When it expires. A request that began before goes on.
    pub expires_at: Timestamp,
    /// When it begins to be valid.
    pub not_before: Option<Timestamp>,
    /// The only site that may frame the player.
    pub origin: Option<String>,
    /// The person whom the audit names.
    pub by: Option<String>,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not signed by a valid key, or its claims are wrong: 403 `link_invalid`.
    #[error("the link is not valid")]
    Invalid,
    /// Signed by a valid key, and over: 410 `link_expired`.
    #[error("the link has expired")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crit: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<u32>,
    scope: String,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    aud: Audience,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// One audience, or several (RFC 7519, section 4.1.3).
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Link {
    /// The token of this link, signed by `key`.
    pub fn sign(&self, key: &LinkKey) -> String {
        self.token(AUDIENCE, key)
    }

    /// The playback grant of this link: one part of the call, for as long as a listener who begins in the
    /// link's last second may take.
    pub fn grant(&self, part: u32, length: Duration, key: &LinkKey) -> String {
        let lasts = length.saturating_mul(2).saturating_add(GRANT_LASTS);
        let grant = Self {
            part: Some(part),
            expires_at: later(self.expires_at, lasts),
            not_before: None,
            ..self.clone()
        };
        grant.token(GRANT_AUDIENCE, key)
    }

    fn token(&self, audience: &str, key: &LinkKey) -> String {
        let header = Header { alg: "HS256".into(), kid: key.kid.clone(), crit: None };
        let words: Vec<_> = self.scopes.iter().map(Scope::as_str).collect();
        let claims = Claims {
            sub: self.call_sid.to_string(),
            part: self.part,
            scope: words.join(" "),
            exp: self.expires_at.as_second(),
            nbf: self.not_before.map(Timestamp::as_second),
            aud: Audience::One(audience.into()),
            origin: self.origin.clone(),
            by: self.by.clone(),
        };
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mac = key.mac(&signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Verifies a token at `now`. Without leeway: both sides have clocks. A token that expires later than
    /// `longest` from now is invalid.
    pub fn verify(
        token: &str,
        keys: &LinkKeys,
        now: Timestamp,
        longest: Duration,
    ) -> Result<Self, LinkError> {
        let link = Self::read(token, AUDIENCE, keys, now)?;
        let ahead = now.duration_until(link.expires_at);
        let is_too_long = jiff::SignedDuration::try_from(longest).is_ok_and(|most| ahead > most);
        if is_too_long || link.not_before.is_some_and(|from| now < from) {
            return Err(LinkError::Invalid);
        }
        Ok(link)
    }

    /// Verifies a playback grant at `now`.
    pub fn verify_grant(token: &str, keys: &LinkKeys, now: Timestamp) -> Result<Self, LinkError> {
        Self::read(token, GRANT_AUDIENCE, keys, now)
    }

    fn read(
        token: &str,
        audience: &str,
        keys: &LinkKeys,
        now: Timestamp,
    ) -> Result<Self, LinkError> {
        let claims = signed_claims(token, keys).ok_or(LinkError::Invalid)?;
        let (kid, claims) = claims;
        let link = Self::from_claims(kid, claims, audience).ok_or(LinkError::Invalid)?;
        if now >= link.expires_at { Err(LinkError::Expired) } else { Ok(link) }
    }

    fn from_claims(kid: String, claims: Claims, audience: &str) -> Option<Self> {
        let is_ours = match &claims.aud {
            Audience::One(one) => one == audience,
            Audience::Several(several) => several.iter().any(|one| one == audience),
        };
        let words = claims.scope.split([' ', ',']).filter(|word| !word.is_empty());
        let scopes: Scopes = words.map(str::parse).collect::<Result<_, _>>().ok()?;
        let is_playback = |scope| matches!(scope, Scope::Listen | Scope::Download);
        let is_right = is_ours
            && !scopes.is_empty()
            && scopes.iter().all(is_playback)
            && claims.part != Some(0)
            && claims.by.as_ref().is_none_or(|by| is_name(by))
            && claims.origin.as_ref().is_none_or(|origin| is_origin(origin));
        if !is_right {
            return None;
        }
        Some(Self {
            kid,
            call_sid: claims.sub.parse().ok()?,
            part: claims.part,
            scopes,
            expires_at: Timestamp::from_second(claims.exp).ok()?,
            not_before: match claims.nbf {
                Some(nbf) => Some(Timestamp::from_second(nbf).ok()?),
                None => None,
            },
            origin: claims.origin,
            by: claims.by,
        })
    }
}

/// The claims and the key id, where a valid key signed them.
fn signed_claims(token: &str, keys: &LinkKeys) -> Option<(String, Claims)> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = decode(header)?;
    if header.alg != "HS256" || header.crit.is_some() {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    keys.find(&header.kid)?.mac(signed).verify_slice(&signature).ok()?;
    Some((header.kid, decode(claims)?))
}

/// Whether a text can be the name that the audit shows.
pub fn is_name(name: &str) -> bool {
    let count = name.chars().count();
    (1..=LONGEST_NAME).contains(&count) && !name.chars().any(char::is_control)
}

/// An origin as browsers send it (RFC 6454, section 6.2): nothing that ends a word of a policy.
fn is_origin(origin: &str) -> bool {
    url::Url::parse(origin).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == origin
    })
}

fn encode(part: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("plain data with text for keys"))
}

fn decode<T: for<'a> Deserialize<'a>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: Duration = Duration::from_hours(7 * 24);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn keys() -> LinkKeys {
        let old = LinkKey::new("2025", vec![1; 32]).unwrap();
        let new = LinkKey::new("2026", vec![2; 32]).unwrap();
        LinkKeys::new(vec![new, old])
    }

    fn link() -> Link {
        Link {
            kid: "2026".into(),
            call_sid: "CA1".parse().unwrap(),
            part: Some(2),
            scopes: "listen".parse().unwrap(),
            expires_at: at(600),
            not_before: Some(at(-5)),
            origin: Some("https://crm.example.com".into()),
            by: Some("dana@example.com".into()),
        }
    }

    fn token(header: &str, claims: &str, key: &LinkKey) -> String {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = format!("{header}.{claims}");
        let mac = key.mac(&signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    #[test]
    fn a_link_says_what_was_signed_with_any_valid_key() {
        for key in &keys().0 {
            let token = link().sign(key);
            let signed = Link { kid: key.kid().into(), ..link() };
            assert_eq!(Link::verify(&token, &keys(), at(0), WEEK), Ok(signed));
        }
        let removed = LinkKeys::new(vec![LinkKey::new("2026", vec![2; 32]).unwrap()]);
        let old = link().sign(&keys().0[1]);
        assert_eq!(Link::verify(&old, &removed, at(0), WEEK), Err(LinkError::Invalid));
    }

    #[test]
    fn it_expires_at_its_second_and_only_a_good_signature_says_so() {
        let signed = link().sign(keys().signing().unwrap());
        let verify = |token: &str, now| Link::verify(token, &keys(), at(now), WEEK);
        assert!(verify(&signed, 599).is_ok());
        assert_eq!(verify(&signed, 600), Err(LinkError::Expired));
        assert_eq!(verify(&signed, -6), Err(LinkError::Invalid), "not valid yet");
        let forged = link().sign(&LinkKey::new("2026", vec![3; 32]).unwrap());
        assert_eq!(verify(&forged, 600), Err(LinkError::Invalid));
    }

    #[test]
    fn one_character_changed_anywhere_makes_it_invalid() {
        let signed = link().sign(keys().signing().unwrap());
        // The last character carries 2 bits that decode to nothing; they must be zero too.
        for at_byte in 0..signed.len() {
            let mut changed = signed.clone().into_bytes();
            changed[at_byte] = if changed[at_byte] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            if changed == signed {
                continue;
            }
            let verdict = Link::verify(&changed, &keys(), at(0), WEEK);
            assert_eq!(verdict, Err(LinkError::Invalid), "byte {at_byte}");
        }
    }

    #[test]
    fn the_header_chooses_no_algorithm_and_wrong_claims_open_nothing() {
        let key = keys().signing().unwrap().clone();
        let header = r#"{"alg":"HS256","kid":"2026","typ":"JWT"}"#;
        let claims =
            |more: &str| format!(r#"{{"sub":"CA1","scope":"listen","aud":"tapedeck",{more}}}"#);
        let good = claims(&format!("\"exp\":{}", at(60).as_second()));
        let verify = |token: &str| Link::verify(token, &keys(), at(0), WEEK);
        assert!(verify(&token(header, &good, &key)).is_ok());
        for bad in [
            r#"{"alg":"none","kid":"2026"}"#,
            r#"{"alg":"HS512","kid":"2026"}"#,
            r#"{"alg":"RS256","kid":"2026"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS256","kid":"2027"}"#,
            r#"{"alg":"HS256","kid":"2026","crit":["b64"]}"#,
        ] {
            assert_eq!(verify(&token(bad, &good, &key)), Err(LinkError::Invalid), "{bad}");
        }
        let exp = at(60).as_second();
        for bad in [
            r#"{"sub":"CA1","scope":"listen","aud":"tapedeck"}"#.to_owned(),
            claims(&format!("\"exp\":{}", at(0).as_second() + 8 * 24 * 3600)),
            format!(r#"{{"sub":"CA1","scope":"admin","aud":"tapedeck","exp":{exp}}}"#),
            format!(r#"{{"sub":"CA1","scope":"","aud":"tapedeck","exp":{exp}}}"#),
            format!(r#"{{"sub":"CA1","scope":"listen","aud":"other","exp":{exp}}}"#),
            format!(r#"{{"sub":"../x","scope":"listen","aud":"tapedeck","exp":{exp}}}"#),
            claims(&format!("\"exp\":{exp},\"part\":0")),
            claims(&format!("\"exp\":{exp},\"origin\":\"https://a.example; script-src *\"")),
            claims(&format!("\"exp\":{exp},\"origin\":\"https://a.example/path\"")),
            claims(&format!("\"exp\":{exp},\"by\":\"a\\nb\"")),
        ] {
            assert_eq!(verify(&token(header, &bad, &key)), Err(LinkError::Invalid), "{bad}");
        }
        for bad in ["", ".", "..", "a.b", "a.b.c", &"x".repeat(5_000)] {
            assert_eq!(verify(bad), Err(LinkError::Invalid), "{bad}");
        }
    }

    #[test]
    fn a_grant_outlasts_its_link_and_is_no_link() {
        let key = keys().signing().unwrap().clone();
        let grant = link().grant(2, Duration::from_secs(100), &key);
        let verify = |now| Link::verify_grant(&grant, &keys(), at(now));
        assert_eq!(verify(600).unwrap().part, Some(2));
        assert!(verify(600 + 200 + 599).is_ok());
        assert_eq!(verify(600 + 200 + 600), Err(LinkError::Expired));
        assert_eq!(Link::verify(&grant, &keys(), at(0), WEEK), Err(LinkError::Invalid));
        let link = link().sign(&key);
        assert_eq!(Link::verify_grant(&link, &keys(), at(0)), Err(LinkError::Invalid));
    }

    #[test]
    fn keys_are_long_enough_and_named_apart() {
        let long = STANDARD.encode([7; 32]);
        let keys: LinkKeys = format!("a:{long}, b:{long}").parse().unwrap();
        assert_eq!(keys.signing().unwrap().kid(), "a");
        for (text, says) in [
            ("x", "is not kid:base64"),
            ("a:AAAA", "shorter than 32 bytes"),
            ("a:!!", "not standard base64"),
            (&format!("a:{long},a:{long}"), "twice"),
            (&format!("a b:{long}"), "a key id is"),
        ] {
            let error = text.parse::<LinkKeys>().unwrap_err();
            assert!(error.contains(says) && !error.contains(&long), "{error}");
        }
    }
}
