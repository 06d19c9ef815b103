//! `TAPEDECK_PUBLIC_URL`: the address under which browsers and providers reach the server.

use std::{fmt, str::FromStr};

use url::Url;

/// Scheme, host and port; nothing behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// As browsers send it (RFC 6454, section 6.2).
    origin: String,
    is_https: bool,
}

impl PublicUrl {
    /// Whether browsers come by TLS.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether an `Origin` header names this server.
    pub fn is_origin(&self, origin: &str) -> bool {
        self.origin == origin
    }

    /// The address of a path of this server.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let such_as = "write it as https://calls.example.com";
        let url = Url::parse(text).map_err(|_| format!("is not a URL; {such_as}"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err(format!("begins with neither https:// nor http://; {such_as}"));
        }
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_bare {
            return Err(format!("is more than scheme, host and port; {such_as}"));
        }
        let origin = url.origin().ascii_serialization();
        Ok(Self { is_https: url.scheme() == "https", origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_origin_and_nothing_more() {
        let url: PublicUrl = "https://Calls.example.com:443/".parse().unwrap();
        assert!(url.is_https() && url.is_origin("https://calls.example.com"));
        assert_eq!(url.join("/embed/CA1"), "https://calls.example.com/embed/CA1");
        for (bad, says) in [
            ("calls.example.com", "is not a URL"),
            ("ftp://calls.example.com", "begins with neither"),
            ("https://calls.example.com/tapedeck", "is more than"),
            ("https://me:secret@calls.example.com", "is more than"),
        ] {
            assert!(bad.parse::<PublicUrl>().unwrap_err().contains(says), "{bad}");
        }
    }
}
