//! The HTTP clients, made once: connections are kept and used again, and every one goes to an
//! address that was checked.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, USER_AGENT},
};
use reqwest::{Client, ClientBuilder, redirect};

use super::{
    Timing,
    resolve::{Guard, Lookup, Reach, Unreachable},
    verdict::Verdict,
};

/// How many idle connections to a host are kept for the next run.
const IDLE_CONNECTIONS: usize = 16;

/// One client for each [`Reach`].
pub(super) struct Clients {
    public: Client,
    private: Client,
}

impl Clients {
    pub(super) fn new(lookup: &Arc<dyn Lookup>, timing: &Timing) -> reqwest::Result<Self> {
        // An error says only that the program has chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = |reach| {
            let lookup = Arc::clone(lookup);
            let guard = Arc::new(Guard { lookup, reach });
            builder(timing).dns_resolver(Arc::clone(&guard)).build().or_else(|error| {
                // A machine without root certificates can still be served over http.
                tracing::warn!(%error, "no https to providers: no root certificates found");
                builder(timing).dns_resolver(guard).tls_certs_only([]).build()
            })
        };
        Ok(Self { public: client(Reach::Public)?, private: client(Reach::Private)? })
    }

    pub(super) fn reaching(&self, reach: Reach) -> &Client {
        match reach {
            Reach::Public => &self.public,
            Reach::Private => &self.private,
        }
    }
}

/// No redirects, proxies, cookies or `Referer`: each would go somewhere, or tell somebody
/// something, that nobody checked.
fn builder(timing: &Timing) -> ClientBuilder {
    let agent = concat!("tapedeck/", env!("CARGO_PKG_VERSION"));
    let headers = HeaderMap::from_iter([
        (ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        (USER_AGENT, HeaderValue::from_static(agent)),
    ]);
    Client::builder()
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .http1_only()
        .connect_timeout(timing.connect)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
}

/// What an error before the head of an answer means. Its own text is never passed on: it may name
/// the URL.
pub(super) fn explain(error: &reqwest::Error) -> Verdict {
    if let Some(unreachable) = find::<Unreachable>(error) {
        return explain_unreachable(*unreachable);
    }
    if error.is_builder() {
        return Verdict::rejected("the recording's URL can't be put into a request");
    }
    Verdict::again(if let Some(tls) = find_tls(error) {
        match tls {
            rustls::Error::InvalidCertificate(_) => "provider's certificate was not accepted",
            _ => "no secure connection to the provider",
        }
    } else if error.is_dns() {
        "the provider's name could not be looked up"
    } else if error.is_connect() && error.is_timeout() {
        "provider took too long to connect"
    } else if error.is_connect() {
        "could not connect to the provider"
    } else if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        "provider's answer is not HTTP"
    } else {
        "connection cut before an answer"
    })
}

/// What a name that leads nowhere means.
pub(super) fn explain_unreachable(unreachable: Unreachable) -> Verdict {
    match unreachable {
        Unreachable::Refused(refusal) => {
            Verdict::rejected(format!("the recording's host has {refusal}, which is not allowed"))
        }
        Unreachable::Nowhere => Verdict::again("the provider's name has no address"),
    }
}

fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

fn find<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    chain(error).find_map(<dyn std::error::Error>::downcast_ref)
}

/// TLS errors hide inside I/O errors, which leave themselves out of the chain.
fn find_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    chain(error).find_map(|error| match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref()?.downcast_ref(),
        None => error.downcast_ref(),
    })
}
