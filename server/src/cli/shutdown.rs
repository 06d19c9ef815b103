//! SIGTERM and SIGINT: the first begins an orderly shutdown, the second ends it at once.

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// A token that is cancelled when the process is told to end.
pub(super) fn on_signal() -> Result<CancellationToken> {
    let listen = |kind| signal(kind).context("signals can't be listened to");
    let mut signals = [listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?];
    let shutdown = CancellationToken::new();
    let told = shutdown.clone();
    tokio::spawn(async move {
        next(&mut signals).await;
        info!("shutting down; a second signal ends at once");
        told.cancel();
        next(&mut signals).await;
        warn!("ended before the shutdown was complete");
        std::process::exit(130);
    });
    Ok(shutdown)
}

async fn next([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
