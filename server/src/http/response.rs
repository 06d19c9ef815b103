//! Small answers that several routes share.

use axum::response::{IntoResponse as _, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, LOCATION},
};

/// Forbids caching: the answer may be another one a moment later.
pub(super) fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 303: the browser fetches `to` next, with GET.
pub(super) fn see_other(to: &str) -> Response {
    let mut response = no_store(StatusCode::SEE_OTHER.into_response());
    let to = HeaderValue::try_from(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, to);
    response
}
