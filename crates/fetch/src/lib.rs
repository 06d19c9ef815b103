//! Downloads a file from an address that a stranger named: only from hosts and addresses that the
//! caller allows, through redirects, with retries until a deadline, into a [`Sink`].
//!
//! The crate decides nothing about the caller's work and parses no media. It reports what happened
//! ([`FetchError`]); the caller draws the conclusions.
//!
//! Pure: `address` (which addresses are public), `allow` and `credentials` (settings), `hop` (one
//! station of a redirect chain), `verdict` and `denial` (what an answer means), `opening` (pages with
//! status 200), `coding` (gzip), `resume` (the rest of a file), `retry` (when the next try starts), the
//! rule in `places` (how many downloads one host may hold). Effects: `resolve` and `client` (connections to checked
//! addresses only), `transfer` (the body), and this file.
//!
//! ```no_run
//! use std::{io, time::{Duration, SystemTime}};
//! use fetch::{Bytes, Fetcher, Limits, Policy, Setup, Sink, async_trait};
//!
//! struct Memory(Vec<u8>);
//!
//! #[async_trait]
//! impl Sink for Memory {
//!     async fn restart(&mut self) -> io::Result<()> {
//!         self.0.clear();
//!         Ok(())
//!     }
//!
//!     async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
//!         self.0.extend_from_slice(&bytes);
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::new(Some("*.example.com".parse()?), "api.example.com=user:password".parse()?);
//! let fetcher = Fetcher::new(policy, &Setup::new("example/1.0", SystemTime::now))?;
//! let deadline = tokio::time::Instant::now() + Duration::from_secs(240);
//! let limits = Limits::new(1 << 30, deadline);
//! let url = "https://api.example.com/media/1.wav".parse()?;
//! let mut memory = Memory(Vec::new());
//! let fetched = fetcher.fetch(&url, &mut memory, limits, &mut |_done, _total| {}).await?;
//! assert_eq!(fetched.bytes, memory.0.len() as u64);
//! # Ok(())
//! # }
//! ```

pub mod address;
mod allow;
mod client;
mod coding;
mod credentials;
mod denial;
mod failure;
mod hop;
mod host;
mod opening;
mod places;
mod policy;
mod proxy;
mod resolve;
mod resume;
mod retry;
#[cfg(test)]
mod tests;
mod transfer;
mod url_check;
mod verdict;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

pub use async_trait::async_trait;
pub use bytes::Bytes;
use http::{
    HeaderValue,
    header::{IF_RANGE, RANGE},
};
pub use reqwest::Certificate;
use tokio::time::{Instant, sleep, timeout, timeout_at};
pub use url::Url;

use self::{
    allow::Listing,
    client::Clients,
    denial::Denial,
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
    places::{HostKey, HostPlace, HostPlaces, Taken, may_start},
    policy::Policy,
    proxy::{InvalidProxy, Proxy},
    transfer::{Ending, Progress, Sink},
    url_check::{InvalidUrl, check_url},
};

/// How many redirects one try follows. Media of the large providers takes one.
const MAX_REDIRECTS: usize = 5;

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For a name's look-up, the connection and its TLS handshake.
    pub connect: Duration,
    /// Without a byte: before the head of an answer is there, and between pieces of the body.
    pub idle: Duration,
    /// How long a body may take before its average rate counts.
    pub rate_grace: Duration,
    /// The least average rate after that; a slower body is cut and tried again.
    pub least_bytes_per_second: u64,
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
            rate_grace: Duration::from_secs(30),
            least_bytes_per_second: 1_000,
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
    /// The fetch fails at this time at the latest.
    pub deadline: Instant,
    /// The provider may not have the file yet: a 404 ends the fetch at once as
    /// [`FailureKind::NotYet`], and so does a storage service's 403 that hides whether it exists.
    pub is_young: bool,
    /// A longer pause before the next try ends the fetch as [`FailureKind::Wait`], so that the caller
    /// can use the place for something else. `None`: the fetch waits for as long as the deadline
    /// allows.
    pub longest_pause: Option<Duration>,
}

impl Limits {
    /// For a file that should be there, with pauses up to the deadline.
    pub fn new(max_bytes: u64, deadline: Instant) -> Self {
        Self { max_bytes, deadline, is_young: false, longest_pause: None }
    }
}

/// A file that is whole in the sink, as far as the provider tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its length.
    pub bytes: u64,
    /// What the provider calls it: `Content-Type`, with its parameters.
    pub media_type: Option<String>,
    /// What ended it. After [`Ending::Closed`] it may have been cut off.
    pub ending: Ending,
}

/// Reads the machine's clock; only a `Retry-After` with a date needs it.
pub type WallClock = fn() -> SystemTime;

/// What a [`Fetcher`] needs besides its [`Policy`].
#[derive(Clone, Debug)]
pub struct Setup {
    /// How long the steps of a download may take.
    pub timing: Timing,
    /// The `User-Agent` of each request.
    pub user_agent: String,
    /// The machine's clock.
    pub now: WallClock,
    /// Certificates that are trusted beside the machine's own.
    pub roots: Vec<Certificate>,
    /// Goes between this machine and public addresses, and checks these itself.
    pub proxy: Option<Proxy>,
}

impl Setup {
    /// The default timing, the machine's own certificates, no proxy.
    pub fn new(user_agent: impl Into<String>, now: WallClock) -> Self {
        let (timing, user_agent) = (Timing::default(), user_agent.into());
        Self { timing, user_agent, now, roots: Vec::new(), proxy: None }
    }
}

/// An HTTP client that keeps its connections. One serves a whole program.
pub struct Fetcher {
    policy: Policy,
    timing: Timing,
    clients: Clients,
    has_proxy: bool,
    lookup: Arc<dyn Lookup>,
    now: WallClock,
}

impl Fetcher {
    /// Makes the HTTP clients. Fails only if TLS can't be set up at all.
    pub fn new(policy: Policy, setup: &Setup) -> reqwest::Result<Self> {
        Self::with_lookup(policy, setup, Arc::new(SystemLookup))
    }

    fn with_lookup(
        policy: Policy,
        setup: &Setup,
        lookup: Arc<dyn Lookup>,
    ) -> reqwest::Result<Self> {
        let clients = Clients::new(&lookup, setup)?;
        let (timing, has_proxy, now) = (setup.timing, setup.proxy.is_some(), setup.now);
        Ok(Self { policy, timing, clients, has_proxy, lookup, now })
    }

    /// Streams the file at `url` into `sink`, trying again until it is whole, hopeless, or the
    /// deadline has come. A download that broke off goes on where it stopped if the provider can.
    ///
    /// After an error the sink may hold part of a file. Dropping the future ends the download.
    pub async fn fetch(
        &self,
        url: &Url,
        sink: &mut dyn Sink,
        limits: Limits,
        progress: Progress<'_>,
    ) -> Result<Fetched, FetchError> {
        let mut transfer = Transfer::new(sink, progress, limits.max_bytes, self.timing);
        let mut schedule = Schedule::new(self.timing, limits);
        let failure = loop {
            let verdict = match timeout_at(limits.deadline, self.attempt(url, &mut transfer)).await
            {
                Ok(Ok(ending)) => {
                    let media_type = transfer.media_type().map(str::to_owned);
                    return Ok(Fetched { bytes: transfer.stored(), media_type, ending });
                }
                Ok(Err(Stop::Sink(error))) => return Err(FetchError::Sink(error)),
                Ok(Err(Stop::Verdict(verdict))) => verdict,
                Err(_) => break schedule.expired(transfer.reached().as_deref()),
            };
            tracing::debug!(host = url.host_str(), ?verdict, "download failed");
            if transfer.has_gained() && !matches!(verdict, Verdict::TooSlow(_)) {
                schedule.progressed();
            }
            match schedule.after(verdict, Instant::now(), fastrand::f64()) {
                Ok(pause) => sleep(pause).await,
                Err(failure) => break failure,
            }
        };
        let may_end = matches!(failure.kind, FailureKind::Transient | FailureKind::Wait(_));
        let cut_off = Some(transfer.stored()).filter(|bytes| may_end && *bytes > 0);
        Err(FetchFailure { cut_off, ..failure }.into())
    }

    /// One try: follows redirects to the file, and receives it or the rest of it.
    async fn attempt(&self, url: &Url, transfer: &mut Transfer<'_>) -> Result<Ending, Stop> {
        transfer.begin();
        let mut hop = Hop::first(url)?;
        for _ in 0..=MAX_REDIRECTS {
            let part = transfer.resumes();
            let asked = part.is_some();
            let response = self.ask(&hop, part).await?;
            match classify(response.status(), response.headers(), (self.now)(), asked)? {
                Answer::Recording => return transfer.receive(response).await,
                Answer::Part => return transfer.go_on(response).await,
                Answer::NoSuchPart => {
                    transfer.forget();
                    return Err(Verdict::again("provider no longer has the rest").into());
                }
                Answer::Denied => return Err(self.denied(response).await.into()),
                Answer::Elsewhere(location) => {
                    hop = hop.redirected(&location).map_err(Verdict::Final)?;
                }
            }
        }
        Err(Verdict::rejected("provider redirects too often").into())
    }

    /// Asks at one hop, having checked that it may be asked; the head of the answer. `part`: `Range`
    /// and `If-Range`.
    async fn ask(
        &self,
        hop: &Hop,
        part: Option<(HeaderValue, HeaderValue)>,
    ) -> Result<reqwest::Response, Verdict> {
        let reach = self.reach(hop).await?;
        let mut request = self.clients.reaching(reach).get(hop.url().clone());
        if let Some((range, if_range)) = part {
            request = request.header(RANGE, range).header(IF_RANGE, if_range);
        }
        if let Some(credential) = hop.credential(self.policy.credentials(), reach) {
            request = credential.sign(request).await.map_err(|error| {
                tracing::warn!(%error, "the file of a provider's token can't be read");
                Verdict::again("the file of the provider's token can't be read")
            })?;
        }
        match timeout(self.timing.idle, request.send()).await {
            Ok(sent) => sent.map_err(|error| client::explain(&error)),
            Err(_) => Err(Verdict::again("provider did not answer in time")),
        }
    }

    /// Why a storage service refuses, as far as its answer tells.
    async fn denied(&self, mut response: reqwest::Response) -> Verdict {
        let mut body = Vec::new();
        let read = async {
            while let Ok(Some(bytes)) = response.chunk().await {
                body.extend_from_slice(&bytes);
                if body.len() >= denial::MOST_BYTES {
                    break;
                }
            }
        };
        let _ = timeout(self.timing.idle, read).await; // what has come by then is enough
        match denial::read(&body) {
            Denial::NotYet => Verdict::Hidden,
            Denial::Expired => Verdict::Final(FetchFailure::new(
                FailureKind::Expired,
                "provider answered 403: the recording's address has expired",
            )),
            Denial::Other => Verdict::rejected("provider answered 403"),
        }
    }

    /// Which addresses the connection for this hop may go to.
    ///
    /// Addresses in the URL are decided here, since no resolver sees them. Names are decided where
    /// the client resolves them; those that may be private are looked up here as well, to know
    /// which of the two clients to ask, and the client holds them to it. Behind a proxy, names that
    /// are not private here are resolved and checked by the proxy.
    async fn reach(&self, hop: &Hop) -> Result<Reach, Verdict> {
        let host = hop.host();
        let listing = self.policy.listing(&host, hop.port());
        if listing == Listing::Unlisted {
            let reason = "the recording's host is not on the list of providers";
            return Err(Verdict::rejected(reason));
        }
        let in_clear_text = || {
            let reason = "the recording's address is http, and its host is not allowed by name";
            if hop.is_http() && listing < Listing::Exact {
                return Err(Verdict::rejected(reason));
            }
            Ok(())
        };
        let addresses = match (listing, literal(&host)) {
            (_, Some(address)) => vec![address],
            (Listing::Named, None) => {
                match self.addresses(hop.url().host_str().unwrap_or_default()).await {
                    Err(_) if self.has_proxy => return Ok(Reach::Public),
                    addresses => addresses?,
                }
            }
            (_, None) => return in_clear_text().map(|()| Reach::Public),
        };
        let private = listing == Listing::Named && Reach::Private.keep(addresses.clone()).is_ok();
        let reach = if private { Reach::Private } else { Reach::Public };
        reach.keep(addresses).map_err(client::explain_unreachable)?;
        in_clear_text().map(|()| reach)
    }

    async fn addresses(&self, name: &str) -> Result<Vec<std::net::IpAddr>, Verdict> {
        match timeout(self.timing.connect, self.lookup.lookup(name)).await {
            Ok(Ok(addresses)) => Ok(addresses),
            _ => Err(Verdict::again("the provider's name could not be looked up")),
        }
    }
}
