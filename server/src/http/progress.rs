//! The answer "being prepared": 202 with how it stands.

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};

use crate::{
    engine::rules::Policy,
    http::{bodies, error::ApiError, language::Unwritten},
    model::View,
};

/// 202 for the view's last run. `held` is the wait that was applied (RFC 7240, section 3).
pub(in crate::http) fn preparing(view: &View, policy: &Policy, held: Option<Duration>) -> Response {
    let Some(progress) = bodies::progress(view, policy) else {
        return ApiError::internal(&"being prepared without a run").into_response();
    };
    let retry_after = HeaderValue::from(progress.retry_after);
    let mut response = (StatusCode::ACCEPTED, Unwritten::Progress(progress)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(RETRY_AFTER, retry_after);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(held) = held {
        add_applied(&mut response, held);
    }
    response
}

/// Says which wait was applied.
pub(in crate::http) fn add_applied(response: &mut Response, held: Duration) {
    let applied = format!("wait={}", held.as_secs());
    let applied = HeaderValue::try_from(applied).expect("letters and digits");
    response.headers_mut().insert("preference-applied", applied);
}
