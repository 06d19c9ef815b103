//! The language that an answer of the API speaks (`Accept-Language`; no cookie): what has words in it is
//! written last, when it is known who reads it. The pages choose theirs themselves.

use app::Lang;
use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_LENGTH, VARY},
};
use serde::Serialize;
use shared::body::Progress;

use super::error::ApiError;

/// A body that waits for its words; travels in the extensions of a response without a body.
#[derive(Clone, Debug)]
pub(super) enum Unwritten {
    /// Of every error.
    Problem(ApiError),
    /// Of a 202.
    Progress(Progress),
}

impl Unwritten {
    fn write(self, lang: Lang) -> Vec<u8> {
        match self {
            Self::Problem(error) => json(&error.problem(lang)),
            Self::Progress(progress) => {
                let Progress { attempt, max_attempts, .. } = progress;
                let message = (lang.api().being_prepared)(attempt, max_attempts);
                json(&Progress { message, ..progress })
            }
        }
    }
}

impl IntoResponse for Unwritten {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes what was left unwritten.
pub(super) async fn in_language(request: Request, next: Next) -> Response {
    let lang = accepted(request.headers()).unwrap_or_default();
    let mut response = next.run(request).await;
    let Some(unwritten) = response.extensions_mut().remove::<Unwritten>() else { return response };
    let body = unwritten.write(lang);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang.code()));
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
    *response.body_mut() = Body::from(body);
    response
}

/// The language of ours that the request would like best.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Lang> {
    headers.get(ACCEPT_LANGUAGE)?.to_str().ok().map(Lang::from_accept_language)
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("plain data with text for keys")
}
