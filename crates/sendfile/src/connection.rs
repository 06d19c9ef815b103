//! One connection: hyper's HTTP/1 around the router, until either side or a shutdown ends it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::CONTENT_LENGTH;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::Limits;
use super::handoff::{Handoff, Ledger};
use super::outgoing::Outgoing;
use super::socket::Socket;
use super::stall::Stall;

/// hyper takes no smaller limit.
const LEAST_HEADER_BYTES: usize = 8192;

/// What all connections of a listener share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) router: Router,
    pub(super) limits: Limits,
    /// Finish the request that is under way and take no other.
    pub(super) shutdown: CancellationToken,
    /// Close at once.
    pub(super) abort: CancellationToken,
}

/// Serves `stream` until it ends.
pub(super) async fn serve(stream: TcpStream, peer: SocketAddr, shared: Shared) {
    let Shared { router, limits, shutdown, abort } = shared;
    let ledger = Ledger::default();
    let socket = Socket::new(stream, ledger.clone(), Stall::new(limits.write_timeout));
    let service = service_fn(move |request| answer(router.clone(), request, peer, ledger.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_buf_size(limits.max_header_bytes.max(LEAST_HEADER_BYTES))
        .writev(true)
        .serve_connection(socket, service);
    let mut connection = pin!(connection);

    let until_shutdown = async {
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    };
    let ended = tokio::select! {
        biased;
        ended = until_shutdown => ended,
        () = abort.cancelled() => return tracing::debug!(%peer, "connection cut off"),
    };
    if let Err(error) = ended {
        // Mostly peers that went away or were too slow, so nothing to trouble an operator with.
        tracing::debug!(%peer, error = &error as &dyn std::error::Error, "connection ended");
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    ledger: Ledger,
) -> Result<Response<Outgoing>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(Handoff::new(ledger.clone()));
    let mut response = router.call(request).await?;
    if response.status() == StatusCode::NOT_MODIFIED {
        // axum adds the length of the body; a 304 may only give that of the 200 that it stands for
        // (RFC 9110 section 8.6).
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    Ok(response.map(|body| Outgoing::new(body, ledger)))
}
