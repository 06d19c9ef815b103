//! `TAPEDECK_PROVIDER_AUTH`: who we are at which provider.
//!
//! Passwords leave this file only as an `Authorization` header; no error and no `Debug` shows one.

use std::{fmt, str::FromStr};

use thiserror::Error;
use url::Host;

use super::host::{HostPort, InvalidHost};

/// `host=user:password` pairs, comma-separated; the host may carry a port. No wildcards: a
/// password is for one party. A password can't hold a comma.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials(Vec<Credential>);

/// A user and password for one host (HTTP Basic, RFC 7617).
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credential {
    host: HostPort,
    user: String,
    password: String,
}

/// Why a text is not a set of [`Credentials`]. Entries are counted, never quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidCredentials {
    /// No equals sign or no colon after it.
    #[error("entry {0} is not host=user:password (a password can't hold a comma)")]
    Shape(usize),
    /// The part before the equals sign.
    #[error("entry {0}: what stands before the `=` {1}")]
    Host(usize, InvalidHost),
    /// Which of the two passwords would it be?
    #[error("entry {0} names a host that an earlier one names; keep one of them")]
    Twice(usize),
}

impl Credentials {
    /// What to show to this host and port; an entry with the port goes before one without.
    pub(super) fn at(&self, host: &Host<&str>, port: u16) -> Option<&Credential> {
        let fitting = self.0.iter().filter(|credential| credential.host.names(host, port));
        fitting.max_by_key(|credential| credential.host.port().is_some())
    }
}

impl Credential {
    /// The user's name; not for logs.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// The password; not for logs.
    pub(super) fn password(&self) -> &str {
        &self.password
    }
}

impl FromStr for Credentials {
    type Err = InvalidCredentials;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all: Vec<Credential> = Vec::new();
        for (number, entry) in (1..).zip(text.split(',')) {
            let shape = InvalidCredentials::Shape(number);
            let (host, pair) = entry.trim().split_once('=').ok_or(shape)?;
            let (user, password) = pair.split_once(':').ok_or(shape)?;
            if user.is_empty() {
                return Err(shape);
            }
            let host: HostPort =
                host.parse().map_err(|fault| InvalidCredentials::Host(number, fault))?;
            if all.iter().any(|other| other.host == host) {
                return Err(InvalidCredentials::Twice(number));
            }
            all.push(Credential { host, user: user.to_owned(), password: password.to_owned() });
        }
        Ok(Self(all))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=[hidden]", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_at<'a>(credentials: &'a Credentials, host: &str, port: u16) -> Option<&'a str> {
        credentials.at(&Host::Domain(host), port).map(Credential::user)
    }

    #[test]
    fn each_host_sees_its_own_pair_alone() {
        let all: Credentials =
            "api.twilio.com=AC1:p=a:ss, localhost=any:x,localhost:9000=one:y".parse().unwrap();
        assert_eq!(user_at(&all, "api.twilio.com", 443), Some("AC1"));
        assert_eq!(all.0[0].password(), "p=a:ss");
        assert_eq!(user_at(&all, "localhost", 9000), Some("one"));
        assert_eq!(user_at(&all, "localhost", 9001), Some("any"));
        assert_eq!(user_at(&all, "twilio.com", 443), None);
        assert_eq!(user_at(&all, "x.api.twilio.com", 443), None);
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_secret() {
        let all: Credentials = "api.twilio.com=ACuser:hunter2".parse().unwrap();
        assert_eq!(format!("{all:?}"), "[api.twilio.com=[hidden]]");
        for bad in [
            "",
            "hunter2",
            "a.com=hunter2",
            "a.com=:hunter2",
            "a.com=b:hunter2,",
            "hunter2/=a:b",
            "a.com=b:c,a.com=d:hunter2",
            "*.a.com=b:hunter2",
        ] {
            let error = bad.parse::<Credentials>().expect_err(bad);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        assert_eq!("a.com=b".parse::<Credentials>(), Err(InvalidCredentials::Shape(1)));
        assert_eq!("a.com=b:c,a.com=d:e".parse::<Credentials>(), Err(InvalidCredentials::Twice(2)));
    }
}
