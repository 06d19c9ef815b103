//! `TAPEDECK_EMBED_ORIGINS`: the sites that may show `/embed` in a frame.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use url::{Host, Url};

/// Origins, comma-separated: `https://crm.example.com`, `https://*.example.com`,
/// `http://localhost:8080`. A wildcard stands for any number of labels, at least one, as
/// `frame-ancestors` has it (Content Security Policy Level 3, section 6.7.2.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedOrigins(Vec<EmbedOrigin>);

/// One of them: scheme and host, a port that is not the scheme's own, and whether it is about the
/// hosts below.
#[derive(Clone, Debug, PartialEq, Eq)]
struct EmbedOrigin {
    scheme: &'static str,
    is_wildcard: bool,
    host: Host<String>,
    port: Option<u16>,
}

impl FromStr for EmbedOrigins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|entry| entry.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for EmbedOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why| {
            let such_as = "https://crm.example.com, https://*.example.com or http://localhost:8080";
            Err(format!("`{text}` {why}; write origins, comma-separated, as {such_as}"))
        };
        let (scheme, rest) = match text.split_once("://") {
            Some(("https", rest)) => ("https", rest),
            Some(("http", rest)) => ("http", rest),
            _ => return wrong("begins with neither https:// nor http://"),
        };
        if rest.contains(['/', '?', '#', '@']) {
            return wrong("is more than scheme, host and port");
        }
        let (is_wildcard, name) = match rest.strip_prefix("*.") {
            Some(parent) => (true, parent),
            None => (false, rest),
        };
        let Ok(url) = Url::parse(&format!("{scheme}://{name}")) else {
            return wrong("names no host");
        };
        let Some(host) = url.host().map(|host| host.to_owned()) else {
            return wrong("names no host");
        };
        let is_plain =
            |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        match &host {
            // Anything else would end the word, or the directive, in the header.
            Host::Domain(name) if !is_plain(name) => wrong("names no host"),
            Host::Ipv4(_) | Host::Ipv6(_) if is_wildcard => wrong("has no hosts below"),
            // A policy matches no other address (Content Security Policy Level 3, 6.7.2.8).
            Host::Ipv4(ip) if *ip != Ipv4Addr::LOCALHOST => {
                wrong("is an address: browsers want a name")
            }
            Host::Ipv6(_) => wrong("is an address: browsers want a name"),
            _ => Ok(Self { scheme, is_wildcard, host, port: url.port() }),
        }
    }
}

/// As sources of a policy, a space between.
impl fmt::Display for EmbedOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, EmbedOrigin { scheme, is_wildcard, host, port }) in self.0.iter().enumerate() {
            let (space, star) =
                (if at > 0 { " " } else { "" }, if *is_wildcard { "*." } else { "" });
            write!(f, "{space}{scheme}://{star}{host}")?;
            if let Some(port) = port {
                write!(f, ":{port}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_the_policy_wants_them() {
        for (text, sources) in [
            ("https://crm.example.com", "https://crm.example.com"),
            ("https://CRM.example.com:443", "https://crm.example.com"),
            (
                "http://localhost:8080 , https://*.example.com:8443",
                "http://localhost:8080 https://*.example.com:8443",
            ),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<EmbedOrigins>().unwrap().to_string(), sources, "{text}");
        }
        assert_eq!(EmbedOrigins::default().to_string(), "");
    }

    #[test]
    fn what_is_no_origin_is_named_and_nothing_else_gets_into_the_header() {
        for (text, why) in [
            ("", "`` begins with neither"),
            ("*", "`*` begins with neither"),
            ("crm.example.com", "begins with neither"),
            ("ftp://crm.example.com", "begins with neither"),
            ("https://", "names no host"),
            ("https://*", "names no host"),
            ("https://*.*.example.com", "names no host"),
            ("https://a*.example.com", "names no host"),
            ("https://a.example;script-src", "names no host"),
            ("https://a.example 'self'", "names no host"),
            ("https://*.10.0.0.1", "has no hosts below"),
            ("https://10.0.0.1", "is an address"),
            ("http://[::1]:3000", "is an address"),
            ("https://crm.example.com/page", "is more than"),
            ("https://user@crm.example.com", "is more than"),
            ("https://crm.example.com,", "`` begins with neither"),
        ] {
            let error = text.parse::<EmbedOrigins>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
