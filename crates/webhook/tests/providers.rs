//! Each provider's own library signs callbacks; this crate accepts them, and refuses them with any
//! one byte changed. Needs Python and the libraries: `cargo xtask test` names their folder in
//! `TAPEDECK_TEST_TELEPHONY`.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

use std::{collections::BTreeMap, io::Write as _, path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use webhook::{
    Callback, CallbackUrl, Fields, NamedKey, Reason, Refused, Rotating, Secret, TwilioKeys,
    Verified, Verifier, VonageKeys,
};

#[derive(Deserialize)]
struct Signed {
    now: i64,
    callbacks: Vec<Case>,
}

#[derive(Clone, Deserialize)]
struct Case {
    provider: String,
    keys: BTreeMap<String, String>,
    base: String,
    query: String,
    body: String,
    headers: BTreeMap<String, String>,
}

impl Case {
    fn verifier(&self) -> Verifier {
        let key = |name: &str| self.keys.get(name).map(String::as_str);
        let secret = |name: &str| Secret::new(key(name).unwrap());
        match self.provider.as_str() {
            "twilio" | "signalwire" => Verifier::Twilio(TwilioKeys {
                tokens: Rotating::new(secret("token"), key("previous").map(Secret::new)),
                named: key("named").map(|id| NamedKey {
                    id: id.to_owned(),
                    secrets: Rotating::new(secret("named_secret"), None),
                }),
            }),
            "telnyx" => {
                Verifier::Telnyx(Rotating::new(key("public_key").unwrap().parse().unwrap(), None))
            }
            "plivo" => Verifier::Plivo(Rotating::new(Secret::new("new"), Some(secret("token")))),
            "vonage" => Verifier::Vonage(VonageKeys {
                secrets: Rotating::new(secret("secret"), None),
                api_key: key("api_key").map(str::to_owned),
                application_id: key("application_id").map(str::to_owned),
            }),
            "bandwidth" => {
                let pair = STANDARD.decode(key("pair").unwrap()).unwrap();
                Verifier::Basic(Rotating::new(Secret::new(pair), None))
            }
            "standard" => {
                Verifier::Standard(Rotating::new(key("key").unwrap().parse().unwrap(), None))
            }
            other => panic!("{other}"),
        }
    }

    /// With `extra` headers, as a proxy adds them.
    fn verify_behind(&self, extra: &[(&'static str, &str)], now: i64) -> Result<Verified, Refused> {
        let mut headers = HeaderMap::new();
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(extra.iter().copied()) {
            let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else {
                return Err(Reason::Malformed("any").into()); // no request can carry it
            };
            headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
        }
        let url = CallbackUrl::new(self.base.as_str(), Some(&self.query));
        let callback = Callback { headers: &headers, body: self.body.as_bytes(), url: &url };
        self.verifier().verify(&callback, now)
    }

    fn verify(&self, now: i64) -> Result<Verified, Refused> {
        self.verify_behind(&[], now)
    }
}

/// The same text with one byte changed, at every place.
fn changed(text: &str) -> impl Iterator<Item = String> + '_ {
    let other = |byte: u8| if byte == b'x' { b'y' } else { b'x' };
    (0..text.len()).filter(|at| text.as_bytes()[*at].is_ascii()).map(move |at| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = other(bytes[at]);
        String::from_utf8(bytes).unwrap()
    })
}

fn signed() -> Option<Signed> {
    let Some(folder) = std::env::var_os("TAPEDECK_TEST_TELEPHONY") else {
        // Past the test's captured output: skipped tests are counted.
        let _ = writeln!(
            std::io::stdout(),
            "skipped: callbacks: TAPEDECK_TEST_TELEPHONY does not name the providers' libraries"
        );
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sign.py");
    let output = Command::new("python3").arg(script).env("PYTHONPATH", folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn what_the_providers_libraries_sign_is_accepted_and_any_changed_byte_refused() {
    let Some(Signed { now, callbacks }) = signed() else { return };
    let providers = ["twilio", "signalwire", "telnyx", "plivo", "vonage", "bandwidth", "standard"];
    assert!(providers.iter().all(|name| callbacks.iter().any(|case| case.provider == *name)));
    for case in callbacks {
        let name = format!("{} {:?}", case.provider, case.headers);
        case.verify(now).unwrap_or_else(|why| panic!("{name}: {why}"));

        // Bandwidth signs nothing: only its credentials count.
        if case.provider != "bandwidth" {
            for body in changed(&case.body) {
                let other = Case { body, ..case.clone() };
                assert!(other.verify(now).is_err(), "{name}: {}", other.body);
            }
        }
        // Telnyx, Vonage and Standard Webhooks do not sign the URL.
        if matches!(case.provider.as_str(), "twilio" | "signalwire" | "plivo") {
            for base in changed(&case.base) {
                let other = Case { base, ..case.clone() };
                assert!(other.verify(now).is_err(), "{name}: {}", other.base);
            }
            for query in changed(&case.query) {
                let other = Case { query, ..case.clone() };
                assert!(other.verify(now).is_err(), "{name}: {}", other.query);
            }
        }
        for (header, value) in case.headers.iter().filter(|(header, _)| *header != "content-type") {
            for changed in changed(value) {
                let mut other = case.clone();
                other.headers.insert(header.clone(), changed.clone());
                // One of several signatures may be wrong, and a scheme's name is a word.
                let is_same = (header.ends_with("signature-v3") && changed.contains(&value[5..]))
                    || (header == "webhook-signature"
                        && value.split(' ').any(|one| {
                            changed.split(' ').any(|other| {
                                one == other
                                    && one.starts_with(if case.keys["key"].starts_with("whpk_") {
                                        "v1a,"
                                    } else {
                                        "v1,"
                                    })
                            })
                        }));
                assert!(is_same || other.verify(now).is_err(), "{name}: {header}: {changed}");
            }
            let mut other = case.clone();
            other.headers.remove(header);
            let is_needed = other.verify(now).is_err();
            assert!(is_needed, "{name}: without {header}");
        }
    }
}

#[test]
fn old_and_future_signatures_are_refused_where_the_scheme_has_a_time() {
    let Some(Signed { now, callbacks }) = signed() else { return };
    for case in callbacks {
        let has_time = matches!(case.provider.as_str(), "telnyx" | "vonage" | "standard");
        for (offset, is_old) in [(299, false), (-299, false), (302, true), (-302, true)] {
            let refused = case.verify(now + offset).is_err();
            assert_eq!(refused, has_time && is_old, "{} {offset}", case.provider);
        }
    }
}

#[test]
fn proxies_change_nothing_and_a_wrong_public_url_is_explained() {
    let Some(Signed { now, callbacks }) = signed() else { return };
    let proxy = [
        ("host", "127.0.0.1:3000"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "8080"),
    ];
    for case in callbacks {
        case.verify_behind(&proxy, now).unwrap_or_else(|why| panic!("{}: {why}", case.provider));
        if !matches!(case.provider.as_str(), "twilio" | "signalwire" | "plivo") {
            continue;
        }
        // What the request claims is never believed; it only explains.
        let wrong = Case { base: "http://10.0.0.1:3000/hooks/main".to_owned(), ..case.clone() };
        let claims = [("host", "127.0.0.1:3000"), ("x-forwarded-host", "calls.example.com")];
        let refused = wrong.verify_behind(&claims, now).unwrap_err();
        assert_eq!(refused.reason, Reason::Mismatch, "{}", case.provider);
        let query = if case.query.is_empty() { "" } else { "?…" };
        let fits = format!("https://calls.example.com/hooks/main{query}");
        assert_eq!(refused.would_fit, Some(fits), "{}", case.provider);
    }
}

#[test]
fn a_body_under_another_type_is_not_covered() {
    let Some(Signed { now, callbacks }) = signed() else { return };
    for mut case in
        callbacks.into_iter().filter(|case| case.headers.contains_key("x-twilio-signature"))
    {
        let is_form = Fields::parse(case.body.as_bytes()).is_ok();
        let other = if is_form { "application/json" } else { "application/x-www-form-urlencoded" };
        case.headers.insert("content-type".to_owned(), other.to_owned());
        assert!(case.verify(now).is_err(), "{}", case.body);
    }
}
