//! Signing in and out of the browser session.

use std::sync::Arc;

use app::{Page, SignInPage, words::Detail};
use axum::{Extension, body::Body, extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri, header::SET_COOKIE};
use serde::Deserialize;
use shared::path;

use crate::{
    access::{Grant, Sessions},
    http::{
        error::{ApiError, Result},
        page_response::respond,
        request::{bounded, came_by_tls},
        response::see_other,
        router::App,
    },
};

/// What the form sends.
#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

/// Sends a visitor to the sign-in page, and from there back to where they were going.
pub(in crate::http) fn send_there(from: &Uri) -> Response {
    let here = from.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("next", here).finish();
    see_other(&format!("{}?{query}", path::SIGN_IN))
}

/// `GET /sign-in`
pub(in crate::http) async fn page(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let next = query.into_iter().find(|(name, _)| name == "next").map(|(_, next)| next);
    let next = own_path(next.as_deref().unwrap_or_default());
    if matches!(grant, Grant::Everything { .. }) {
        return see_other(&next);
    }
    let page = Page::SignIn(SignInPage { failed: false, next });
    respond(&app, &grant, &uri, &headers, StatusCode::OK, page)
}

/// `POST /sign-in`
pub(in crate::http) async fn sign_in(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let form = bounded(body).await?;
    let form: Form =
        serde_urlencoded::from_bytes(&form).map_err(|_| ApiError::new(Detail::FormUnreadable))?;
    let next = own_path(&form.next);
    let Some(sessions) = app.access.sessions() else { return Ok(see_other(&next)) };
    if !sessions.is_token(form.token.trim()) {
        let page = Page::SignIn(SignInPage { failed: true, next });
        return Ok(respond(&app, &grant, &uri, &headers, StatusCode::UNAUTHORIZED, page));
    }
    let mut response = see_other(&next);
    response
        .headers_mut()
        .insert(SET_COOKIE, sessions.sign_in(app.access.is_secure(came_by_tls(&headers))));
    Ok(response)
}

/// `POST /sign-out`
pub(in crate::http) async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let mut response = see_other(path::CALLS_PAGE);
    response
        .headers_mut()
        .insert(SET_COOKIE, Sessions::sign_out(app.access.is_secure(came_by_tls(&headers))));
    response
}

/// A path of this site, never an address elsewhere (an open redirect).
fn own_path(next: &str) -> String {
    let base = url::Url::parse("http://tapedeck.invalid/");
    let joined = base.ok().filter(|_| next.starts_with('/')).and_then(|base| {
        let joined = base.join(next).ok()?;
        // `/.//host` is a path here; written without its origin it would be a host.
        let is_ours = joined.origin() == base.origin() && !joined.path().starts_with("//");
        is_ours.then_some(joined)
    });
    joined.map_or_else(
        || path::CALLS_PAGE.to_owned(),
        |url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_leads_to_this_site_alone() {
        for (next, leads_to) in [
            ("/calls/CA1?lang=he", "/calls/CA1?lang=he"),
            ("", "/"),
            ("calls", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example", "/"),
            ("/.//evil.example", "/"),
            ("/.\\\\evil.example", "/"),
            ("/a/..//evil.example/x", "/"),
            ("/%2e//evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/\t/evil.example", "/"),
            ("/a/../b", "/b"),
        ] {
            assert_eq!(own_path(next), leads_to, "{next:?}");
        }
    }
}
