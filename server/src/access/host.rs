//! Compares hosts and origins, as browsers send them.

use url::{Host, Url};

/// Whether a `Host` header names this machine by a name that no other site can have.
pub(super) fn is_loopback(host: &str) -> bool {
    let Some(url) = as_url(host) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

/// Whether a page of this `Origin` came from this `Host`. The scheme may differ: a proxy in front
/// may speak TLS. A default port may be left out on either side.
pub(super) fn is_same(origin: &str, host: &str) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false }; // `null` among them
    let scheme = origin.scheme();
    let Ok(here) = Url::parse(&format!("{scheme}://{host}")) else { return false };
    origin.host().is_some()
        && origin.host() == here.host()
        && origin.port_or_known_default() == here.port_or_known_default()
}

fn as_url(host: &str) -> Option<Url> {
    let url = Url::parse(&format!("http://{host}")).ok()?;
    // A host and nothing else: no user, path or query that the parser would cut off.
    let rest = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    rest.then_some(url)
}
