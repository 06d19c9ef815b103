//! The listener that serves Prometheus metrics, on an address of its own.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use sendfile::Limits;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::info;

use crate::{
    config::Settings,
    http::{Scrape, metrics_router},
};

/// Prometheus and a person or two.
const MOST_CONNECTIONS: usize = 64;

/// Taken before anything is opened, so that a bad address ends the program at once.
pub(super) async fn listen_on(settings: &Settings) -> Result<Option<TcpListener>> {
    let Some(address) = settings.metrics_addr else { return Ok(None) };
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!(
            "TAPEDECK_METRICS_ADDR={address}: can't listen there; choose another port or address"
        )
    })?;
    Ok(Some(listener))
}

/// Answers until the handle is dropped: while a shutdown goes on, too.
pub(super) fn serve(
    listener: Option<TcpListener>,
    scrape: Scrape,
) -> Option<AbortOnDropHandle<()>> {
    let listener = listener?;
    if let Ok(address) = listener.local_addr() {
        info!("metrics at http://{address}/metrics");
    }
    let limits = Limits { connections: MOST_CONNECTIONS, ..Limits::default() };
    let router = metrics_router(Arc::new(scrape));
    let never = CancellationToken::new();
    Some(AbortOnDropHandle::new(tokio::spawn(sendfile::serve(listener, router, never, limits))))
}
