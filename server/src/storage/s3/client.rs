//! Builds the clients from the operator's `AWS_*` variables.

use std::{fmt, time::Duration};

use http::HeaderValue;
use object_store::{
    BackoffConfig, ClientOptions, Result, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    client::ClientConfigKey,
};

use super::S3Location;

/// The `AWS_*` variables that are set. [`Debug`] hides their values: some are secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct S3Options {
    /// The library's keys, with checked values.
    pub variables: Vec<(AmazonS3ConfigKey, String)>,
    /// Whether requests may go without TLS.
    pub allow_http: bool,
}

impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.variables.iter().map(|(key, _)| key.as_ref());
        f.debug_list().entries(keys).finish_non_exhaustive()
    }
}

/// Timeouts and retries of a client.
pub(super) struct Timing {
    connect: Duration,
    /// Without a byte.
    idle: Duration,
    /// For a whole request, where that has an end.
    request: Option<Duration>,
    first_pause: Duration,
    longest_pause: Duration,
    retries: usize,
    /// No retry begins later.
    retry_for: Duration,
}

impl Timing {
    /// One or two retries; then the caller gets the error.
    pub(super) const INTERACTIVE: Self = Self {
        connect: Duration::from_secs(1),
        idle: Duration::from_secs(5),
        request: None,
        first_pause: Duration::from_millis(50),
        longest_pause: Duration::from_millis(250),
        retries: 2,
        retry_for: Duration::from_secs(1),
    };
    /// Outlasts an outage of a minute or two, so that it costs no download.
    pub(super) const BULK: Self = Self {
        connect: Duration::from_secs(2),
        idle: Duration::from_secs(30),
        request: Some(Duration::from_secs(60)),
        first_pause: Duration::from_millis(200),
        longest_pause: Duration::from_secs(5),
        retries: 100,
        retry_for: Duration::from_secs(180),
    };
}

/// A client for this bucket.
pub(super) fn build(
    location: &S3Location,
    options: &S3Options,
    timing: &Timing,
) -> Result<AmazonS3> {
    // An error says only that the program has chosen one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client = ClientOptions::new()
        .with_user_agent(HeaderValue::from_static(concat!("tapedeck/", env!("CARGO_PKG_VERSION"))))
        .with_http1_only()
        .with_connect_timeout(timing.connect)
        .with_read_timeout(timing.idle)
        .with_allow_http(options.allow_http)
        // A machine without root certificates can still use a server of its own over http.
        .with_config(ClientConfigKey::NoSystemCertificates, options.allow_http.to_string());
    client = match timing.request {
        Some(longest) => client.with_timeout(longest),
        None => client.with_timeout_disabled(),
    };
    let backoff = BackoffConfig {
        init_backoff: timing.first_pause,
        max_backoff: timing.longest_pause,
        ..BackoffConfig::default()
    };
    let retry =
        RetryConfig { backoff, max_retries: timing.retries, retry_timeout: timing.retry_for };
    let builder = AmazonS3Builder::new().with_client_options(client).with_retry(retry);
    let set =
        |builder: AmazonS3Builder, (key, value): &(_, String)| builder.with_config(*key, value);
    options
        .variables
        .iter()
        .fold(builder, set)
        // Not every server supports or permits bulk deletion.
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
        .with_bucket_name(location.bucket())
        .build()
}
