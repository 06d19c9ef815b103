//! From a host to the addresses that may be connected to.
//!
//! The check stands where the connection takes its address from, so what was checked is what is
//! connected to: a name that answers differently the second time gains nothing.

use std::{io, net::IpAddr, net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::{Refusal, is_public};

/// Which addresses a connection may go to. There is one HTTP client for each, and so one pool of
/// connections: none opened under one rule is ever used under the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Only public ones.
    Public,
    /// Only others. For hosts that are allowed by name and port.
    Private,
}

/// Looks names up. The system's resolver, or a test's.
#[async_trait]
pub(super) trait Lookup: Send + Sync + 'static {
    /// Every address of the name.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// `getaddrinfo`, so `/etc/hosts` and whatever else the machine is set up with.
#[derive(Debug)]
pub(super) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

impl Reach {
    /// Keeps the addresses that may be connected to. A name with addresses of both kinds has all
    /// of the right kind: dropping the rest is as safe as refusing the name, and helps more.
    pub(super) fn keep(self, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Unreachable> {
        let refused = addresses.iter().find_map(|ip| is_public(*ip).err());
        let kept: Vec<_> = addresses
            .into_iter()
            .filter(|ip| (self == Self::Public) == is_public(*ip).is_ok())
            .collect();
        match refused {
            _ if !kept.is_empty() => Ok(kept),
            Some(refusal) => Err(Unreachable::Refused(refusal)),
            None => Err(Unreachable::Nowhere),
        }
    }
}

/// Why a name leads to no address that may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreachable {
    /// Only to such as these.
    #[error("the host has {0}")]
    Refused(Refusal),
    /// To none at all, or no longer to a private one.
    #[error("the host has no address")]
    Nowhere,
}

/// A client's resolver: looks up, and keeps what the client may reach.
pub(super) struct Guard {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) reach: Reach,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, reach) = (Arc::clone(&self.lookup), self.reach);
        Box::pin(async move {
            let kept = reach.keep(lookup.lookup(name.as_str()).await?)?;
            // Port 0: the client puts the URL's in its place.
            let addresses: Addrs = Box::new(kept.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn each_reach_keeps_its_own_addresses() {
        let mixed = ips(&["10.0.0.1", "8.8.8.8", "64:ff9b::808:808", "::1"]);
        assert_eq!(Reach::Public.keep(mixed.clone()), Ok(ips(&["8.8.8.8"])));
        let private = ips(&["10.0.0.1", "64:ff9b::808:808", "::1"]);
        assert_eq!(Reach::Private.keep(mixed), Ok(private));
    }

    #[test]
    fn a_name_without_a_fitting_address_says_why() {
        let private = Unreachable::Refused(Refusal::Private);
        assert_eq!(Reach::Public.keep(ips(&["10.0.0.1"])), Err(private));
        assert_eq!(Reach::Private.keep(ips(&["8.8.8.8"])), Err(Unreachable::Nowhere));
        assert_eq!(Reach::Public.keep(Vec::new()), Err(Unreachable::Nowhere));
    }
}
