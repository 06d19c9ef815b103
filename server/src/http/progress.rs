//! The 202 answer: a recording that is being prepared, and its progress.

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use shared::body::{Progress, WaitingFor};

use super::{error::ApiError, language::localized};
use crate::{api::bodies, engine::rules::Policy, model::View};

/// 202 for the view's last run. `held` is the applied wait (RFC 7240, section 3).
pub(super) fn preparing(view: &View, policy: &Policy, held: Option<Duration>) -> Response {
    let Some(progress) = bodies::progress(view, policy) else {
        return ApiError::internal(&"being prepared without a run").into_response();
    };
    let retry_after = HeaderValue::from(progress.retry_after);
    let mut response = localized(StatusCode::ACCEPTED, "application/json", |lang| {
        let words = lang.api();
        let message = match progress.waiting_for {
            Some(WaitingFor::Provider) => words.waiting_for_provider.to_owned(),
            _ => (words.being_prepared)(progress.attempt, progress.max_attempts),
        };
        Progress { message, ..progress }
    });
    response.headers_mut().insert(RETRY_AFTER, retry_after);
    if let Some(held) = held {
        add_applied(&mut response, held);
    }
    response
}

/// Adds `Preference-Applied` with the applied wait.
pub(super) fn add_applied(response: &mut Response, held: Duration) {
    let applied = format!("wait={}", held.as_secs());
    let applied = HeaderValue::try_from(applied).expect("letters and digits");
    response.headers_mut().insert("preference-applied", applied);
}
