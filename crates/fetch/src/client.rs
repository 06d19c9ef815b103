//! The HTTP clients, made once: connections are kept and used again, and every one goes to an
//! address that was checked.

use std::{error::Error, io, sync::Arc};

use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};
use reqwest::{Client, ClientBuilder, redirect};

use super::{
    Setup,
    resolve::{Guard, Lookup, Reach, Unreachable},
    verdict::Verdict,
};

/// How many idle connections to a host are kept for the next run.
const IDLE_CONNECTIONS: usize = 16;

/// One client for each [`Reach`].
pub(super) struct Clients {
    /// Connects to public addresses, or to the proxy.
    public: Client,
    private: Client,
}

impl Clients {
    pub(super) fn new(lookup: &Arc<dyn Lookup>, setup: &Setup) -> reqwest::Result<Self> {
        // An error says only that the program has chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = |reach| {
            let guarded = || {
                let builder = builder(setup);
                if let (Some(proxy), Reach::Public) = (&setup.proxy, reach) {
                    // The proxy resolves the names; the only one that is looked up here is its own.
                    return builder.proxy(proxy.0.clone());
                }
                let lookup = Arc::clone(lookup);
                builder.no_proxy().dns_resolver(Arc::new(Guard { lookup, reach }))
            };
            guarded().tls_certs_merge(setup.roots.clone()).build().or_else(|error| {
                // A machine without root certificates can still download over http.
                tracing::warn!(%error, "https downloads fail: no root certificates found");
                guarded().tls_certs_only(setup.roots.clone()).build()
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

/// No redirects, cookies, `Referer` or proxies of the environment: each would reach an address, or
/// reveal something, that was not checked.
fn builder(setup: &Setup) -> ClientBuilder {
    let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
    Client::builder()
        .user_agent(&setup.user_agent)
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(setup.timing.connect)
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
    Verdict::again(if let Some(tls) = find::<rustls::Error>(error) {
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

fn find<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error| cause(*error))
        .find_map(<dyn Error>::downcast_ref)
}

/// What an error comes from. What an I/O error wraps is not its `source`, but in its place.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
