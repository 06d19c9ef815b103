//! SIGTERM and SIGINT: the first begins an orderly shutdown, the second ends the process at once.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How a process ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Shutdown {
    /// Cancelled first: health checks fail, so that proxies send no further requests.
    pub(super) draining: CancellationToken,
    /// Cancelled after the pause: no further connections and no further work.
    pub(super) begun: CancellationToken,
}

/// Begins the shutdown at the first signal. After SIGTERM `drain` passes between its two steps; after
/// SIGINT, which comes from a terminal, nothing does.
pub(super) fn on_signal(drain: Duration) -> Result<Shutdown> {
    let listen = |kind| signal(kind).context("signals can't be listened to");
    let mut signals = [listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?];
    let shutdown = Shutdown::default();
    let Shutdown { draining, begun } = shutdown.clone();
    tokio::spawn(async move {
        let drain = if next(&mut signals).await { drain } else { Duration::ZERO };
        info!(?drain, "shutting down; a second signal ends at once");
        draining.cancel();
        let second = next(&mut signals);
        tokio::pin!(second);
        if tokio::time::timeout(drain, second.as_mut()).await.is_err() {
            begun.cancel();
            second.await;
        }
        warn!("ended before the shutdown was complete");
        std::process::exit(130);
    });
    Ok(shutdown)
}

/// Waits for a signal; whether it was SIGTERM.
async fn next([terminate, interrupt]: &mut [Signal; 2]) -> bool {
    tokio::select! {
        _ = terminate.recv() => true,
        _ = interrupt.recv() => false,
    }
}
