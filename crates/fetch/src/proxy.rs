//! A proxy between this machine and the providers.

use std::{fmt, str::FromStr};

use url::Url;

/// An HTTP proxy, which resolves names and must check their addresses itself.
///
/// It applies to hosts with public addresses. Hosts that are allowed by name and port and have a
/// private address here are asked directly. [`Debug`] hides the URL: it may hold a password.
#[derive(Clone)]
pub struct Proxy(pub(super) reqwest::Proxy);

/// Why a text is not a [`Proxy`]. Never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the URL of an HTTP proxy; write it as http://proxy.example.com:3128")]
pub struct InvalidProxy;

impl FromStr for Proxy {
    type Err = InvalidProxy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidProxy)?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none();
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !is_bare {
            return Err(InvalidProxy);
        }
        reqwest::Proxy::all(url).map(Self).map_err(|_| InvalidProxy)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxy([hidden])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_url_of_an_http_proxy_is_accepted() {
        for (text, is_one) in [
            ("http://proxy.example.com:3128", true),
            ("http://user:hunter2@10.0.0.1:3128/", true),
            ("https://proxy.example.com", true),
            ("proxy.example.com:3128", false),
            ("socks5://proxy.example.com", false),
            ("http://proxy.example.com/path", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Proxy>().is_ok(), is_one, "{text}");
        }
        let secret: Proxy = "http://user:hunter2@10.0.0.1".parse().unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
