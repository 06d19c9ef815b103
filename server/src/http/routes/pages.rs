//! The pages: data from the stores, put into `app`'s documents.

use std::{sync::Arc, time::Duration};

use app::{CallPage, CallsPage, Chrome, Lang, Page, ProblemPage, Session};
use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    response::{Html, IntoResponse as _, Response},
};
use cookie::SameSite;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode, Uri,
    header::{
        ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};

use super::{
    call,
    calls::{self, ListQuery},
    session::came_by_tls,
};
use crate::http::{
    access::{Grant, cookie, set_cookie},
    error::{ApiError, Result},
    request::Sid,
    router::App,
};

/// No script, style or frame but our own; the WebAssembly needs its own word.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "private, no-cache"),
    (REFERRER_POLICY, "same-origin"),
    (VARY, "Accept-Language, Cookie"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];
const LANG: &str = "lang";
const LANG_LASTS: Duration = Duration::from_hours(365 * 24);

/// `GET /`
pub(in crate::http) async fn calls(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    query: std::result::Result<Query<ListQuery>, QueryRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let page = async {
        let asked = calls::read(query)?;
        let query = asked.parse()?;
        let page = CallsPage {
            q: query.search.clone().unwrap_or_default(),
            state: query.state,
            is_later: query.before.is_some(),
            body: calls::page(&app, query).await?,
        };
        Ok(Page::Calls(page))
    };
    answer(&app, grant, &uri, &headers, page.await)
}

/// `GET /calls/{call_sid}`
pub(in crate::http) async fn call(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    sid: Result<Sid>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let page = async {
        let Sid(call_sid) = sid?;
        let call = call::read(&app, &call_sid).await?;
        Ok(Page::Call(Box::new(CallPage { call, start: start(&uri) })))
    };
    answer(&app, grant, &uri, &headers, page.await)
}

fn answer(app: &App, grant: Grant, uri: &Uri, headers: &HeaderMap, page: Result<Page>) -> Response {
    match page {
        Ok(page) => respond(app, grant, uri, headers, StatusCode::OK, page),
        Err(error) => problem(app, grant, uri, headers, &error),
    }
}

/// The page in place of one that can't be shown.
pub(in crate::http) fn problem(
    app: &App,
    grant: Grant,
    uri: &Uri,
    headers: &HeaderMap,
    error: &ApiError,
) -> Response {
    let status = error.status();
    let page = ProblemPage { status, code: error.code(), call_sid: error.call_sid().cloned() };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    respond(app, grant, uri, headers, status, Page::Problem(page))
}

/// A page as a response, in the visitor's language.
pub(in crate::http) fn respond(
    app: &App,
    grant: Grant,
    uri: &Uri,
    headers: &HeaderMap,
    status: StatusCode,
    page: Page,
) -> Response {
    let chosen = chosen_lang(uri);
    let chrome = Chrome {
        assets: app.site.assets.clone(),
        lang: chosen.unwrap_or_else(|| remembered_lang(headers)),
        here: uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned(),
        session: match grant {
            Grant::Everything { by_session: true } => Session::SignedIn,
            _ => Session::None,
        },
    };
    let mut response = (status, Html(app::render(page, &chrome))).into_response();
    let to = response.headers_mut();
    for (name, value) in HEADERS {
        to.insert(name, HeaderValue::from_static(value));
    }
    if let Some(lang) = chosen {
        let (value, secure) = (lang.code().to_owned(), came_by_tls(headers));
        to.insert(SET_COOKIE, set_cookie(LANG, value, LANG_LASTS, SameSite::Lax, secure));
    }
    response
}

/// `?t=`: a moment of the recording, in seconds. What is no number is no moment.
fn start(uri: &Uri) -> Option<u32> {
    let mut query = url::form_urlencoded::parse(uri.query()?.as_bytes());
    query.find(|(name, _)| name == "t").and_then(|(_, seconds)| seconds.parse().ok())
}

/// `?lang=`
fn chosen_lang(uri: &Uri) -> Option<Lang> {
    let query = url::form_urlencoded::parse(uri.query()?.as_bytes());
    query.into_iter().find(|(name, _)| name == LANG).and_then(|(_, code)| Lang::from_code(&code))
}

fn remembered_lang(headers: &HeaderMap) -> Lang {
    let accepted = || headers.get(ACCEPT_LANGUAGE)?.to_str().ok().map(Lang::from_accept_language);
    cookie(headers, LANG)
        .and_then(|code| Lang::from_code(&code))
        .or_else(accepted)
        .unwrap_or_default()
}
