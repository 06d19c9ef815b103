//! An HTTP/1.1 accept loop: connections, time limits, orderly shutdown, file bodies without copies.
//!
//! [`serve`] runs a [`tower_service::Service`], such as an axum router, on a listener. The crate
//! knows no route and no file's meaning.
//!
//! Why not `axum::serve`: it has no time limits, no limit of connections, and copies each file
//! through the process. Copying was measured at 0.6 to 0.7 of nginx's requests a second for files of
//! 64 kB, and at 2 or more times its processor time for a byte; handing files to the kernel
//! (`handoff.rs`) at 0.9 to 1.2 of its requests, for about its processor time or less.
//!
//! ```
//! use std::{fs::File, sync::Arc};
//!
//! use axum::{Extension, Router, body::Body, routing::get};
//! use sendfile::{FileBody, Handoff, Limits, serve};
//! use tokio::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}};
//! use tokio_util::sync::CancellationToken;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut path = std::env::temp_dir();
//! path.push(format!("sendfile-{}", std::process::id()));
//! std::fs::write(&path, "hello")?;
//! let file = Arc::new(File::open(&path)?);
//!
//! let send = async move |handoff: Option<Extension<Handoff>>| {
//!     Body::new(FileBody::new(file.clone(), 1..4, handoff.map(|Extension(handoff)| handoff)))
//! };
//! let router = Router::new().route("/", get(send));
//!
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let shutdown = CancellationToken::new();
//! let server = tokio::spawn(serve(listener, router, shutdown.clone(), Limits::default()));
//!
//! let mut client = TcpStream::connect(address).await?;
//! client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await?;
//! let mut answer = String::new();
//! client.read_to_string(&mut answer).await?;
//! assert!(answer.ends_with("\r\n\r\nell"));
//!
//! shutdown.cancel();
//! server.await?;
//! std::fs::remove_file(&path)?;
//! # Ok(())
//! # }
//! ```

mod body;
mod connection;
mod error_page;
mod handoff;
mod head;
mod limits;
mod outgoing;
mod pace;
mod page_cache;
mod registry;
mod request_body;
mod socket;
mod spare;
mod stall;
mod syscall;
#[cfg(test)]
mod tests;
mod wire;

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;

pub use self::body::FileBody;
use self::connection::{Origin, Shared};
pub use self::error_page::{ErrorPage, ErrorPages};
use self::handoff::Ledger;
pub use self::handoff::{Handoff, Segment};
pub use self::limits::Limits;
pub use self::pace::LeastPace;
use self::registry::Registry;
pub use self::request_body::{BodyError, RequestBody};
pub use self::spare::Spare;
use self::spare::SpareConnections;

/// The address that a connection came from; in the extensions of each of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Any error of a response body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Wait before the next try where the process or the machine can take no more connections.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The longest wait for the end of a connection that was closed for a new one.
const CLOSING: Duration = Duration::from_millis(100);

/// How a listener behaves.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What a peer may use up.
    pub limits: Limits,
    /// The bodies of errors that the service never sees.
    pub error_pages: ErrorPages,
}

impl From<Limits> for Options {
    /// Errors have no bodies.
    fn from(limits: Limits) -> Self {
        Self { limits, error_pages: error_page::bare }
    }
}

/// Serves `service` on `listener` until `shutdown`, then lets responses under way finish for at most
/// [`Limits::grace`]. Dropping the future closes every connection.
///
/// A request's extensions hold its [`Peer`], the [`Handoff`] of its connection where the feature
/// `kernel` is on, and [`Spare`] where the connection is above the limit.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    shutdown: CancellationToken,
    options: impl Into<Options>,
) where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let options = options.into();
    let Limits { connections: most, spare_connections, grace, .. } = options.limits;
    let places = Arc::new(Semaphore::new(most));
    let connections = TaskTracker::new();
    let abort = CancellationToken::new();
    let _abort_when_dropped = abort.clone().drop_guard();
    let shared = Shared { service, options, shutdown: shutdown.clone(), abort };

    let registry = Arc::new(Registry::default());
    let accept_all = async {
        let mut spare = SpareConnections::new(spare_connections);
        loop {
            let (place, (stream, peer)) = if spare_connections > 0 {
                let accepted = accept(&listener).await;
                (place(&places, &registry).await, accepted)
            } else {
                let place = Arc::clone(&places).acquire_owned().await.ok();
                (place, accept(&listener).await)
            };
            let (abort, ledger) = (shared.abort.child_token(), Ledger::default());
            let shared = Shared { abort: abort.clone(), ..shared.clone() };
            let origin = Origin { peer, is_spare: place.is_none() };
            let serving = connection::serve(stream, origin, ledger.clone(), shared);
            let Some(place) = place else {
                spare.admit(abort);
                connections.spawn(serving);
                continue;
            };
            let registry = Arc::clone(&registry);
            let id = registry.open(ledger, abort);
            connections.spawn(async move {
                serving.await;
                registry.ended(id);
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
    if tokio::time::timeout(grace, connections.wait()).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections closed early: their responses took longer than the grace time"
        );
    }
}

/// A place within the limit: a free one, or that of the connection which has been idle for longest.
async fn place(places: &Arc<Semaphore>, registry: &Registry) -> Option<OwnedSemaphorePermit> {
    if let Ok(place) = Arc::clone(places).try_acquire_owned() {
        return Some(place);
    }
    if !registry.close_longest_idle() {
        return None;
    }
    // The connection ends as soon as its task runs.
    tokio::time::timeout(CLOSING, Arc::clone(places).acquire_owned()).await.ok()?.ok()
}

/// The next connection. A failure to accept neither ends the server nor makes it spin.
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
