//! `POST /api/calls/{call_sid}/links`: a signed link to one call.

use std::sync::Arc;

use app::words::Detail;
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;

use crate::{
    api::link_input::{LinkInput, link_body},
    http::{
        call_queries,
        error::{ApiError, Result},
        request::{Sid, bounded},
        response::no_store,
        router::App,
    },
};

/// 201 with the address, the token in it, and when it expires.
pub(in crate::http) async fn create(
    State(app): State<Arc<App>>,
    Sid(call_sid): Sid,
    body: Body,
) -> Result<Response> {
    let input = LinkInput::from_json(&bounded(body).await?)
        .map_err(|why| ApiError::new(Detail::InvalidLink(why)).about(&call_sid))?;
    let Some(key) = app.access.links().signing_key() else {
        return Err(ApiError::new(Detail::NoLinkKey).about(&call_sid));
    };
    call_queries::call(&app, &call_sid).await?;
    let link = input.into_link(call_sid, key, app.access.links().now());
    let body = link_body(&link, key, app.access.public_url());
    Ok(no_store((StatusCode::CREATED, Json(body)).into_response()))
}
