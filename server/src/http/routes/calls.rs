//! The list of calls: newest first, in pages by key, searched and filtered.

use std::sync::Arc;

use app::words::Detail;
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use shared::{RecordingState, body::CallsBody};

use super::call::no_store;
use crate::{
    http::{
        bodies,
        error::{ApiError, Result},
        router::App,
    },
    store::CallQuery,
};

const DEFAULT_LIMIT: u32 = 50;
const MOST_LIMIT: u32 = 500;
/// Longer than any id or number that is looked for.
const LONGEST_SEARCH: usize = 200;

/// `?state=&q=&before=&limit=`, as text: an empty value is none, as forms send it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::http) struct ListQuery {
    pub(in crate::http) state: Option<String>,
    pub(in crate::http) q: Option<String>,
    pub(in crate::http) before: Option<String>,
    pub(in crate::http) limit: Option<String>,
}

/// `GET`.
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    query: std::result::Result<Query<ListQuery>, QueryRejection>,
) -> Result<Response> {
    let query = read(query)?.parse()?;
    Ok(no_store(Json(page(&app, query).await?).into_response()))
}

/// The query string, where it is one.
pub(in crate::http) fn read(
    query: std::result::Result<Query<ListQuery>, QueryRejection>,
) -> Result<ListQuery> {
    query.map(|Query(query)| query).map_err(|_| ApiError::new(Detail::QueryUnreadable))
}

/// One page of calls, for the API and for the page of the site.
pub(in crate::http) async fn page(app: &App, query: CallQuery) -> Result<CallsBody> {
    let limit = query.limit;
    // One more than asked for tells whether there is another page.
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
