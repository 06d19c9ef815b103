//! Serves the files of one folder as recordings are served: what `cargo xtask bench` compares with
//! nginx. `file_server FOLDER ADDRESS [--read]`; `--read` copies through memory instead of having
//! the kernel send the file.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderMap, Method, StatusCode};
use sendfile::{FileBody, Handoff, Limits, serve};
use server::http::file::{Disposition, OpenFiles, Representation, evaluate, respond};
use tokio_util::sync::CancellationToken;

struct App {
    folder: PathBuf,
    files: OpenFiles,
    reads: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("which folder?")?.into();
    let address = arguments.next().context("which address?")?;
    let reads = arguments.next().is_some_and(|flag| flag == "--read");

    let app = App { folder, files: OpenFiles::new(64), reads };
    let router = Router::new().route("/{name}", get(send)).with_state(Arc::new(app));
    let listener = tokio::net::TcpListener::bind(address).await?;
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    });
    serve(listener, router, shutdown, Limits::default()).await;
    Ok(())
}

async fn send(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
    handoff: Option<Extension<Handoff>>,
) -> Response {
    let handoff = handoff.map(|Extension(handoff)| handoff).filter(|_| !app.reads);
    match try_send(&app, &name, &method, &headers, handoff).await {
        Ok(response) => response,
        Err(error) => (StatusCode::NOT_FOUND, error.to_string()).into_response(),
    }
}

async fn try_send(
    app: &App,
    name: &str,
    method: &Method,
    headers: &HeaderMap,
    handoff: Option<Handoff>,
) -> anyhow::Result<Response> {
    let file = app.files.open(&app.folder.join(name)).await?;
    let facts = file.metadata()?;
    // A real recording's digest comes from its row.
    let digest = format!("{:064x}", facts.len());
    let recording =
        Representation::new(&digest, facts.modified()?, facts.len(), "audio/wav", name)?;
    let outcome = evaluate(method, headers, &recording);
    let response = respond(outcome, &recording, Disposition::Inline, |range| {
        FileBody::new(file, range, handoff)
    });
    Ok(response.unwrap_or_else(|refused| {
        let mut response = (refused.status(), refused.to_string()).into_response();
        refused.add_headers(response.headers_mut());
        response
    }))
}
