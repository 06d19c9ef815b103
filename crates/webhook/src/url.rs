//! The URL that a signature is checked against: the configured one, never what a request claims.
//! What a request claims is tried after a refusal, to tell the operator what would fit.

use http::HeaderMap;
use url::Url;

/// A configured URL, with the query of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackUrl {
    base: String,
    query: Option<String>,
}

impl CallbackUrl {
    /// `base` is what the provider was given, without its query; `query` is the request's.
    pub fn new(base: impl Into<String>, query: Option<&str>) -> Self {
        let query = query.filter(|query| !query.is_empty()).map(str::to_owned);
        Self { base: base.into(), query }
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The whole.
    pub(crate) fn text(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.base),
            None => self.base.clone(),
        }
    }

    /// For the log: without the values of the query, which may be secrets.
    pub(crate) fn shown(&self) -> String {
        format!("{}{}", self.base, if self.query.is_some() { "?…" } else { "" })
    }

    /// With the scheme's default port and without it: providers sign either.
    pub(crate) fn port_spellings(&self) -> Vec<String> {
        let mut all = vec![self.text()];
        if let Some((scheme, host, rest)) = split(&self.base) {
            let port = if scheme == "https" { ":443" } else { ":80" };
            let other = match host.strip_suffix(port) {
                Some(bare) => Some(bare.to_owned()),
                None if !has_port(host) => Some(format!("{host}{port}")),
                None => None,
            };
            let base = other.map(|host| format!("{scheme}://{host}{rest}"));
            all.extend(base.map(|base| Self { base, query: self.query.clone() }.text()));
        }
        all
    }

    /// Spellings that an operator may have given to the provider instead: another scheme or host,
    /// a slash at the end, a path that a proxy takes away.
    pub(crate) fn others(&self, headers: &HeaderMap) -> Vec<Self> {
        let Some((_, host, rest)) = split(&self.base) else { return Vec::new() };
        let claimed = ["host", "x-forwarded-host"]
            .iter()
            .filter_map(|name| headers.get(*name)?.to_str().ok())
            .map(|hosts| hosts.split(',').next().unwrap_or_default().trim())
            .filter(|host| Url::parse(&format!("https://{host}/")).is_ok());
        let hosts = std::iter::once(host).chain(claimed);
        let other_end = match rest.strip_suffix('/') {
            Some(bare) => bare.to_owned(),
            None => format!("{rest}/"),
        };
        let paths = [rest.to_owned(), other_end];
        let mut all = Vec::new();
        for host in hosts {
            for scheme in ["https", "http"] {
                for path in &paths {
                    let base = format!("{scheme}://{host}{path}");
                    all.push(Self { base: base.clone(), query: self.query.clone() });
                    if self.query.is_some() {
                        all.push(Self { base, query: None });
                    }
                }
            }
        }
        all.dedup();
        all
    }
}

/// Scheme, host with port, and the rest from the slash on.
fn split(base: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = base.split_once("://")?;
    let at = rest.find('/').unwrap_or(rest.len());
    Some((scheme, &rest[..at], &rest[at..]))
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_port_is_spelled_both_ways() {
        let spellings = |base| CallbackUrl::new(base, Some("a=1")).port_spellings();
        assert_eq!(spellings("https://a.b/c"), ["https://a.b/c?a=1", "https://a.b:443/c?a=1"]);
        assert_eq!(spellings("http://a.b:80/c"), ["http://a.b:80/c?a=1", "http://a.b/c?a=1"]);
        assert_eq!(spellings("https://a.b:8443/c"), ["https://a.b:8443/c?a=1"]);
        assert_eq!(
            spellings("https://[::1]/c"),
            ["https://[::1]/c?a=1", "https://[::1]:443/c?a=1"]
        );
    }

    #[test]
    fn the_log_does_not_show_a_querys_values() {
        assert_eq!(CallbackUrl::new("https://a.b/c", Some("t=hunter2")).shown(), "https://a.b/c?…");
        assert_eq!(CallbackUrl::new("https://a.b/c", Some("")).shown(), "https://a.b/c");
    }
}
