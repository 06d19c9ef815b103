//! One connection: hyper's HTTP/1 around the service, until either side or a shutdown ends it.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::handoff::{Handoff, Ledger};
use super::outgoing::Outgoing;
use super::socket::Socket;
use super::{BoxError, Options, Peer, RequestBody, Spare};

/// hyper takes no smaller limit.
const LEAST_HEADER_BYTES: usize = 8192;

/// What all connections of a listener share.
#[derive(Debug, Clone)]
pub(super) struct Shared<S> {
    pub(super) service: S,
    pub(super) options: Options,
    /// Finish the request that is under way and take no other.
    pub(super) shutdown: CancellationToken,
    /// Close at once.
    pub(super) abort: CancellationToken,
}

/// Where a connection comes from, and whether it is above the limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) peer: SocketAddr,
    pub(super) is_spare: bool,
}

/// Serves `stream` until it ends.
pub(super) async fn serve<S, B>(
    stream: TcpStream,
    origin: Origin,
    ledger: Ledger,
    shared: Shared<S>,
) where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let Shared { service, options, shutdown, abort } = shared;
    let Origin { peer, .. } = origin;
    let socket = Socket::new(stream, ledger.clone(), &options);
    let answer_one = move |request| {
        ledger.request_started();
        answer(service.clone(), request, origin, options, ledger.clone())
    };
    // The socket times heads and idle connections, since hyper's own timer answers nothing. That timer
    // must be set nevertheless: it has hyper read again after each response, which starts ours.
    let backstop = options.limits.head_timeout + options.limits.idle_timeout;
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(backstop)
        .max_buf_size(options.limits.max_header_bytes.max(LEAST_HEADER_BYTES))
        .writev(true)
        .serve_connection(socket, service_fn(answer_one));
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
        () = abort.cancelled() => return tracing::debug!(%peer, "connection closed early"),
    };
    if let Err(error) = ended {
        // Mostly peers that left or were too slow: nothing that an operator has to know.
        tracing::debug!(%peer, error = &error as &dyn std::error::Error, "connection ended");
    }
}

async fn answer<S, B>(
    mut service: S,
    request: Request<Incoming>,
    origin: Origin,
    options: Options,
    ledger: Ledger,
) -> Result<Response<Outgoing<B>>, Infallible>
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
{
    if !names_one_host(&request) {
        let status = StatusCode::BAD_REQUEST;
        let page = (options.error_pages)(status).into_response(status);
        return Ok(page.map(|body| Outgoing::page(body, ledger)));
    }
    let mut request = request.map(|body| RequestBody::new(body, options.limits.body_pace));
    request.extensions_mut().insert(Peer(origin.peer));
    if origin.is_spare {
        request.extensions_mut().insert(Spare);
    }
    if cfg!(feature = "kernel") {
        request.extensions_mut().insert(Handoff::new(ledger.clone()));
    }
    poll_fn(|cx| service.poll_ready(cx)).await?;
    let mut response = service.call(request).await?;
    if response.status() == StatusCode::NOT_MODIFIED {
        // axum adds the length of the body; a 304 may only give that of the 200 that it stands for
        // (RFC 9110 section 8.6).
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    if origin.is_spare {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| Outgoing::new(body, ledger)))
}

/// RFC 9112, section 3.2: any other number of `Host` fields must be answered with 400. HTTP/1.0 has
/// none.
fn names_one_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => true,
        (None, _) => request.version() == Version::HTTP_10,
        (Some(_), Some(_)) => false,
    }
}
