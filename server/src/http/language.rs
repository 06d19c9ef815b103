//! The language of an API answer (`Accept-Language`; no cookie). A middleware reads it once, and the
//! bodies with words are written in it. The pages choose their language themselves.

use app::Lang;
use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, VARY},
};
use serde::Serialize;

tokio::task_local! {
    /// The language of the request that this task answers.
    static LANG: Lang;
}

/// Runs the request in its language.
pub(super) async fn in_language(request: Request, next: Next) -> Response {
    let lang = accepted(request.headers()).unwrap_or_default();
    LANG.scope(lang, next.run(request)).await
}

/// The supported language that the request prefers.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Lang> {
    headers.get(ACCEPT_LANGUAGE)?.to_str().ok().map(Lang::from_accept_language)
}

/// A JSON answer whose words are in the request's language; never cached.
pub(super) fn localized<T: Serialize>(
    status: StatusCode,
    media_type: &'static str,
    body: impl FnOnce(Lang) -> T,
) -> Response {
    let lang = LANG.try_with(|lang| *lang).unwrap_or_default();
    let body = serde_json::to_vec(&body(lang)).expect("plain data with text for keys");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang.code()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
    response
}
