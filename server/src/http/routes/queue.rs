//! The queue in numbers, for the operator: once, or as it changes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::State,
    response::{
        IntoResponse as _, Response,
        sse::{Event, Sse},
    },
};
use futures_util::stream::{Stream, unfold};
use http::{HeaderMap, HeaderValue};
use sendfile::Peer;
use tokio::time::{Instant, sleep};

use crate::http::{
    error::Result,
    held_places::{ClientAddress, HeldPlace},
    listener_errors::too_many,
    queue_events::{Payload, QueueEvent},
    response::no_store,
    router::App,
};

/// How often a connection looks for a change.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Without a change, the queue is sent again this often, so that ages stay true.
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// When a browser reconnects after it lost its connection.
const RECONNECT_AFTER: Duration = Duration::from_secs(3);

/// `GET /api/queue`
pub(in crate::http) async fn get(State(app): State<Arc<App>>) -> Result<Response> {
    Ok(no_store(Json(app.queue.body().await?).into_response()))
}

/// `GET /api/queue/events` (HTML Standard, section 9.2): `queue` with the body of `GET /api/queue`
/// at once, at each change and every few seconds; `problem` where the database does not answer.
/// Ends when the server shuts down.
pub(in crate::http) async fn events(
    State(app): State<Arc<App>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Response {
    let client = peer.and_then(|Extension(Peer(peer))| ClientAddress::of(peer, &headers));
    let Some(place) = app.held.try_take(client) else { return too_many() };
    let mut response = no_store(Sse::new(follow(app, place)).into_response());
    // nginx would keep the events back until it has a buffer full.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Payload was sent last on one connection.
struct Sent {
    event: Arc<QueueEvent>,
    at: Instant,
}

fn follow(
    app: Arc<App>,
    place: HeldPlace,
) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    unfold((app, place, None::<Sent>), |(app, place, sent)| async move {
        let closing = app.closing.clone();
        let (event, sent) = closing.run_until_cancelled(next(&app, sent)).await?;
        Some((Ok(event), (app, place, Some(sent))))
    })
}

/// Waits for the next event to send.
async fn next(app: &App, sent: Option<Sent>) -> (Event, Sent) {
    let Some(sent) = sent else {
        let event = app.queue.now().await;
        return (to_sse(&event.payload).retry(RECONNECT_AFTER), Sent { event, at: Instant::now() });
    };
    loop {
        sleep(CHECK_EVERY).await;
        let event = app.queue.now().await;
        let is_news = event.change != sent.event.change;
        if is_news || sent.at.elapsed() >= REFRESH_EVERY {
            let sse = match &event.payload {
                // Already sent; the comment keeps proxies from closing an idle connection.
                Payload::Problem { .. } if !is_news => Event::default().comment("still so"),
                payload => to_sse(payload),
            };
            return (sse, Sent { event, at: Instant::now() });
        }
    }
}

fn to_sse(payload: &Payload) -> Event {
    match payload {
        Payload::Queue { json, id } => Event::default().event("queue").id(id).data(json),
        Payload::Problem { json } => Event::default().event("problem").data(json),
    }
}
