//! The player alone, in a frame of another page. Who may frame it is the policy's business
//! ([`pages::respond`]), who may hear it that of `access`.

use std::sync::Arc;

use app::{EmbedPage, Page, Theme};
use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};

use super::{call, pages};
use crate::http::{
    access::Grant,
    bodies,
    error::{ApiError, Result},
    request::Sid,
    router::App,
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
        call::read(&app, &call_sid).await
    };
    match call.await {
        Ok(call) => {
            let page = page(&app, &uri, Ok(bodies::bare(call)));
            pages::respond(&app, grant, &uri, &headers, StatusCode::OK, page)
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
    let page = page(app, uri, Err(pages::problem_page(error)));
    pages::respond(app, grant, uri, headers, pages::status_of(error), page)
}

fn page(
    app: &App,
    uri: &Uri,
    call: std::result::Result<shared::body::CallBody, app::ProblemPage>,
) -> Page {
    let theme = pages::parameter(uri, "theme").and_then(|word| Theme::from_word(&word));
    let (origins, start) = (app.embed_origins.to_string(), pages::start(uri));
    Page::Embed(Box::new(EmbedPage { call, theme, origins, start }))
}
