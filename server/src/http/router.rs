//! All routes in one place, and the layers around them.

use std::sync::Arc;

use app::words::Detail;
use axum::{
    Extension, Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::{HeaderMap, Method, Uri};
use shared::path;
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use super::{
    error::ApiError,
    file::OpenFiles,
    held_places::HeldPlaces,
    language::in_language,
    listener_errors::refuse_spare,
    observe::{RequestIds, observe},
    page_response::problem,
    queue_events::QueueEvents,
    routes::{Readiness, call, calls, embed, file, health, links, pages, peaks, queue, session},
    site::Site,
};
use crate::{
    access::{Access, Denial, Grant},
    config::EmbedOrigins,
    engine::{AttemptCounter, ChangeNotifier, LongPoll, RecordingService},
    metrics::Metrics,
    storage::Storage,
    store::Store,
};

/// What the routes work with.
pub struct App {
    /// Calls, runs and recordings.
    pub store: Arc<dyn Store>,
    /// Their bytes.
    pub storage: Storage,
    /// The files of recordings that are open already.
    pub files: OpenFiles,
    /// Decides on runs.
    pub service: Arc<RecordingService>,
    /// Answers listeners, at once or held.
    pub long_poll: Arc<LongPoll>,
    /// Reports what the routes change.
    pub notifier: Arc<ChangeNotifier>,
    /// `readyz` names its state.
    pub attempt_counter: Arc<dyn AttemptCounter>,
    /// The state of the queue, and its event streams.
    pub queue: QueueEvents,
    /// Cancelled when the server shuts down: ends event streams and held requests.
    pub closing: CancellationToken,
    /// Counts what is answered.
    pub metrics: Arc<Metrics>,
    /// Makes request ids.
    pub request_ids: RequestIds,
    /// The access rules.
    pub access: Access,
    /// The built files of the pages.
    pub site: Site,
    /// The sites that may frame the player.
    pub embed_origins: EmbedOrigins,
    /// Limits held requests and event streams.
    pub held: Arc<HeldPlaces>,
    /// What `/readyz` last said.
    pub readiness: Readiness,
}

/// The whole server, as a service.
pub fn router(app: Arc<App>) -> Router {
    let assets = app.site.service();
    Router::new()
        .route(path::FILE, get(file::get).delete(file::delete))
        .route(path::PEAKS, get(peaks::get))
        .route(path::CALLS, get(calls::list))
        .route(path::CALL, get(call::get).put(call::put))
        .route(path::RETRY, post(call::retry))
        .route(path::PREFETCH, post(call::prefetch))
        .route(path::LINKS, post(links::create))
        .route(path::QUEUE, get(queue::get))
        .route(path::QUEUE_EVENTS, get(queue::events))
        .route(path::HEALTHZ, get(health::healthz))
        .route(path::READYZ, get(health::readyz))
        .merge(page_routes())
        .merge(assets)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(CatchPanicLayer::custom(|panic| on_panic(&panic)))
        .layer(from_fn(in_language))
        .layer(from_fn_with_state(app.clone(), observe))
        .with_state(app)
}

/// The pages. A list repeats itself and a live page is fetched often: compression makes it thirty times
/// smaller. The pages hold no secret that a compressed length could reveal.
fn page_routes() -> Router<Arc<App>> {
    Router::new()
        .route(path::SIGN_IN, get(session::page).post(session::sign_in))
        .route(path::SIGN_OUT, post(session::sign_out))
        .route(path::CALLS_PAGE, get(pages::calls))
        .route(path::CALL_PAGE, get(pages::call))
        .route(path::RETRY_PAGE, get(pages::back_to_call).post(pages::retry))
        .route(path::STATUS_PAGE, get(pages::status))
        .route(path::EMBED, get(embed::get))
        .layer(CompressionLayer::new().no_br())
}

/// Refuses requests above the limit of connections, then checks access, before any route runs.
async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if let Some(refusal) = refuse_spare(&request) {
        return refusal;
    }
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    match app.access.check(method, uri, headers) {
        Ok(grant) => {
            request.extensions_mut().insert(grant);
            next.run(request).await
        }
        // The sign-in page can't be framed, and its session would not reach a foreign frame.
        Err(denial) if path::is_embed(uri.path()) => {
            embed::refuse(&app, &Grant::Open, uri, headers, &ApiError::new(denied(denial)))
        }
        Err(Denial::Unauthorized) if reads_pages(uri, headers) => session::send_there(uri),
        Err(denial) if wants_page(method, uri, headers) => {
            problem(&app, &Grant::Open, uri, headers, &ApiError::new(denied(denial)))
        }
        Err(denial) => ApiError::new(denied(denial)).into_response(),
    }
}

fn denied(denial: Denial) -> Detail {
    match denial {
        Denial::Unauthorized => Detail::TokenNeeded,
        Denial::ForeignHost => Detail::ForeignHost,
        Denial::ForeignOrigin => Detail::ForeignOrigin,
        Denial::Proxied => Detail::Proxied,
        Denial::LinkInvalid => Detail::LinkInvalid,
        Denial::LinkExpired => Detail::LinkExpired,
    }
}

/// Whether a browser asks for a page, and not a program for the API.
fn wants_page(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    method.is_safe() && reads_pages(uri, headers)
}

/// The same for a form that a page sends.
fn reads_pages(uri: &Uri, headers: &HeaderMap) -> bool {
    let accept = headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    !uri.path().starts_with("/api/") && accept.is_some_and(|accept| accept.contains("text/html"))
}

async fn not_found(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    request: Request,
) -> Response {
    let error = ApiError::new(Detail::NoSuchAddress);
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if wants_page(method, uri, headers) {
        problem(&app, &grant, uri, headers, &error)
    } else {
        error.into_response()
    }
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(Detail::NoSuchMethod)
}

fn on_panic(panic: &(dyn std::any::Any + Send)) -> Response {
    let what = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words");
    ApiError::internal(&what).into_response()
}
