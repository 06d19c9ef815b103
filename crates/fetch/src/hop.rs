//! One station of a redirect chain: the URL to request, and whether credentials may go there. Pure.

use url::{Host, Url};

use super::{
    credentials::{Credential, Credentials},
    failure::FetchFailure,
    host::without_root,
    resolve::Reach,
    url_check::{InvalidUrl, check_url},
    verdict::Verdict,
};

/// A URL to ask, as the call names it or as an answer redirected to it.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    url: Url,
    /// Every hop so far was at the party that the first URL names. A redirect back from elsewhere
    /// restores no trust: another host chose what to request.
    at_home: bool,
}

impl Hop {
    /// The URL of the download itself.
    pub(super) fn first(url: &Url) -> Result<Self, Verdict> {
        match check_url(url) {
            Ok(()) => Ok(Self { url: url.clone(), at_home: true }),
            Err(fault) => Err(Verdict::rejected(format!("the recording's URL {fault}"))),
        }
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether requests go in clear text.
    pub(super) fn is_http(&self) -> bool {
        self.url.scheme() == "http"
    }

    pub(super) fn host(&self) -> Host<&str> {
        self.url.host().expect("a hop's URL was checked to have a host")
    }

    pub(super) fn port(&self) -> u16 {
        self.url.port_or_known_default().expect("http and https have default ports")
    }

    /// Where a redirect with this `Location` leads. Down from https to http is refused: what was
    /// asked for in secret must not be fetched in the open.
    pub(super) fn redirected(&self, location: &str) -> Result<Self, FetchFailure> {
        let reject = |why: &str| FetchFailure::rejected(format!("provider redirects {why}"));
        let url = self.url.join(location).map_err(|_| reject("to what is not a URL"))?;
        match check_url(&url) {
            Ok(()) => {}
            Err(InvalidUrl::Credentials) => {
                return Err(reject("to a URL with a user or password in it"));
            }
            Err(_) => return Err(reject("to what is neither http nor https")),
        }
        if self.url.scheme() == "https" && url.scheme() == "http" {
            return Err(reject("from https to http"));
        }
        let next = Self { url, at_home: false };
        Ok(Self { at_home: self.at_home && self.same_party(&next), ..next })
    }

    /// The same host at the same port, or the step up from http to https at their usual ports.
    fn same_party(&self, next: &Self) -> bool {
        let ports = (self.port(), next.port());
        without_root(&self.host()) == without_root(&next.host())
            && (ports.0 == ports.1 || ports == (80, 443) && next.url.scheme() == "https")
    }

    /// The credential to send: only at the party that the first URL names, and only over https or to an
    /// address that is not public, which only a host:port allowed by name can have.
    pub(super) fn credential<'a>(
        &self,
        all: &'a Credentials,
        reach: Reach,
    ) -> Option<&'a Credential> {
        let secret = self.url.scheme() == "https" || reach == Reach::Private;
        let (host, port, path) = (self.host(), self.port(), self.url.path());
        if self.at_home && secret { all.at(&host, port, path) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach::*, *};

    fn first(url: &str) -> Hop {
        Hop::first(&url.parse().unwrap()).unwrap()
    }

    fn shown(hop: &Hop, reach: Reach) -> bool {
        let all = "a.com=u:p,b.com=u:p,a.com:8443=u:p".parse().unwrap();
        hop.credential(&all, reach).is_some()
    }

    #[test]
    fn credentials_go_over_https_or_to_a_private_address() {
        assert!(shown(&first("https://a.com/"), Public));
        assert!(shown(&first("http://a.com/"), Private));
        assert!(!shown(&first("http://a.com/"), Public));
        assert!(!shown(&first("https://c.com/"), Public));
    }

    #[test]
    fn credentials_never_cross_hosts() {
        for (from, to, expected) in [
            ("https://a.com/x", "/y", true),
            ("https://a.com/x", "https://a.com./y", true),
            ("http://a.com/x", "https://a.com/x", true),
            ("https://a.com/x", "https://b.com/y", false),
            ("https://a.com/x", "//b.com/y", false),
            ("https://c.com/x", "https://a.com/y", false),
            ("https://a.com/x", "https://a.com:8443/y", false),
            ("https://a.com:8443/x", "https://a.com/y", false),
            ("http://a.com:8080/x", "https://a.com/y", false),
        ] {
            let hop = first(from).redirected(to).unwrap();
            assert_eq!(shown(&hop, Public), expected, "{from} {to}");
        }
        let away = first("https://a.com/").redirected("https://b.com/").unwrap();
        assert!(!shown(&away.redirected("https://a.com/").unwrap(), Public), "nor come back");
        assert!(!shown(&away.redirected("/further").unwrap(), Public), "nor settle there");
    }

    #[test]
    fn a_redirect_leads_only_where_a_call_could() {
        for (location, reason) in [
            ("http://a.com/", "provider redirects from https to http"),
            ("ftp://a.com/", "provider redirects to what is neither http nor https"),
            ("file:///etc/passwd", "provider redirects to what is neither http nor https"),
            ("https://u:p@a.com/", "provider redirects to a URL with a user or password in it"),
            ("https://999.1.1.1/", "provider redirects to what is not a URL"),
        ] {
            let failure = first("https://a.com/").redirected(location).unwrap_err();
            assert_eq!(failure, FetchFailure::rejected(reason), "{location}");
        }
        assert!(first("http://a.com/").redirected("https://b.com/").is_ok());
        assert!(first("http://a.com/").redirected("http://b.com/").is_ok());
    }
}
