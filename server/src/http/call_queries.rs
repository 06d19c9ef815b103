//! Reads calls for the API and the pages: one call, and pages of the list by key.

use app::words::Detail;
use axum::extract::{Query, rejection::QueryRejection};
use serde::Deserialize;
use shared::{
    CallSid, RecordingState,
    body::{CallBody, CallsBody},
};

use super::{
    error::{ApiError, Result},
    router::App,
};
use crate::{api::bodies, store::CallQuery};

const DEFAULT_LIMIT: u32 = 50;
const MOST_LIMIT: u32 = 500;
/// In characters: longer than any id or number.
const LONGEST_SEARCH: usize = 200;

/// `?state=&q=&before=&limit=`, as text. A form sends an empty value for none.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::http) struct ListQuery {
    pub(in crate::http) state: Option<String>,
    pub(in crate::http) q: Option<String>,
    pub(in crate::http) before: Option<String>,
    pub(in crate::http) limit: Option<String>,
}

/// One call, with its runs.
pub(in crate::http) async fn call(app: &App, call_sid: &CallSid) -> Result<CallBody> {
    let detail = app.store.call(call_sid).await;
    let detail = detail.map_err(|error| ApiError::from(error).about(call_sid))?;
    let detail = detail.map(bodies::detail);
    detail.ok_or_else(|| ApiError::new(Detail::CallNotFound).about(call_sid))
}

/// The parameters of the query string.
pub(in crate::http) fn list_query(
    query: std::result::Result<Query<ListQuery>, QueryRejection>,
) -> Result<ListQuery> {
    query.map(|Query(query)| query).map_err(|_| ApiError::new(Detail::QueryUnreadable))
}

/// One page of calls, for the API and for the page of the site.
pub(in crate::http) async fn calls(app: &App, query: CallQuery) -> Result<CallsBody> {
    let limit = query.limit;
    // One row more than the limit tells whether another page follows.
    let query = CallQuery { limit: limit + 1, ..query };
    let mut calls = app.store.list_calls(&query).await?;
    let limit = limit as usize;
    let more = calls.len() > limit;
    calls.truncate(limit);
    let next = calls.last().filter(|_| more).map(|last| last.cursor.to_string());
    Ok(CallsBody { calls: calls.into_iter().map(bodies::listed).collect(), next })
}

impl ListQuery {
    /// Parses each parameter; an error says which is wrong and what would do.
    pub(in crate::http) fn parse(&self) -> Result<CallQuery> {
        let state = given(self.state.as_ref()).map(str::parse).transpose().map_err(|()| {
            let states: Vec<_> = RecordingState::ALL.iter().map(|state| state.as_str()).collect();
            ApiError::new(Detail::NoSuchState(states.join(", ")))
        })?;
        let search = given(self.q.as_ref());
        if search.is_some_and(|text| text.chars().count() > LONGEST_SEARCH) {
            return Err(ApiError::new(Detail::SearchTooLong(LONGEST_SEARCH)));
        }
        let before = given(self.before.as_ref()).map(str::parse).transpose();
        let before = before.map_err(|()| ApiError::new(Detail::NoSuchPage))?;
        let limit = match given(self.limit.as_ref()) {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MOST_LIMIT).contains(limit))
                .ok_or_else(|| ApiError::new(Detail::BadLimit(MOST_LIMIT)))?,
        };
        Ok(CallQuery { state, search: search.map(str::to_owned), before, limit })
    }
}

fn given(value: Option<&String>) -> Option<&str> {
    value.map(|text| text.trim()).filter(|text| !text.is_empty())
}
