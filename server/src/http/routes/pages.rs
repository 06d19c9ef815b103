//! The pages: data from the stores, put into `app`'s documents.

use std::sync::Arc;

use app::{CallPage, CallsPage, Page, StatusPage};
use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use http::{HeaderMap, StatusCode, Uri};
use shared::path;

use crate::{
    access::Grant,
    api::bodies,
    engine::{RetryOutcome, rules::Purpose},
    http::{
        call_queries::{self, ListQuery},
        error::{ApiError, Result},
        page_response::{answer, problem, respond, status_of},
        playback::playback,
        request::Sid,
        response::see_other,
        router::App,
    },
};

/// `GET /`
pub(in crate::http) async fn calls(
    State(app): State<Arc<App>>,
    Extension(grant): Extension<Grant>,
    query: std::result::Result<Query<ListQuery>, QueryRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let page = async {
        let asked = call_queries::list_query(query)?;
        let query = asked.parse()?;
        let page = CallsPage {
            q: query.search.clone().unwrap_or_default(),
            state: query.state,
            is_later: query.before.is_some(),
            body: call_queries::calls(&app, query).await?,
        };
        Ok(Page::Calls(page))
    };
    answer(&app, &grant, &uri, &headers, page.await)
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
        let call = call_queries::call(&app, &call_sid).await?;
        let playback = playback(&app, &grant, &call, &uri).await?;
        let call = if matches!(grant, Grant::Link(_)) { bodies::bare(call) } else { call };
        Ok(Page::Call(Box::new(CallPage { call, playback })))
    };
    answer(&app, &grant, &uri, &headers, page.await)
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
        let retried = app.service.retry(&call_sid, Purpose::Listen).await;
        match retried.map_err(|error| ApiError::from(error).about(&call_sid))? {
            // Ready meanwhile: the page says so.
            RetryOutcome::Preparing { .. } | RetryOutcome::AlreadyReady => {
                Ok(path::call_page(&call_sid))
            }
            RetryOutcome::Final(answer) => {
                Err(ApiError::no_recording(&answer, &call_sid, app.service.policy()))
            }
        }
    };
    match retried.await {
        Ok(to) => see_other(&to),
        Err(error) => problem(&app, &grant, here.as_ref().unwrap_or(&uri), &headers, &error),
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
    respond(&app, &grant, &uri, &headers, status, page)
}
