//! Which URLs can be downloaded at all. Pure; holds for the first URL and for each redirect.

use url::Url;

/// Why a URL can't be downloaded. Never quotes the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Another scheme.
    #[error("begins with neither http:// nor https://")]
    Scheme,
    /// User information (RFC 3986, section 3.2.1).
    #[error("holds a user or password")]
    Credentials,
    /// No host.
    #[error("names no host")]
    NoHost,
}

/// Accepts http and https with a host, without a user or password.
pub fn check_url(url: &Url) -> Result<(), InvalidUrl> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(InvalidUrl::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidUrl::Credentials);
    }
    if url.host().is_none() {
        return Err(InvalidUrl::NoHost);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_without_credentials_are_accepted() {
        for (url, expected) in [
            ("http://a.com/", Ok(())),
            ("https://a.com:8443/x?y", Ok(())),
            ("ftp://a.com/", Err(InvalidUrl::Scheme)),
            ("file:///etc/passwd", Err(InvalidUrl::Scheme)),
            ("https://user@a.com/", Err(InvalidUrl::Credentials)),
            ("https://:password@a.com/", Err(InvalidUrl::Credentials)),
        ] {
            assert_eq!(check_url(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
