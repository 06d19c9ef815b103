//! How many connections may wait without being served: held requests and event streams together. The
//! rest stays for requests that are answered at once.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::HeaderMap;

/// One client's address, as far as it tells clients apart: IPv6 by /64, which one client has whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client of a connection. Nothing where the address tells nobody apart: this machine.
    ///
    /// Where the peer's address is not public, it may be a proxy's: then the last address counts that
    /// the proxy put into `X-Forwarded-For`.
    pub fn of(peer: SocketAddr, headers: &HeaderMap) -> Option<Self> {
        let peer = peer.ip().to_canonical();
        let is_public = fetch::address::is_public(peer).is_ok();
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        match forwarded.and_then(|text| text.trim().parse::<IpAddr>().ok()) {
            Some(client) if !is_public => Some(Self::new(client)),
            _ if peer.is_loopback() => None,
            _ => Some(Self::new(peer)),
        }
    }

    fn new(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => v4.into(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        })
    }
}

/// The places of one listener.
#[derive(Debug)]
pub struct HeldPlaces {
    most: usize,
    most_per_client: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_client: HashMap<ClientAddress, usize>,
}

impl HeldPlaces {
    /// Four fifths of a listener's connections, and a sixteenth of those for one client.
    pub fn of(connections: usize) -> Arc<Self> {
        let most = connections / 5 * 4;
        Arc::new(Self { most, most_per_client: (most / 16).max(1), taken: Mutex::default() })
    }

    /// Takes a place, or nothing where there is none: then the request is answered at once.
    pub fn try_take(self: &Arc<Self>, client: Option<ClientAddress>) -> Option<HeldPlace> {
        let mut taken = self.lock();
        let by_client = client.and_then(|client| taken.by_client.get(&client)).copied();
        if taken.all >= self.most || by_client.is_some_and(|count| count >= self.most_per_client) {
            return None;
        }
        taken.all += 1;
        if let Some(client) = client {
            *taken.by_client.entry(client).or_default() += 1;
        }
        Some(HeldPlace { places: Arc::clone(self), client })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place; dropping it gives it back.
#[derive(Debug)]
pub struct HeldPlace {
    places: Arc<HeldPlaces>,
    client: Option<ClientAddress>,
}

impl Drop for HeldPlace {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all -= 1;
        let Some(client) = self.client else { return };
        if let Some(count) = taken.by_client.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> ClientAddress {
        ClientAddress::new(address.parse().unwrap())
    }

    fn of(peer: &str, forwarded: &[&'static str]) -> Option<ClientAddress> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", http::HeaderValue::from_static(value));
        }
        ClientAddress::of(peer.parse().unwrap(), &headers)
    }

    #[test]
    fn all_that_is_held_leaves_a_fifth_of_the_connections() {
        let places = HeldPlaces::of(100);
        let held: Vec<_> = std::iter::from_fn(|| places.try_take(None)).collect();
        assert_eq!(held.len(), 80);
        drop(held);
        assert!(places.try_take(None).is_some());
    }

    #[test]
    fn one_client_holds_a_part_of_them_and_others_go_on() {
        let places = HeldPlaces::of(100);
        let held: Vec<_> =
            std::iter::from_fn(|| places.try_take(Some(client("8.8.8.8")))).collect();
        assert_eq!(held.len(), 5);
        assert!(places.try_take(Some(client("8.8.4.4"))).is_some());
        drop(held);
        assert!(places.lock().by_client.is_empty(), "nothing is remembered");
    }

    #[test]
    fn ipv6_is_told_apart_by_its_first_half() {
        assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::9"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("::ffff:8.8.8.8"), client("8.8.8.8"));
    }

    #[test]
    fn a_proxys_word_counts_where_the_peer_may_be_one() {
        assert_eq!(of("8.8.8.8:1", &[]), Some(client("8.8.8.8")));
        assert_eq!(of("8.8.8.8:1", &["9.9.9.9"]), Some(client("8.8.8.8")), "no proxy of ours");
        assert_eq!(of("10.0.0.1:1", &["1.1.1.1, 9.9.9.9"]), Some(client("9.9.9.9")));
        assert_eq!(of("127.0.0.1:1", &["1.1.1.1", "9.9.9.9"]), Some(client("9.9.9.9")));
        assert_eq!(of("10.0.0.1:1", &["rubbish"]), Some(client("10.0.0.1")));
        assert_eq!(of("127.0.0.1:1", &[]), None);
        assert_eq!(of("[::1]:1", &[]), None);
    }
}
