//! One call: reading it, registering it, and asking for its recording without listening.

use std::sync::Arc;

use app::words::Detail;
use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::LOCATION};
use shared::path;

use crate::{
    access::Grant,
    api::{
        bodies,
        call_input::{CallInput, CallInputError},
    },
    engine::{Availability, RetryOutcome, rules::Purpose},
    http::{
        call_queries,
        error::{ApiError, Result},
        progress::preparing,
        request::{Sid, json_body},
        response::no_store,
        router::App,
    },
    store::Put,
};

/// `GET`.
pub(in crate::http) async fn get(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
    Extension(grant): Extension<Grant>,
) -> Result<Response> {
    let body = call_queries::call(&app, &call_sid).await?;
    let body = if matches!(grant, Grant::Everything { .. }) { body } else { bodies::bare(body) };
    Ok(no_store(Json(body).into_response()))
}

/// `PUT`: registers or replaces.
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let body = json_body(&headers, body).await.map_err(|error| error.about(&call_sid))?;
    let fields = CallInput::from_json(&body).map_err(|error| {
        let why = error.to_string();
        let detail = match error {
            CallInputError::Malformed(_) => Detail::BodyMalformed(why),
            CallInputError::Invalid(_) => Detail::InvalidCall(why),
        };
        ApiError::new(detail).about(&call_sid)
    })?;
    let put = app.store.put_call(&call_sid, &fields).await;
    app.notifier.notify(&call_sid);
    let status = match put.map_err(|error| ApiError::from(error).about(&call_sid))? {
        Put::Created => StatusCode::CREATED,
        Put::Replaced => StatusCode::OK,
        Put::Deleted => return Err(ApiError::new(Detail::DeletedForGood).about(&call_sid)),
    };
    let body = call_queries::call(&app, &call_sid).await?;
    let mut response = no_store((status, Json(body)).into_response());
    if status == StatusCode::CREATED {
        let location = HeaderValue::try_from(path::call(&call_sid));
        response.headers_mut().insert(LOCATION, location.expect("a call id is plain ASCII"));
    }
    Ok(response)
}

/// `POST …/retry`: an operator's way out.
pub(in crate::http) async fn retry(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
) -> Result<Response> {
    let retried = app.service.retry(&call_sid, Purpose::Listen).await;
    match retried.map_err(|error| ApiError::from(error).about(&call_sid))? {
        RetryOutcome::Preparing { view, .. } => Ok(preparing(&view, app.service.policy(), None)),
        RetryOutcome::Final(answer) => {
            Err(ApiError::no_recording(&answer, &call_sid, app.service.policy()))
        }
        RetryOutcome::AlreadyReady => Err(ApiError::new(Detail::AlreadyReady).about(&call_sid)),
    }
}

/// `POST …/prefetch`: queues without hurry. A recording that is ready already is answered with
/// 200 and the call.
pub(in crate::http) async fn prefetch(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
) -> Result<Response> {
    let answer = app.service.ask(&call_sid, Purpose::Prefetch).await;
    match answer.map_err(|error| ApiError::from(error).about(&call_sid))? {
        Availability::Ready(_) => {
            Ok(no_store(Json(call_queries::call(&app, &call_sid).await?).into_response()))
        }
        Availability::Preparing(view) => Ok(preparing(&view, app.service.policy(), None)),
        Availability::Final(answer) => {
            Err(ApiError::no_recording(&answer, &call_sid, app.service.policy()))
        }
    }
}
