//! The credentials for each host and path.
//!
//! Secrets leave this file only as a header of a request; no error and no `Debug` shows one.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use reqwest::RequestBuilder;
use thiserror::Error;
use url::{Host, Url};

use super::host::{HostPort, InvalidHost};

/// Entries `host[:port][/path]=SECRET`, comma-separated, where `SECRET` is one of
///
/// - `user:password` (HTTP Basic, RFC 7617),
/// - `Bearer TOKEN` (RFC 6750),
/// - `Header-Name: value` (a colon and a space make it a header).
///
/// The entry with the longest path applies; between equal ones, the one with the port. There are no
/// wildcards: a secret is for one party. A secret can't hold a comma.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials(Vec<Credential>);

/// A secret for one host, and for all below one path there (RFC 7617, section 2.2).
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credential {
    host: HostPort,
    /// Normalised as URLs are, without a slash at the end; empty for the whole host.
    path: String,
    secret: Secret,
}

#[derive(Clone, PartialEq, Eq)]
enum Secret {
    Basic {
        user: String,
        password: String,
    },
    Header(HeaderName, HeaderValue),
    /// A bearer token in a file, which is read for each request: it may be renewed there.
    TokenFile(PathBuf),
}

/// Why a text is not a set of [`Credentials`]. Entries are counted, never quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidCredentials {
    /// No equals sign, or nothing that is a secret after it.
    #[error(
        "entry {0} is none of host=user:password, host=Bearer TOKEN and host=Header-Name: value \
         (a path may follow the host; a secret can't hold a comma)"
    )]
    Shape(usize),
    /// The part before the equals sign.
    #[error("entry {0}: what stands before the `=` {1}")]
    Host(usize, InvalidHost),
    /// The path can't be one of a URL.
    #[error("entry {0}: the path is not one that a URL can have")]
    Path(usize),
    /// Characters that no header can carry.
    #[error("entry {0}: the secret has characters that no header can carry")]
    Characters(usize),
    /// A header that HTTP itself needs.
    #[error(
        "entry {0}: this header belongs to HTTP itself; choose Authorization or one of the provider's"
    )]
    Header(usize),
    /// Which of the two secrets would it be?
    #[error("entry {0} names a host and path that an earlier one names; keep one of them")]
    Twice(usize),
}

impl Credentials {
    /// What to send to this host, port and path.
    pub(super) fn at(&self, host: &Host<&str>, port: u16, path: &str) -> Option<&Credential> {
        let fitting = self.0.iter().filter(|credential| credential.covers(host, port, path));
        fitting.max_by_key(|credential| (credential.path.len(), credential.host.port().is_some()))
    }

    /// Adds a bearer token that stands in a file. `scope` is `host[:port][/path]`.
    pub fn with_token_file(mut self, scope: &str, file: &Path) -> Result<Self, InvalidCredentials> {
        let number = self.0.len() + 1;
        self.add(number, scope, Secret::TokenFile(file.to_owned()))?;
        Ok(self)
    }

    /// Adds the entries of `others`, which must name other hosts and paths.
    pub fn with(mut self, others: Self) -> Result<Self, InvalidCredentials> {
        for (number, other) in (1..).zip(others.0) {
            self.push(number, other)?;
        }
        Ok(self)
    }

    fn add(
        &mut self,
        number: usize,
        scope: &str,
        secret: Secret,
    ) -> Result<(), InvalidCredentials> {
        let (host, path) = scope.split_at(scope.find('/').unwrap_or(scope.len()));
        let host: HostPort =
            host.parse().map_err(|fault| InvalidCredentials::Host(number, fault))?;
        let path = normal_path(path).ok_or(InvalidCredentials::Path(number))?;
        self.push(number, Credential { host, path, secret })
    }

    fn push(&mut self, number: usize, new: Credential) -> Result<(), InvalidCredentials> {
        if self.0.iter().any(|other| other.host == new.host && other.path == new.path) {
            return Err(InvalidCredentials::Twice(number));
        }
        self.0.push(new);
        Ok(())
    }
}

/// As a URL's own path is written, so that the two compare by equality.
fn normal_path(path: &str) -> Option<String> {
    let url = Url::parse("https://host/").and_then(|host| host.join(path)).ok()?;
    let is_path = url.query().is_none() && url.fragment().is_none() && !path.starts_with("//");
    is_path.then(|| url.path().trim_end_matches('/').to_owned())
}

impl Credential {
    fn covers(&self, host: &Host<&str>, port: u16, path: &str) -> bool {
        let below = path.strip_prefix(self.path.as_str());
        self.host.names(host, port)
            && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Adds the secret to a request. Fails if the token's file can't be read, or holds no token.
    pub(super) async fn sign(&self, request: RequestBuilder) -> io::Result<RequestBuilder> {
        match &self.secret {
            Secret::Basic { user, password } => Ok(request.basic_auth(user, Some(password))),
            Secret::Header(name, value) => Ok(request.header(name, value.clone())),
            Secret::TokenFile(file) => {
                let token = tokio::fs::read_to_string(file).await?;
                let value = bearer(token.trim()).ok_or(io::ErrorKind::InvalidData)?;
                Ok(request.header(AUTHORIZATION, value))
            }
        }
    }
}

fn bearer(token: &str) -> Option<HeaderValue> {
    if token.is_empty() { None } else { hidden(&format!("Bearer {token}")) }
}

/// A header's value that no log shows.
fn hidden(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn secret(number: usize, text: &str) -> Result<Secret, InvalidCredentials> {
    let shape = InvalidCredentials::Shape(number);
    let characters = InvalidCredentials::Characters(number);
    if let Some(token) = text.strip_prefix("Bearer ") {
        let token = token.trim();
        if token.is_empty() {
            return Err(shape);
        }
        return Ok(Secret::Header(AUTHORIZATION, bearer(token).ok_or(characters)?));
    }
    let (name, value) = text.split_once(':').ok_or(shape)?;
    if name.is_empty() {
        return Err(shape);
    }
    if let Some(value) = value.strip_prefix(' ') {
        let name: HeaderName = name.parse().map_err(|_| shape)?;
        if belongs_to_http(&name) {
            return Err(InvalidCredentials::Header(number));
        }
        let value = value.trim();
        if value.is_empty() {
            return Err(shape);
        }
        return Ok(Secret::Header(name, hidden(value).ok_or(characters)?));
    }
    Ok(Secret::Basic { user: name.to_owned(), password: value.to_owned() })
}

fn belongs_to_http(name: &HeaderName) -> bool {
    use http::header::{
        ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, IF_RANGE, RANGE, TE, TRAILER,
        TRANSFER_ENCODING, UPGRADE,
    };
    [
        ACCEPT_ENCODING,
        CONNECTION,
        CONTENT_LENGTH,
        EXPECT,
        HOST,
        IF_RANGE,
        RANGE,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ]
    .contains(name)
}

impl FromStr for Credentials {
    type Err = InvalidCredentials;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::default();
        for (number, entry) in (1..).zip(text.split(',')) {
            let shape = InvalidCredentials::Shape(number);
            let (scope, text) = entry.trim().split_once('=').ok_or(shape)?;
            all.add(number, scope, secret(number, text)?)?;
        }
        Ok(all)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}=[hidden]", self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The entry for a URL, as the header that a request carries.
    async fn sent(all: &Credentials, url: &str) -> Option<String> {
        let url: Url = url.parse().unwrap();
        let port = url.port_or_known_default().unwrap();
        let credential = all.at(&url.host().unwrap(), port, url.path())?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().build().unwrap();
        let request = credential.sign(client.get(url)).await.unwrap().build().unwrap();
        let (name, value) = request.headers().iter().next().unwrap();
        assert!(value.is_sensitive());
        Some(format!("{name}: {}", value.to_str().unwrap()))
    }

    #[tokio::test]
    async fn each_kind_of_secret_becomes_its_header() {
        let all: Credentials =
            "a.com=user:pa:ss, b.com=Bearer abc=,c.com=X-Api-Key: k:1".parse().unwrap();
        for (url, header) in [
            ("https://a.com/", "authorization: Basic dXNlcjpwYTpzcw=="),
            ("https://b.com/", "authorization: Bearer abc="),
            ("https://c.com/", "x-api-key: k:1"),
        ] {
            assert_eq!(sent(&all, url).await.as_deref(), Some(header), "{url}");
        }
        assert_eq!(sent(&all, "https://x.a.com/").await, None);
        assert_eq!(sent(&all, "https://com/").await, None);
    }

    #[tokio::test]
    async fn the_longest_path_applies_at_the_borders_of_its_segments() {
        let all: Credentials = "a.com=Bearer host,a.com:8443=Bearer port,a.com/v1/AC1=Bearer one,\
                                a.com/v1/AC1/deep/=Bearer deep,b.com/v1=Bearer b"
            .parse()
            .unwrap();
        for (url, token) in [
            ("https://a.com/", Some("host")),
            ("https://a.com:8443/", Some("port")),
            ("https://a.com/v1/AC1", Some("one")),
            ("https://a.com/v1/AC1/x.wav", Some("one")),
            ("https://a.com/v1/AC12/x.wav", Some("host")),
            ("https://a.com/v1/AC1.wav", Some("host")),
            ("https://a.com/v1/AC1/deep/x.wav", Some("deep")),
            ("https://a.com/v1/AC1/deep", Some("deep")),
            ("https://a.com/v1/AC2/../AC1/x.wav", Some("one")),
            ("https://a.com/x?/v1/AC1/", Some("host")),
            ("https://b.com/v1/x", Some("b")),
            ("https://b.com/v2/x", None),
        ] {
            let expected = token.map(|token| format!("authorization: Bearer {token}"));
            assert_eq!(sent(&all, url).await, expected, "{url}");
        }
    }

    #[tokio::test]
    async fn a_token_in_a_file_is_read_for_each_request() {
        let file = std::env::temp_dir().join(format!("fetch-token-{}", std::process::id()));
        let all = Credentials::default().with_token_file("a.com/v1", &file).unwrap();
        for token in ["first", "second"] {
            std::fs::write(&file, format!("{token}\n")).unwrap();
            let header = format!("authorization: Bearer {token}");
            assert_eq!(sent(&all, "https://a.com/v1/x").await, Some(header));
        }
        std::fs::write(&file, "\n").unwrap();
        let client = reqwest::Client::builder().build().unwrap();
        assert!(all.0[0].sign(client.get("https://a.com/")).await.is_err(), "no token");
        std::fs::remove_file(&file).unwrap();
        assert!(all.0[0].sign(client.get("https://a.com/")).await.is_err(), "no file");
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_secret() {
        let all: Credentials = "api.twilio.com/x=ACuser:hunter2".parse().unwrap();
        assert_eq!(format!("{all:?}"), "[api.twilio.com/x=[hidden]]");
        for bad in [
            "",
            "hunter2",
            "a.com=hunter2",
            "a.com=:hunter2",
            "a.com=Bearer ",
            "a.com=Bearer hunter2\u{7f}",
            "a.com=Name: hunter2\u{7f}",
            "a.com=Two Words: hunter2",
            "a.com=Host: hunter2",
            "a.com=b:hunter2,",
            "hunter2?x/=a:b",
            "a.com/?hunter2=a:b",
            "a.com=b:c,a.com=d:hunter2",
            "a.com/x=b:c,a.com/x/=d:hunter2",
            "*.a.com=b:hunter2",
        ] {
            let error = bad.parse::<Credentials>().expect_err(bad);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        let fault = |text: &str| text.parse::<Credentials>().unwrap_err();
        assert_eq!(fault("a.com=b"), InvalidCredentials::Shape(1));
        assert_eq!(fault("a.com=b:c,a.com=d:e"), InvalidCredentials::Twice(2));
        assert_eq!(fault("a.com=Host: x"), InvalidCredentials::Header(1));
    }
}
