//! Where a provider keeps a recording: a URL, parsed once at the edge.
//!
//! Such a URL may be a secret by itself (signed links), so nothing here prints more than its host.
//! Whether an address may be fetched from is decided by `fetch`, at the time of the download.

use std::{fmt, str::FromStr};

use fetch::{InvalidUrl, check_url};
use url::Url;

/// An http or https URL of at most 2,048 characters, without a user or password.
///
/// [`Debug`] shows the host alone; [`as_str`](Self::as_str) gives the whole, for the store.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RecordingUrl {
    /// As it was registered: what is stored must parse again, and percent-encoding makes it longer.
    text: String,
    url: Url,
}

/// Why a text is not a [`RecordingUrl`], and what would do. Never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecordingUrl {
    /// Longer than [`RecordingUrl::MAX_LENGTH`].
    #[error("is longer than 2,048 characters; register a shorter link")]
    TooLong,
    /// Control characters, which URL parsers remove without a word.
    #[error("holds a control character; remove line breaks and tabs")]
    ControlCharacter,
    /// Not a URL, or one without a host.
    #[error("is not a whole URL; write it as https://host/path")]
    NotAUrl,
    /// Another scheme.
    #[error("begins with neither http:// nor https://; only those can be fetched")]
    Scheme,
    /// User information (RFC 3986, section 3.2.1).
    #[error("holds a user or password; leave them out and set TAPEDECK_PROVIDER_AUTH instead")]
    Credentials,
}

impl RecordingUrl {
    /// The longest URL, in characters.
    pub const MAX_LENGTH: usize = 2_048;

    /// The whole URL as it was registered. For the store; not for logs or bodies.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole URL, parsed. For the provider; not for logs or bodies.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host, normalised: lower case, IDNA as Punycode, addresses in their usual notation.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default() // `check_url` wants one
    }
}

impl FromStr for RecordingUrl {
    type Err = InvalidRecordingUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidRecordingUrl::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidRecordingUrl::ControlCharacter);
        }
        let url = Url::parse(text).map_err(|_| InvalidRecordingUrl::NotAUrl)?;
        check_url(&url)?;
        Ok(Self { text: text.to_owned(), url })
    }
}

impl From<InvalidUrl> for InvalidRecordingUrl {
    fn from(fault: InvalidUrl) -> Self {
        match fault {
            InvalidUrl::Scheme => Self::Scheme,
            InvalidUrl::Credentials => Self::Credentials,
            InvalidUrl::NoHost => Self::NotAUrl,
        }
    }
}

impl fmt::Debug for RecordingUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordingUrl(at {})", self.host())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<RecordingUrl, InvalidRecordingUrl> {
        text.parse()
    }

    #[test]
    fn http_and_https_with_a_host_will_do() {
        for good in [
            "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.wav",
            "http://127.0.0.1:9000/a.wav?sig=x#y",
            "HTTPS://EXAMPLE.com",
            "http://[::1]:8000/",
            "https://bücher.example/ton.wav",
            "  https://example.com/padded  ",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn each_fault_has_its_own_word() {
        use InvalidRecordingUrl::{ControlCharacter, Credentials, NotAUrl, Scheme, TooLong};
        for (bad, fault) in [
            ("", NotAUrl),
            ("example.com/a.wav", NotAUrl),
            ("/a.wav", NotAUrl),
            ("http://", NotAUrl),
            ("https://:80/", NotAUrl),
            ("http://999.1.1.1/", NotAUrl),
            ("ftp://example.com/a.wav", Scheme),
            ("file:///etc/passwd", Scheme),
            ("javascript:alert(1)", Scheme),
            ("https://user@example.com/", Credentials),
            ("https://user:password@example.com/", Credentials),
            ("https://:password@example.com/", Credentials),
            ("https://exam\nple.com/", ControlCharacter),
        ] {
            assert_eq!(parse(bad), Err(fault), "{bad:?}");
        }
        let path = "x".repeat(RecordingUrl::MAX_LENGTH - "http://a/".len());
        assert!(parse(&format!("http://a/{path}")).is_ok());
        assert_eq!(parse(&format!("http://a/{path}x")), Err(TooLong));
    }

    #[test]
    fn debug_shows_the_host_alone() {
        let url = parse("https://example.com/secret/path?token=hidden").unwrap();
        assert_eq!(format!("{url:?}"), "RecordingUrl(at example.com)");
        assert_eq!(url.as_str(), "https://example.com/secret/path?token=hidden");
    }

    proptest! {
        #[test]
        fn what_was_accepted_is_accepted_again_from_the_store(path in "\\PC{0,60}") {
            if let Ok(url) = parse(&format!("https://example.com/{path}")) {
                prop_assert_eq!(parse(url.as_str()), Ok(url));
            }
        }
    }
}
