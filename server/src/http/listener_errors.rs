//! Errors that the listener answers by itself, because no request came of what was sent, and the
//! refusal of requests above the limit of connections. Both have the problem body.

use app::{Lang, words::Detail};
use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use sendfile::{ErrorPage, Spare};
use shared::{body::PROBLEM_TYPE, path};

use super::{error::ApiError, headers::add_all};

/// The problem body for a head that can't be read. In English: nothing says what the client reads.
pub fn error_page(status: StatusCode) -> ErrorPage {
    let detail = match status {
        StatusCode::REQUEST_TIMEOUT => Detail::RequestTooSlow,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            Detail::HeadTooLong
        }
        _ => Detail::HeadUnreadable,
    };
    let problem = ApiError::new(detail).with_status(status).problem(Lang::En);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    add_all(&mut headers, false);
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
    // Plain data with text for keys can always be written.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    ErrorPage { headers: headers.collect(), body: body.into() }
}

/// The refusal of a request on a connection above the limit; health checks are answered there too.
pub(super) fn refuse_spare(request: &Request) -> Option<Response> {
    request.extensions().get::<Spare>()?;
    if matches!(request.uri().path(), path::HEALTHZ | path::READYZ) {
        return None;
    }
    Some(too_many())
}

/// 503: no place for another connection.
pub(super) fn too_many() -> Response {
    let mut response = ApiError::new(Detail::TooManyConnections).into_response();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_own_words() {
        for (status, code) in [(400, "bad_request"), (408, "request_timeout"), (431, "bad_request")]
        {
            let page = error_page(StatusCode::from_u16(status).unwrap());
            let problem: serde_json::Value = serde_json::from_slice(&page.body).unwrap();
            assert_eq!(problem["status"], status);
            assert_eq!(problem["error"], code);
            assert!(page.headers.iter().any(|(name, _)| name == CONTENT_TYPE));
        }
    }
}
