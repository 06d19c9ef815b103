//! The player alone, in a frame of another page. The page's policy names the sites that may frame it,
//! `access` decides on playback.

use std::sync::Arc;

use app::{EmbedPage, Page, Theme};
use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};

use crate::{
    access::Grant,
    api::bodies,
    http::{
        call_queries,
        error::{ApiError, Result},
        page_response::{problem_page, respond, start, status_of},
        request::{Sid, parameter},
        router::App,
    },
};

/// `GET /embed/{call_sid}`
pub(in crate::http) async fn get(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    sid: Result<Sid>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let call = async {
        let Sid(call_sid) = sid?;
        call_queries::call(&app, &call_sid).await
    };
    match call.await {
        Ok(call) => {
            let page = page(&app, &uri, Ok(bodies::bare(call)));
            respond(&app, grant, &uri, &headers, StatusCode::OK, page)
        }
        Err(error) => refuse(&app, grant, &uri, &headers, &error),
    }
}

/// Why there is no player, in the frame.
pub(in crate::http) fn refuse(
    app: &App,
    grant: Grant,
    uri: &Uri,
    headers: &HeaderMap,
    error: &ApiError,
) -> Response {
    let page = page(app, uri, Err(problem_page(error)));
    respond(app, grant, uri, headers, status_of(error), page)
}

fn page(
    app: &App,
    uri: &Uri,
    call: std::result::Result<shared::body::CallBody, app::ProblemPage>,
) -> Page {
    let theme = parameter(uri, "theme").and_then(|word| Theme::from_word(&word));
    let (origins, start) = (app.embed_origins.to_string(), start(uri));
    Page::Embed(Box::new(EmbedPage { call, theme, origins, start }))
}
