//! `GET /metrics` on a listener of its own, for Prometheus, without a token. Holds nothing about a single
//! call.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use tracing::error;

use crate::{
    engine::{LongPoll, QueueCache, rules::Policy},
    metrics::{Metrics, Snapshot, TEXT_FORMAT},
    store::Store,
};

/// The sources of the gauges, read at each scrape.
pub struct Scrape {
    /// What this process counts.
    pub metrics: Arc<Metrics>,
    /// Reads the queue.
    pub queue: Arc<QueueCache>,
    /// Knows its connections.
    pub store: Arc<dyn Store>,
    /// The engine's lengths of time.
    pub policy: Policy,
    /// Where requests are held, if this process answers any.
    pub long_poll: Option<Arc<LongPoll>>,
}

/// The listener's only route.
pub fn metrics_router(scrape: Arc<Scrape>) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(scrape)
}

async fn metrics(State(scrape): State<Arc<Scrape>>) -> Response {
    let reading = scrape.queue.look().await;
    let now = Snapshot {
        queue: reading.queue.as_ref().ok(),
        policy: &scrape.policy,
        connections: scrape.store.connections(),
        held: scrape.long_poll.as_ref().map(|room| room.held()),
    };
    match scrape.metrics.text(&now) {
        Ok(text) => {
            ([(CONTENT_TYPE, TEXT_FORMAT), (CACHE_CONTROL, "no-store")], text).into_response()
        }
        Err(error) => {
            error!(%error, "the metrics can't be written down");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
