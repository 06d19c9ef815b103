//! The queue in numbers, for the operator.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};

use super::call::no_store;
use crate::http::{bodies, error::Result, router::App};

/// `GET`.
pub(in crate::http) async fn get(State(app): State<Arc<App>>) -> Result<Response> {
    let queue = app.store.queue().await?;
    Ok(no_store(Json(bodies::queue(&queue)).into_response()))
}
