//! A host as settings name it, normalised the way URLs are, so that the two compare by equality.

use std::{fmt, str::FromStr};

use thiserror::Error;
use url::Host;

/// `example.com`, `example.com:8080`, `10.0.0.1:80`, `[::1]:9000`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct HostPort {
    host: Host<String>,
    /// `None`: any.
    port: Option<u16>,
}

/// Why a text is not a [`HostPort`], and what would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidHost {
    /// Nothing there.
    #[error("is empty; name a host as example.com or example.com:8080")]
    Empty,
    /// A URL, or more of it than the host.
    #[error("is more than a host; leave out the scheme, user and path, as in example.com:8080")]
    MoreThanAHost,
    /// Not a number from 1 to 65535.
    #[error("has no port between 1 and 65535 after the colon")]
    Port,
    /// An IPv6 address without brackets.
    #[error("looks like an IPv6 address; write it in brackets, as in [::1]:9000")]
    Brackets,
    /// What no URL could name either.
    #[error("is not a host name or an address")]
    NotAHost,
}

impl HostPort {
    /// The port that was named, if any.
    pub(super) fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether it names this host, with this port or with any.
    pub(super) fn names(&self, host: &Host<&str>, port: u16) -> bool {
        self.port.is_none_or(|named| named == port) && self.host == without_root(host)
    }

    /// The name, unless it is an address.
    pub(super) fn domain(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) => Some(name),
            _ => None,
        }
    }
}

/// The host without the dot of DNS' root: `example.com.` and `example.com` are one host.
pub(super) fn without_root(host: &Host<&str>) -> Host<String> {
    match host {
        Host::Domain(name) => Host::Domain(name.strip_suffix('.').unwrap_or(name).to_owned()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

impl FromStr for HostPort {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(InvalidHost::Empty);
        }
        if text.contains(['/', '@', '?', '#']) {
            return Err(InvalidHost::MoreThanAHost);
        }
        let (host, port) = match text.rfind(']') {
            Some(end) => text.split_at(end + 1),
            None if text.matches(':').count() > 1 => return Err(InvalidHost::Brackets),
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(digits) => Some(parse_port(digits)?),
            None if port.is_empty() => None,
            None => return Err(InvalidHost::Port),
        };
        match Host::parse(host) {
            Ok(Host::Domain(name)) if name.contains('*') => Err(InvalidHost::NotAHost),
            Ok(Host::Domain(name)) => Ok(Self { host: without_root(&Host::Domain(&name)), port }),
            Ok(address) => Ok(Self { host: address, port }),
            Err(_) => Err(InvalidHost::NotAHost),
        }
    }
}

fn parse_port(digits: &str) -> Result<u16, InvalidHost> {
    match digits.parse() {
        Ok(port) if port > 0 && !digits.starts_with('+') => Ok(port),
        _ => Err(InvalidHost::Port),
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => self.host.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, InvalidHost> {
        text.parse::<HostPort>().map(|host| host.to_string())
    }

    #[test]
    fn hosts_are_normalised_as_in_urls() {
        for (text, normal) in [
            ("example.com", "example.com"),
            ("EXAMPLE.com.:8080", "example.com:8080"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("localhost:9000", "localhost:9000"),
            ("0x7f.1:80", "127.0.0.1:80"),
            ("[::1]:9000", "[::1]:9000"),
            ("[0:0::1]", "[::1]"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(normal), "{text}");
        }
    }

    #[test]
    fn each_fault_has_its_own_word() {
        use InvalidHost::{Brackets, Empty, MoreThanAHost, NotAHost, Port};
        for (text, fault) in [
            ("", Empty),
            ("https://example.com", MoreThanAHost),
            ("example.com/path", MoreThanAHost),
            ("user@example.com", MoreThanAHost),
            ("example.com:", Port),
            ("example.com:http", Port),
            ("example.com:0", Port),
            ("example.com:+80", Port),
            ("example.com:65536", Port),
            ("[::1]9000", Port),
            ("::1", Brackets),
            ("[::g]", NotAHost),
            ("1.2.3.256", NotAHost),
            ("a b", NotAHost),
            ("*.example.com", NotAHost),
        ] {
            assert_eq!(shown(text), Err(fault), "{text:?}");
        }
    }
}
