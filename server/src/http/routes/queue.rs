//! The queue in numbers, for the operator: once, or as it changes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{
        IntoResponse as _, Response,
        sse::{Event, Sse},
    },
};
use futures_util::stream::{Stream, unfold};
use http::HeaderValue;
use tokio::time::{Instant, sleep};

use super::call::no_store;
use crate::http::{
    error::Result,
    queue_events::{Told, What},
    router::App,
};

/// How soon a change is told.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Without a change, ages and the workers' last words are told anew so often.
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// When a browser comes again after its connection was lost.
const COME_AGAIN: Duration = Duration::from_secs(3);

/// `GET /api/queue`
pub(in crate::http) async fn get(State(app): State<Arc<App>>) -> Result<Response> {
    Ok(no_store(Json(app.queue.body().await?).into_response()))
}

/// `GET /api/queue/events` (HTML Standard, section 9.2): `queue` with the body of `GET /api/queue`
/// at once, at each change and every few seconds; `problem` where the database does not answer.
/// Ends when the server shuts down.
pub(in crate::http) async fn events(State(app): State<Arc<App>>) -> Response {
    let mut response = no_store(Sse::new(follow(app)).into_response());
    // nginx would keep the events back until it has a buffer full.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// What was sent last on one connection.
struct Sent {
    told: Arc<Told>,
    at: Instant,
}

fn follow(app: Arc<App>) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    unfold((app, None::<Sent>), |(app, sent)| async move {
        let closing = app.closing.clone();
        let (event, sent) = closing.run_until_cancelled(next(&app, sent)).await?;
        Some((Ok(event), (app, Some(sent))))
    })
}

/// Waits for something to send.
async fn next(app: &App, sent: Option<Sent>) -> (Event, Sent) {
    let Some(sent) = sent else {
        let told = app.queue.now().await;
        return (event(&told.what).retry(COME_AGAIN), Sent { told, at: Instant::now() });
    };
    loop {
        sleep(LOOK_EVERY).await;
        let told = app.queue.now().await;
        let is_news = told.change != sent.told.change;
        if is_news || sent.at.elapsed() >= REFRESH_EVERY {
            let event = match &told.what {
                // Said already; this keeps the connection from being taken for dead.
                What::Problem { .. } if !is_news => Event::default().comment("still so"),
                what => event(what),
            };
            return (event, Sent { told, at: Instant::now() });
        }
    }
}

fn event(what: &What) -> Event {
    match what {
        What::Queue { json, id } => Event::default().event("queue").id(id).data(json),
        What::Problem { json } => Event::default().event("problem").data(json),
    }
}
