//! How many downloads one provider may hold at once, so that a slow or dead one never holds them all.
//!
//! The rule ([`may_start`]) is pure. [`HostPlaces`] counts; a [`HostPlace`] is held for the time of a
//! download.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use url::Url;

/// The party that a URL names: host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostKey(String);

impl HostKey {
    /// `example.com:443`; the port is the scheme's own where the URL names none.
    pub fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_suffix('.').unwrap_or(host);
        Self(format!("{host}:{}", url.port_or_known_default().unwrap_or_default()))
    }

    /// As text, for logs and queries.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How the places of a process are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// All places.
    pub total: usize,
    /// Those of the host in question.
    pub by_host: usize,
    /// Those of all hosts whose last download failed.
    pub by_troubled: usize,
    /// The host's own last download failed.
    pub is_troubled: bool,
}

/// Whether a host may hold another place.
///
/// A host holds at most three quarters of the places. All hosts whose last download failed hold at
/// most half of them together, so that dead hosts, however many there are, leave room. One place is
/// always allowed.
pub fn may_start(taken: Taken) -> bool {
    let share = |places: usize| places.max(1);
    let of_host = taken.by_host < share(taken.total - taken.total.div_ceil(4));
    let of_troubled = !taken.is_troubled || taken.by_troubled < share(taken.total / 2);
    of_host && of_troubled
}

/// The places of one process.
#[derive(Debug)]
pub struct HostPlaces {
    total: usize,
    hosts: Mutex<HashMap<HostKey, Host>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Host {
    taken: usize,
    is_troubled: bool,
}

impl HostPlaces {
    /// For a process that runs `total` downloads at once.
    pub fn new(total: usize) -> Arc<Self> {
        Arc::new(Self { total, hosts: Mutex::default() })
    }

    /// Takes a place of the host that `url` names, or nothing if the host has none.
    pub fn try_take(self: &Arc<Self>, url: &Url) -> Option<HostPlace> {
        let key = HostKey::of(url);
        let mut hosts = self.lock();
        let host = hosts.get(&key).copied().unwrap_or_default();
        if !may_start(self.taken(&hosts, host)) {
            return None;
        }
        hosts.entry(key.clone()).or_default().taken += 1;
        Some(HostPlace { places: Arc::clone(self), key, outcome: None })
    }

    /// The hosts that have no place now: a claim passes over what they keep.
    pub fn full(&self) -> Vec<HostKey> {
        let hosts = self.lock();
        let is_full = |host: &Host| !may_start(self.taken(&hosts, *host));
        let mut full: Vec<_> =
            hosts.iter().filter(|(_, host)| is_full(host)).map(|(key, _)| key.clone()).collect();
        full.sort();
        full
    }

    fn taken(&self, hosts: &HashMap<HostKey, Host>, host: Host) -> Taken {
        let troubled = hosts.values().filter(|host| host.is_troubled);
        Taken {
            total: self.total,
            by_host: host.taken,
            by_troubled: troubled.map(|host| host.taken).sum(),
            is_troubled: host.is_troubled,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HostKey, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, key: &HostKey, delivered: Option<bool>) {
        let mut hosts = self.lock();
        let Some(host) = hosts.get_mut(key) else { return };
        host.taken -= 1;
        host.is_troubled = delivered.map_or(host.is_troubled, |delivered| !delivered);
        if host.taken == 0 && !host.is_troubled {
            hosts.remove(key);
        }
    }
}

/// A host's place; dropping it gives it back.
#[derive(Debug)]
pub struct HostPlace {
    places: Arc<HostPlaces>,
    key: HostKey,
    outcome: Option<bool>,
}

impl HostPlace {
    /// Notes how the download went: `false` where the host did not deliver (not reached, silent, too
    /// slow, 5xx, 429). Without it the host's standing stays as it was.
    pub fn delivered(&mut self, delivered: bool) {
        self.outcome = Some(delivered);
    }
}

impl Drop for HostPlace {
    fn drop(&mut self) {
        self.places.give_back(&self.key, self.outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: &str) -> Url {
        format!("https://{host}/a.wav").parse().unwrap()
    }

    fn take(places: &Arc<HostPlaces>, host: &str) -> Option<HostPlace> {
        places.try_take(&url(host))
    }

    fn fail(places: &Arc<HostPlaces>, host: &str) {
        take(places, host).unwrap().delivered(false);
    }

    #[test]
    fn one_host_never_holds_all_places() {
        for (total, most) in [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (16, 12)] {
            let places = HostPlaces::new(total);
            let held: Vec<_> = std::iter::from_fn(|| take(&places, "a.com")).collect();
            assert_eq!(held.len(), most, "of {total}");
            assert_eq!(places.full(), [HostKey::of(&url("a.com"))]);
            assert!(total == 1 || take(&places, "b.com").is_some());
        }
    }

    #[test]
    fn hosts_that_fail_hold_at_most_half_together() {
        let places = HostPlaces::new(4);
        for host in ["a.com", "b.com", "c.com", "d.com"] {
            fail(&places, host);
        }
        let held = [take(&places, "a.com"), take(&places, "b.com")];
        assert!(held.iter().all(Option::is_some));
        assert!(take(&places, "c.com").is_none());
        assert!(take(&places, "good.com").is_some(), "a good recording waits for none of them");
        drop(held);
        assert!(take(&places, "c.com").is_some());
    }

    #[test]
    fn a_host_that_delivers_again_is_as_good_as_any() {
        let places = HostPlaces::new(2);
        fail(&places, "a.com");
        fail(&places, "b.com");
        let mut place = take(&places, "a.com").unwrap();
        assert!(take(&places, "b.com").is_none());
        place.delivered(true);
        drop(place);
        let _again = take(&places, "a.com").unwrap();
        assert!(take(&places, "b.com").is_some());
    }

    #[test]
    fn ports_are_parties_of_their_own_and_a_dot_at_the_end_is_not() {
        let key = |text: &str| HostKey::of(&text.parse().unwrap());
        assert_eq!(key("https://a.com/x"), key("https://A.com.:443/y"));
        assert_ne!(key("https://a.com/x"), key("https://a.com:8443/x"));
        assert_ne!(key("https://a.com/x"), key("http://a.com/x"));
    }

    #[test]
    fn nothing_is_remembered_of_hosts_that_deliver() {
        let places = HostPlaces::new(4);
        take(&places, "a.com").unwrap().delivered(true);
        drop(take(&places, "b.com"));
        assert!(places.lock().is_empty());
    }
}
