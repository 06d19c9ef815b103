//! What the operator allows: the hosts that a download may use, and the credentials for them.

use std::net::{IpAddr, SocketAddr};

use url::Host;

use super::{
    allow::{AllowList, Listing},
    credentials::Credentials,
};

/// Allowed hosts and credentials.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    allow: Option<AllowList>,
    credentials: Credentials,
    own: Vec<SocketAddr>,
}

impl Policy {
    /// Without a list, any public address will do.
    pub fn new(allow: Option<AllowList>, credentials: Credentials) -> Self {
        Self { allow, credentials, own: Vec::new() }
    }

    /// Allows one listener of the calling program itself, whatever the list says.
    #[must_use]
    pub fn with_own(mut self, listener: SocketAddr) -> Self {
        self.own.push(listener);
        self
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(super) fn listing(&self, host: &Host<&str>, port: u16) -> Listing {
        let own = literal(host).is_some_and(|ip| self.own.contains(&SocketAddr::new(ip, port)));
        match &self.allow {
            _ if own => Listing::Named,
            Some(list) => list.listing(host, port),
            None => Listing::Public,
        }
    }
}

/// The address, if a host is one. The `url` crate has normalised every notation of it.
pub(super) fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
    }
}
