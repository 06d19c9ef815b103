//! The pages: data from the stores, put into `app`'s documents.

use std::{sync::Arc, time::Duration};

use app::{CallPage, CallsPage, Chrome, Lang, Page, ProblemPage, Session, StatusPage};
use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    response::{Html, IntoResponse as _, Response},
};
use cookie::SameSite;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode, Uri,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};

use shared::{ErrorCode, path};

use super::{
    call,
    calls::{self, ListQuery},
    session::{came_by_tls, see_other},
};
use crate::{
    engine::{Retried, rules::Asker},
    http::{
        access::{Grant, cookie, set_cookie},
        error::{ApiError, Result},
        language::accepted,
        request::Sid,
        router::App,
    },
    config::EmbedOrigins,
};

/// No script, style or frame but our own; the WebAssembly needs its own word. Who may frame a page
/// stands behind it.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; \
                      form-action 'self'; object-src 'none'; frame-ancestors";
const HEADERS: [(HeaderName, &str); 4] = [
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

/// `POST /calls/{call_sid}/retry`: an operator's way out, and back to the call.
pub(in crate::http) async fn retry(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    sid: Result<Sid>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    // There is nothing to be read at the form's own address.
    let here = sid.as_ref().ok().and_then(|Sid(sid)| path::call_page(sid).parse().ok());
    let retried = async {
        let Sid(call_sid) = sid?;
        let retried = app.desk.retry(&call_sid, Asker::Listener).await;
        match retried.map_err(|error| ApiError::from(error).about(&call_sid))? {
            // Ready meanwhile: the page says so.
            Retried::Preparing { .. } | Retried::AlreadyReady => Ok(path::call_page(&call_sid)),
            Retried::Final(answer) => {
                Err(ApiError::no_recording(&answer, &call_sid, app.desk.policy()))
            }
        }
    };
    match retried.await {
        Ok(to) => see_other(&to),
        Err(error) => problem(&app, grant, here.as_ref().unwrap_or(&uri), &headers, &error),
    }
}

/// `GET /calls/{call_sid}/retry`: where signing in leads whose session ended before they pressed the button.
pub(in crate::http) async fn back_to_call(sid: Result<Sid>) -> Result<Response> {
    Ok(see_other(&path::call_page(&sid?.0)))
}

/// `GET /status`: the same reading as `GET /api/queue`; where there is none, that is what the page says.
pub(in crate::http) async fn status(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let (status, queue) = match app.queue.body().await {
        Ok(queue) => (StatusCode::OK, Some(queue)),
        Err(error) => (status_of(&error), None),
    };
    let page = Page::Status(Box::new(StatusPage { queue }));
    respond(&app, grant, &uri, &headers, status, page)
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
    respond(app, grant, uri, headers, status_of(error), Page::Problem(problem_page(error)))
}

pub(super) fn problem_page(error: &ApiError) -> ProblemPage {
    let (status, code) = (error.status(), error.code());
    let detail = (code == ErrorCode::BadRequest).then(|| error.detail().clone());
    ProblemPage { status, code, detail, call_sid: error.call_sid().cloned() }
}

pub(super) fn status_of(error: &ApiError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
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
    let is_embed = matches!(page, Page::Embed(_));
    let chosen = parameter(uri, LANG).and_then(|code| Lang::from_code(&code));
    let chrome = Chrome {
        assets: app.site.assets.clone(),
        lang: chosen.unwrap_or_else(|| remembered_lang(headers)),
        here: uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned(),
        session: match grant {
            Grant::Everything { by_session: true } => Session::SignedIn,
            Grant::Everything { by_session: false } => Session::NotNeeded,
            Grant::Playback | Grant::Open => Session::None,
        },
    };
    let mut response = (status, Html(app::render(page, &chrome))).into_response();
    let to = response.headers_mut();
    for (name, value) in HEADERS {
        to.insert(name, HeaderValue::from_static(value));
    }
    to.insert(CONTENT_SECURITY_POLICY, policy(is_embed.then_some(&app.embed_origins)));
    // In a frame the language is the surrounding page's choice, not the visitor's.
    if let Some(lang) = chosen.filter(|_| !is_embed) {
        let (value, secure) = (lang.code().to_owned(), came_by_tls(headers));
        to.insert(SET_COOKIE, set_cookie(LANG, value, LANG_LASTS, SameSite::Lax, secure));
    }
    response
}

/// `?t=`: a moment of the recording, in seconds. What is no number is no moment.
pub(super) fn start(uri: &Uri) -> Option<u32> {
    parameter(uri, "t")?.parse().ok()
}

/// Who may frame a page: nobody, or this site and those that are named.
fn policy(framed_by: Option<&EmbedOrigins>) -> HeaderValue {
    let policy = match framed_by {
        None => format!("{POLICY} 'none'"),
        Some(origins) => format!("{POLICY} 'self' {origins}"),
    };
    HeaderValue::try_from(policy.trim_end()).expect("origins are plain ASCII")
}

/// A parameter of the address; of several, the first.
pub(super) fn parameter(uri: &Uri, wanted: &str) -> Option<String> {
    let query = url::form_urlencoded::parse(uri.query()?.as_bytes());
    query.into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

fn remembered_lang(headers: &HeaderMap) -> Lang {
    cookie(headers, LANG)
        .and_then(|code| Lang::from_code(&code))
        .or_else(|| accepted(headers))
        .unwrap_or_default()
}
