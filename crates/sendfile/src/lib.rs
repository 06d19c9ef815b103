//! The accept loop: connections, time limits, orderly shutdown, file bodies without copies. Knows
//! HTTP/1 and a router; no route, no file's meaning.
//!
//! Why not `axum::serve`: it has no time limits, no limit of connections, and no way to send a file
//! but by copying it through this process. Copying was measured at 0.6 to 0.7 of nginx's requests a
//! second for files of 64 kB, and everywhere at 2 or more times its processor time for a byte;
//! handing files to the kernel (`handoff.rs`) at 0.9 to 1.2 of its requests, for about its processor
//! time or less.

mod connection;
mod handoff;
mod outgoing;
mod socket;
mod stall;
mod syscall;
#[cfg(test)]
mod tests;
mod wire;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use handoff::{Handoff, Segment};

/// Wait before the next try where the process or the machine can take no more connections.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a peer may use up.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more wait in the kernel's queue until one ends.
    pub connections: usize,
    /// For a request's headers to arrive in full, and for the next request on an idle connection.
    pub header_read_timeout: Duration,
    /// A request's line and headers, in bytes; 8,192 or more (less counts as that). hyper allows 100 headers.
    pub max_header_bytes: usize,
    /// For a peer that reads nothing of its answer: given up after this, and before twice this.
    pub write_timeout: Duration,
    /// After the shutdown began, for answers under way to finish.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            header_read_timeout: Duration::from_secs(30),
            max_header_bytes: 32 * 1024,
            write_timeout: Duration::from_secs(60),
            grace: Duration::from_secs(20),
        }
    }
}

/// Serves `router` on `listener` until `shutdown`, then lets answers under way finish for as long
/// as [`Limits::grace`]. Dropping the future cuts every connection off.
///
/// A request's extensions hold the peer's address as axum's `ConnectInfo<SocketAddr>`, and the
/// connection's [`Handoff`].
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    limits: Limits,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    let abort = CancellationToken::new();
    let _abort_when_dropped = abort.clone().drop_guard();
    let shared = connection::Shared { router, limits, shutdown: shutdown.clone(), abort };

    let accept_all = async {
        loop {
            // Fails only once the semaphore is closed, which nobody does.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (stream, peer) = accept(&listener).await;
            let serving = connection::serve(stream, peer, shared.clone());
            connections.spawn(async move {
                serving.await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = accept_all => {}
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(limits.grace, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "cut off: answers took longer than grace");
    }
}

/// The next connection. No failure to accept one ends the server, and none makes it spin.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Fails only where the peer is gone already, which the first read will tell.
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                // Out of file descriptors or memory (EMFILE, ENFILE, ENOBUFS, ENOMEM): the
                // connection stays in the queue, and accepting again at once would only spin.
                tracing::warn!(%error, "cannot accept connections for now");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
