//! The player alone, in a frame of another page. The page's policy names the sites that may frame it,
//! `access` decides on playback.

use std::sync::Arc;

use app::{EmbedPage, Page, Playback, Theme};
use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};

use crate::{
    access::{Grant, parameter},
    api::bodies,
    http::{
        call_queries,
        error::{ApiError, Result},
        page_response::{problem_page, respond, status_of},
        playback::playback,
        request::Sid,
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
        let call = call_queries::call(&app, &call_sid).await?;
        let playback = playback(&app, &grant, &call, &uri).await?;
        Ok::<_, ApiError>((bodies::bare(call), playback))
    };
    match call.await {
        Ok((call, playback)) => {
            let page = page(&app, &uri, Ok(call), playback);
            respond(&app, &grant, &uri, &headers, StatusCode::OK, page)
        }
        Err(error) => refuse(&app, &grant, &uri, &headers, &error),
    }
}

/// Why there is no player, in the frame.
pub(in crate::http) fn refuse(
    app: &App,
    grant: &Grant,
    uri: &Uri,
    headers: &HeaderMap,
    error: &ApiError,
) -> Response {
    let page = page(app, uri, Err(problem_page(error)), Playback::default());
    respond(app, grant, uri, headers, status_of(error), page)
}

fn page(
    app: &App,
    uri: &Uri,
    call: std::result::Result<shared::body::CallBody, app::ProblemPage>,
    playback: Playback,
) -> Page {
    let theme = parameter(uri, "theme").and_then(|word| Theme::from_word(&word));
    let origins = app.embed_origins.to_string();
    Page::Embed(Box::new(EmbedPage { call, theme, origins, playback }))
}
