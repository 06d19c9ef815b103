//! Fetching a recording from where its provider keeps it: safely, patiently, into a [`Sink`].
//!
//! The only place that speaks HTTP to providers. Decides nothing about runs or attempts, and looks
//! at no audio: it says what happened ([`FetchError`]), and the worker draws the conclusions.
//!
//! Pure: `address` (which addresses are public), `allow` and `credentials` (settings), `hop` (one
//! station of a chain of redirects), `verdict` (what an answer means), `opening` (pages with status
//! 200), `retry` (when to ask again). Effects: `resolve` and `client` (connections to checked
//! addresses only), `transfer` (the body), and this file.

pub mod address;
mod allow;
mod client;
mod credentials;
mod failure;
mod hop;
mod host;
mod opening;
mod policy;
mod resolve;
mod retry;
#[cfg(test)]
mod tests;
mod transfer;
mod verdict;

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout, timeout_at};

use self::{
    allow::Listing,
    client::Clients,
    hop::Hop,
    policy::literal,
    resolve::{Lookup, Reach, SystemLookup},
    retry::Schedule,
    transfer::{Stop, Transfer},
    verdict::{Answer, Verdict, classify},
};
pub use self::{
    allow::{AllowList, InvalidAllowList},
    credentials::{Credentials, InvalidCredentials},
    failure::{FailureKind, FetchError, FetchFailure},
    host::InvalidHost,
    policy::ProviderPolicy,
    transfer::{Progress, Sink},
};
use crate::{clock::Clock, recording_url::RecordingUrl};

/// How many redirects are followed. Twilio's media takes one.
const MAX_REDIRECTS: usize = 5;

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For a name's look-up, the connection and its TLS handshake.
    pub connect: Duration,
    /// Without a byte: before the head of an answer is there, and between pieces of the body.
    pub idle: Duration,
    /// How long a 404 is asked again before the recording counts as gone.
    pub missing: Duration,
    /// The longest pause before the second try; it doubles with each.
    pub first_pause: Duration,
    /// No pause is longer, unless the provider asks for it.
    pub longest_pause: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            missing: Duration::from_secs(15),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// What one fetch may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A larger recording is refused.
    pub max_bytes: u64,
    /// When the fetch gives up, whatever it is doing.
    pub deadline: Instant,
}

/// A recording that is whole in the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its length.
    pub bytes: u64,
}

/// Fetches recordings. One for the program: it keeps connections for the next run.
pub struct Provider {
    policy: ProviderPolicy,
    timing: Timing,
    clients: Clients,
    lookup: Arc<dyn Lookup>,
    clock: Arc<dyn Clock>,
}

impl Provider {
    /// Makes the HTTP clients. Fails only if TLS can't be set up at all.
    pub fn new(
        policy: ProviderPolicy,
        timing: Timing,
        clock: Arc<dyn Clock>,
    ) -> reqwest::Result<Self> {
        Self::with_parts(policy, timing, clock, Arc::new(SystemLookup), &[])
    }

    fn with_parts(
        policy: ProviderPolicy,
        timing: Timing,
        clock: Arc<dyn Clock>,
        lookup: Arc<dyn Lookup>,
        roots: &[reqwest::Certificate],
    ) -> reqwest::Result<Self> {
        let clients = Clients::new(&lookup, &timing, roots)?;
        Ok(Self { policy, timing, clients, lookup, clock })
    }

    /// Streams the recording at `url` into `sink`, asking again until it is whole, hopeless, or
    /// the deadline is there.
    ///
    /// After an error the sink may hold part of a recording. Dropping the future ends the
    /// download.
    pub async fn fetch(
        &self,
        url: &RecordingUrl,
        sink: &mut dyn Sink,
        limits: Limits,
        progress: Progress<'_>,
    ) -> Result<Fetched, FetchError> {
        let mut transfer = Transfer::new(sink, progress, limits.max_bytes);
        let mut schedule = Schedule::new(self.timing, limits.deadline);
        loop {
            let verdict = match timeout_at(limits.deadline, self.attempt(url, &mut transfer)).await
            {
                Ok(Ok(bytes)) => return Ok(Fetched { bytes }),
                Ok(Err(Stop::Sink(error))) => return Err(FetchError::Sink(error)),
                Ok(Err(Stop::Verdict(verdict))) => verdict,
                Err(_) => return Err(schedule.expired(transfer.reached().as_deref()).into()),
            };
            tracing::debug!(host = %url.host(), ?verdict, "the provider did not deliver");
            sleep(schedule.after(verdict, Instant::now(), chance())?).await;
        }
    }

    /// One try: follows redirects to the recording, and receives it.
    async fn attempt(&self, url: &RecordingUrl, transfer: &mut Transfer<'_>) -> Result<u64, Stop> {
        transfer.begin();
        let mut hop = Hop::first(url);
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&hop).await?;
            match classify(response.status(), response.headers(), self.clock.now())? {
                Answer::Recording => return transfer.receive(response, self.timing.idle).await,
                Answer::Elsewhere(location) => {
                    hop = hop.redirected(&location).map_err(Verdict::Final)?;
                }
            }
        }
        Err(Verdict::rejected("provider redirects too often").into())
    }

    /// Asks at one hop, having checked that it may be asked; the answer's head.
    async fn ask(&self, hop: &Hop) -> Result<reqwest::Response, Verdict> {
        let reach = self.reach(hop).await?;
        let mut request = self.clients.reaching(reach).get(hop.url().clone());
        if let Some(credential) = hop.credential(self.policy.credentials(), reach) {
            request = request.basic_auth(credential.user(), Some(credential.password()));
        }
        match timeout(self.timing.idle, request.send()).await {
            Ok(sent) => sent.map_err(|error| client::explain(&error)),
            Err(_) => Err(Verdict::again("provider did not answer in time")),
        }
    }

    /// Which addresses the connection for this hop may go to.
    ///
    /// Addresses in the URL are decided here, since no resolver sees them. Names are decided where
    /// the client resolves them; those that may be private are looked up here as well, to know
    /// which of the two clients to ask, and the client holds them to it.
    async fn reach(&self, hop: &Hop) -> Result<Reach, Verdict> {
        let host = hop.host();
        let listing = self.policy.listing(&host, hop.port());
        let addresses = match (listing, literal(&host)) {
            (Listing::Unlisted, _) => {
                return Err(Verdict::rejected(
                    "the recording's host is not on the list of providers",
                ));
            }
            (_, Some(address)) => vec![address],
            (Listing::Named, None) => {
                self.addresses(hop.url().host_str().unwrap_or_default()).await?
            }
            (Listing::Public, None) => return Ok(Reach::Public),
        };
        let private = listing == Listing::Named && Reach::Private.keep(addresses.clone()).is_ok();
        let reach = if private { Reach::Private } else { Reach::Public };
        reach.keep(addresses).map(|_| reach).map_err(client::explain_unreachable)
    }

    async fn addresses(&self, name: &str) -> Result<Vec<std::net::IpAddr>, Verdict> {
        match timeout(self.timing.connect, self.lookup.lookup(name)).await {
            Ok(Ok(addresses)) => Ok(addresses),
            _ => Err(Verdict::again("the provider's name could not be looked up")),
        }
    }
}

/// Uniform in `0.0..1.0`, from the randomness that the standard library seeds its maps with. Good
/// enough to keep runs from asking in step.
fn chance() -> f64 {
    let [high, low, ..] = RandomState::new().build_hasher().finish().to_be_bytes();
    f64::from(u16::from_be_bytes([high, low])) / 65_536.0
}
