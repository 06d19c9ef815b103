//! A page as a response: its language, its headers, and the page in place of one that can't be shown.

use std::time::Duration;

use app::{Chrome, Lang, Page, ProblemPage, Session};
use axum::response::{Html, IntoResponse as _, Response};
use cookie::SameSite;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode, Uri,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE, VARY,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use shared::ErrorCode;

use super::{
    error::{ApiError, Result},
    language::accepted,
    request::{came_by_tls, own_address},
    router::App,
};
use crate::access::{Grant, cookie, parameter, set_cookie};

/// Resources of this site alone. The site's own directives for scripts and styles come before it, the sites that may
/// frame the page after it.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors";
const HEADERS: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "private, no-cache"),
    (REFERRER_POLICY, "same-origin"),
    (VARY, "Accept-Language, Cookie"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
];
const LANG: &str = "lang";
const LANG_LASTS: Duration = Duration::from_hours(365 * 24);

pub(in crate::http) fn answer(
    app: &App,
    grant: &Grant,
    uri: &Uri,
    headers: &HeaderMap,
    page: Result<Page>,
) -> Response {
    match page {
        Ok(page) => respond(app, grant, uri, headers, StatusCode::OK, page),
        Err(error) => problem(app, grant, uri, headers, &error),
    }
}

/// The page in place of one that can't be shown.
pub(in crate::http) fn problem(
    app: &App,
    grant: &Grant,
    uri: &Uri,
    headers: &HeaderMap,
    error: &ApiError,
) -> Response {
    respond(app, grant, uri, headers, status_of(error), Page::Problem(problem_page(error)))
}

pub(in crate::http) fn problem_page(error: &ApiError) -> ProblemPage {
    let (status, code) = (error.status(), error.code());
    let detail = (code == ErrorCode::BadRequest).then(|| error.detail().clone());
    ProblemPage { status, code, detail, call_sid: error.call_sid().cloned() }
}

pub(in crate::http) fn status_of(error: &ApiError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A page as a response, in the visitor's language.
pub(in crate::http) fn respond(
    app: &App,
    grant: &Grant,
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
        here: own_address(uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)),
        session: match grant {
            Grant::Everything { by_session: true } => Session::SignedIn,
            Grant::Everything { by_session: false } => Session::NotNeeded,
            Grant::Link(_) | Grant::Playback | Grant::Open => Session::None,
        },
    };
    let mut response = (status, Html(app::render(page, &chrome))).into_response();
    let to = response.headers_mut();
    for (name, value) in HEADERS {
        to.insert(name, HeaderValue::from_static(value));
    }
    let framed_by = is_embed.then(|| framed_by(grant, app));
    to.insert(CONTENT_SECURITY_POLICY, policy(&app.site.policy, framed_by));
    // In a frame the language is the surrounding page's choice, not the visitor's.
    if let Some(lang) = chosen.filter(|_| !is_embed) {
        let (value, secure) = (lang.code().to_owned(), app.access.is_secure(came_by_tls(headers)));
        to.insert(SET_COOKIE, set_cookie(LANG, value, LANG_LASTS, SameSite::Lax, secure));
    }
    response
}

/// The sites that may frame the player: the one that its link names, or this one and those of the settings.
fn framed_by(grant: &Grant, app: &App) -> String {
    match grant {
        Grant::Link(link) if link.origin.is_some() => link.origin.clone().unwrap_or_default(),
        _ => format!("'self' {}", app.embed_origins),
    }
}

/// The policy of a page, with the sites that may frame it; none by default.
fn policy(scripts: &str, framed_by: Option<String>) -> HeaderValue {
    let policy = match framed_by {
        None => format!("{scripts}; {POLICY} 'none'"),
        Some(origins) => format!("{scripts}; {POLICY} {origins}"),
    };
    HeaderValue::try_from(policy.trim_end()).expect("origins are plain ASCII")
}

fn remembered_lang(headers: &HeaderMap) -> Lang {
    cookie(headers, LANG)
        .and_then(|code| Lang::from_code(&code))
        .or_else(|| accepted(headers))
        .unwrap_or_default()
}
