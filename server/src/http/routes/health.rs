//! Whether the process is up, and whether it can work.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde::Serialize;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::CounterState,
    http::{response::no_store, router::App},
};

/// The longest wait for an answer of one part of the server.
const PATIENCE: Duration = Duration::from_secs(1);
/// A reading is used again for as long: checks may come from many, and often.
const HOLDS: Duration = Duration::from_secs(1);

/// What `/readyz` says, and said last.
#[derive(Debug, Default)]
pub struct Readiness {
    last: Mutex<Option<(Instant, Parts)>>,
    draining: CancellationToken,
}

impl Readiness {
    /// Not ready from the time that `draining` is cancelled, whatever else is up.
    pub fn until(draining: CancellationToken) -> Self {
        Self { last: Mutex::default(), draining }
    }
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Parts {
    database: &'static str,
    storage: &'static str,
    redis: &'static str,
}

impl Parts {
    fn are_up(self) -> bool {
        self.database == UP && self.storage == UP
    }
}

const UP: &str = "ok";
const AWAY: &str = "unavailable";

/// The body of `/readyz`.
#[derive(Serialize)]
struct Body {
    #[serde(flatten)]
    parts: Parts,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    shutting_down: bool,
}

/// `GET /healthz`
pub(in crate::http) async fn healthz() -> Response {
    no_store("ok\n".into_response())
}

/// `GET /readyz`: 503 where the database or the storage is away, and once the shutdown has begun. Redis
/// is named, and may be away.
pub(in crate::http) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let parts = {
        // One reading for all that ask at the same moment.
        let mut last = app.readiness.last.lock().await;
        match *last {
            Some((at, parts)) if at.elapsed() < HOLDS => parts,
            _ => {
                let parts = read(&app).await;
                *last = Some((Instant::now(), parts));
                parts
            }
        }
    };
    let shutting_down = app.readiness.draining.is_cancelled();
    let is_ready = parts.are_up() && !shutting_down;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    no_store((status, Json(Body { parts, shutting_down })).into_response())
}

async fn read(app: &App) -> Parts {
    let (database, storage, redis) = tokio::join!(
        timeout(PATIENCE, app.store.ping()),
        timeout(PATIENCE, app.storage.check()),
        timeout(PATIENCE, app.attempt_counter.state()),
    );
    let word = |is_up| if is_up { UP } else { AWAY };
    Parts {
        database: word(matches!(database, Ok(Ok(())))),
        storage: word(matches!(storage, Ok(Ok(())))),
        redis: match redis {
            Ok(CounterState::None) => "not configured",
            Ok(CounterState::Reachable) => UP,
            Ok(CounterState::Unreachable) | Err(_) => AWAY,
        },
    }
}
