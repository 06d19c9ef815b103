//! The hosts that downloads may come from.
//!
//! Pure: it compares names and ports, and never looks at what they resolve to.

use std::str::FromStr;

use thiserror::Error;
use url::Host;

use super::host::{HostPort, InvalidHost, without_root};

/// Hosts, comma-separated: `example.com`, `*.example.com`, `example.com:8080`, `[::1]:9000`.
///
/// A wildcard stands for any number of labels, at least one. Only a host that is named with its
/// port, and without a wildcard, may have an address that is not public. Only a host that is named
/// without a wildcard may be asked in clear text (`http://`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowList(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Exact(HostPort),
    /// The parent of the names that match.
    Below(HostPort),
}

/// What a list says about a host and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Listing {
    /// Not on it.
    Unlisted,
    /// On it by a wildcard, or there is no list: the address must be public, the scheme https.
    Public,
    /// Named without a port: the address must be public.
    Exact,
    /// Named with its port, so that the address may be any.
    Named,
}

/// Why a text is not an [`AllowList`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidAllowList {
    /// An entry that names no host.
    #[error("`{entry}` {fault}")]
    Host {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        fault: InvalidHost,
    },
    /// A star that is not the whole first label of a name.
    #[error("`{entry}` has a `*` that is not the first label of a name; write *.example.com")]
    Wildcard {
        /// The entry.
        entry: String,
    },
}

impl AllowList {
    /// What it says about this host and port.
    pub(super) fn listing(&self, host: &Host<&str>, port: u16) -> Listing {
        self.0.iter().map(|entry| entry.listing(host, port)).max().unwrap_or(Listing::Unlisted)
    }
}

impl Entry {
    fn listing(&self, host: &Host<&str>, port: u16) -> Listing {
        match self {
            Self::Exact(named) if !named.names(host, port) => Listing::Unlisted,
            Self::Exact(named) if named.port().is_some() => Listing::Named,
            Self::Exact(_) => Listing::Exact,
            Self::Below(parent) if is_below(parent, host, port) => Listing::Public,
            Self::Below(_) => Listing::Unlisted,
        }
    }
}

fn is_below(parent: &HostPort, host: &Host<&str>, port: u16) -> bool {
    let (Some(parent_name), Host::Domain(name)) = (parent.domain(), without_root(host)) else {
        return false;
    };
    let label = name.strip_suffix(parent_name).and_then(|rest| rest.strip_suffix('.'));
    parent.port().is_none_or(|named| named == port) && label.is_some_and(|label| !label.is_empty())
}

impl FromStr for AllowList {
    type Err = InvalidAllowList;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|entry| entry.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Entry {
    type Err = InvalidAllowList;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let host = |name: &str| {
            name.parse::<HostPort>()
                .map_err(|fault| InvalidAllowList::Host { entry: text.to_owned(), fault })
        };
        let wildcard = || InvalidAllowList::Wildcard { entry: text.to_owned() };
        match text.strip_prefix("*.") {
            _ if text.rfind('*') > Some(0) || text.starts_with('*') && !text.starts_with("*.") => {
                Err(wildcard())
            }
            None => host(text).map(Self::Exact),
            Some(parent) => match host(parent)? {
                parent if parent.domain().is_some() => Ok(Self::Below(parent)),
                _ => Err(wildcard()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(list: &str, url: &str) -> Listing {
        let url = url::Url::parse(url).unwrap();
        let list: AllowList = list.parse().unwrap();
        list.listing(&url.host().unwrap(), url.port_or_known_default().unwrap())
    }

    #[test]
    fn a_list_decides_on_hosts_and_private_addresses() {
        use Listing::{Exact, Named, Public, Unlisted};
        for (list, url, expected) in [
            ("example.com", "https://example.com/a", Exact),
            ("example.com", "https://EXAMPLE.com.:8443/a", Exact),
            ("example.com", "https://www.example.com/a", Unlisted),
            ("example.com", "https://example.com.evil.net/", Unlisted),
            ("*.example.com", "https://a.b.example.com/", Public),
            ("*.example.com", "https://a.example.com./", Public),
            ("*.example.com", "https://example.com/", Unlisted),
            ("*.example.com", "https://badexample.com/", Unlisted),
            ("*.example.com:8443", "https://a.example.com:8443/", Public),
            ("*.example.com:8443", "https://a.example.com/", Unlisted),
            ("localhost:9000", "http://localhost:9000/a", Named),
            ("localhost:9000", "http://localhost.:9000/a", Named),
            ("localhost:9000", "http://localhost:9001/a", Unlisted),
            ("localhost:9000", "http://127.0.0.1:9000/a", Unlisted),
            ("127.0.0.1:80", "http://127.0.0.1/", Named),
            ("127.0.0.1:80", "http://0x7f000001/", Named),
            ("127.0.0.1", "http://127.0.0.1/", Exact),
            ("[::1]:9000", "http://[0:0:0:0:0:0:0:1]:9000/", Named),
            ("example.com:443", "https://example.com/", Named),
            ("a.com , *.b.com,c.com:81", "http://c.com:81/", Named),
            ("c.com:81,c.com", "http://c.com:82/", Exact),
            ("*.b.com:81,a.b.com:81", "http://a.b.com:81/", Named),
        ] {
            assert_eq!(self::listing(list, url), expected, "{list} {url}");
        }
    }

    #[test]
    fn a_bad_entry_is_named_with_what_would_do() {
        for (list, message) in [
            ("", "`` is empty; name a host as example.com or example.com:8080"),
            ("a.com,", "`` is empty; name a host as example.com or example.com:8080"),
            ("*", "`*` has a `*` that is not the first label of a name; write *.example.com"),
            (
                "a.com,b*.com",
                "`b*.com` has a `*` that is not the first label of a name; write *.example.com",
            ),
            (
                "*.*.com",
                "`*.*.com` has a `*` that is not the first label of a name; write *.example.com",
            ),
            (
                "*.10.0.0.1",
                "`*.10.0.0.1` has a `*` that is not the first label of a name; write *.example.com",
            ),
            ("a.com:x", "`a.com:x` has no port between 1 and 65535 after the colon"),
        ] {
            assert_eq!(list.parse::<AllowList>().unwrap_err().to_string(), message);
        }
    }
}
