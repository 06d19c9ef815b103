//! The outermost layer around every request: its id in log lines and in the answer, its metrics, and the
//! headers that every response has. Changes nothing else about an answer. Not tower-http's request id
//! and trace layers: they take any text as an id, and count no routes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::{Instrument as _, error_span};
use uuid::Uuid;

use super::{
    headers::{add_all, is_for_others},
    router::App,
};

/// A proxy in front may set the id of a request, and finds it in our log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 64;
/// The route label of a request that no route matched.
const NO_ROUTE: &str = "none";

/// Makes the ids of requests that come without one: unique across processes, cheap to make.
#[derive(Debug)]
pub struct RequestIds {
    process: u32,
    next: AtomicU32,
}

impl RequestIds {
    /// The ids of this process.
    pub fn new() -> Self {
        let (process, ..) = Uuid::new_v4().as_fields();
        Self { process, next: AtomicU32::new(1) }
    }

    fn next(&self) -> HeaderValue {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:08x}-{number:x}", self.process);
        HeaderValue::try_from(id).expect("hexadecimal digits")
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self::new()
    }
}

/// The outermost layer.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = given(request.headers()).unwrap_or_else(|| app.request_ids.next());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let is_for_others = is_for_others(request.uri().path());
    // At the level of errors, so that every log line has it.
    let span = error_span!("request", id = id.to_str().unwrap_or_default());
    let mut response = next.run(request).instrument(span).await;

    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    app.metrics.answered(route, &method, response.status());
    if response.headers().contains_key("preference-applied") {
        app.metrics.held(began.elapsed());
    } else {
        app.metrics.answered_in(route, began.elapsed());
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    add_all(headers, is_for_others);
    response
}

/// The id that the request came with, if it is plain and short: it goes into log lines.
fn given(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
    let fits = (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(is_plain);
    fits.then(|| id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_is_taken_if_it_is_plain_and_short() {
        let given = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(id).unwrap());
            given(&headers).is_some()
        };
        assert!(given("7f3c9a1e-0b.x_y"));
        for bad in ["", "a b", "x\"}", "id=1", &"a".repeat(65)] {
            assert!(!given(bad), "{bad}");
        }
        let ids = RequestIds::new();
        assert_ne!(ids.next(), ids.next());
    }
}
