//! Serves the files of one folder, whole or by `Range: bytes=FIRST-LAST`: what instruction counts are
//! taken of. `files FOLDER ADDRESS [--read]`; `--read` copies through memory instead of having the
//! kernel send the file.

use std::{convert::Infallible, fs::File, path::PathBuf, sync::Arc};

use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{Either, Empty};
use sendfile::{FileBody, Handoff, Limits, RequestBody, serve};
use tokio_util::sync::CancellationToken;

type Body = Either<FileBody, Empty<bytes::Bytes>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder: PathBuf = arguments.next().ok_or("name a folder")?.into();
    let address = arguments.next().ok_or("name an address")?;
    let reads = arguments.next().is_some_and(|flag| flag == "--read");

    let service = tower::service_fn(move |request: Request<RequestBody>| {
        let answer = send(&folder, &request, reads);
        async { Ok::<_, Infallible>(answer) }
    });
    let listener = tokio::net::TcpListener::bind(address).await?;
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    });
    serve(listener, service, shutdown, Limits::default()).await;
    Ok(())
}

fn send(folder: &std::path::Path, request: &Request<RequestBody>, reads: bool) -> Response<Body> {
    let handoff = request.extensions().get::<Handoff>().filter(|_| !reads).cloned();
    let name = request.uri().path().trim_start_matches('/');
    let file = if name.contains('/') { None } else { File::open(folder.join(name)).ok() };
    let sized = file.and_then(|file| file.metadata().ok().map(|facts| (facts.len(), file)));
    let Some((len, file)) = sized else {
        let mut response = Response::new(Either::Right(Empty::new()));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let range = range(request.headers(), len);
    let is_part = range != (0..len);
    let body = FileBody::new(Arc::new(file), range, handoff);
    let mut response = Response::new(Either::Left(body));
    if is_part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// `bytes=FIRST-LAST`; anything else is the whole file.
fn range(headers: &HeaderMap, len: u64) -> std::ops::Range<u64> {
    let read = || {
        let text = headers.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
        let (first, last) = text.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last && last < len).then(|| first..last + 1)
    };
    read().unwrap_or(0..len)
}
