//! Whether the process is up, and whether it can work.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde::Serialize;
use tokio::time::timeout;

use crate::{
    engine::CounterState,
    http::{response::no_store, router::App},
};

/// Whoever asks must not wait for long.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Readiness {
    database: &'static str,
    storage: &'static str,
    redis: &'static str,
}

/// `GET /healthz`
pub(in crate::http) async fn healthz() -> Response {
    no_store("ok\n".into_response())
}

/// `GET /readyz`: 503 where the database or the storage is away. Redis is named, and may be.
pub(in crate::http) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let (database, storage, redis) = tokio::join!(
        timeout(PATIENCE, app.store.ping()),
        timeout(PATIENCE, app.storage.check()),
        timeout(PATIENCE, app.attempt_counter.state()),
    );
    let word = |is_there| if is_there { "ok" } else { "unavailable" };
    let (database, storage) = (matches!(database, Ok(Ok(()))), matches!(storage, Ok(Ok(()))));
    let redis = match redis {
        Ok(CounterState::None) => "not configured",
        Ok(CounterState::Reachable) => "ok",
        Ok(CounterState::Unreachable) | Err(_) => "unavailable",
    };
    let is_ready = database && storage;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Readiness { database: word(database), storage: word(storage), redis };
    no_store((status, Json(body)).into_response())
}
