//! `GET /api/calls`: the list of calls.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse as _, Response},
};

use crate::http::{
    call_queries::{ListQuery, calls, list_query},
    error::Result,
    response::no_store,
    router::App,
};

/// `GET`.
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    query: std::result::Result<Query<ListQuery>, QueryRejection>,
) -> Result<Response> {
    let query = list_query(query)?.parse()?;
    Ok(no_store(Json(calls(&app, query).await?).into_response()))
}
