//! The pages, one file each: data in, view out.

mod call;
mod calls;
mod content;
mod details;
mod embed;
mod problem;
mod recording;
mod runs;
mod sign_in;
mod status;
#[cfg(test)]
mod tests;

use leptos::prelude::*;
use shared::{RecordingState, body::CallBody};

pub(crate) use self::{
    call::call,
    calls::calls,
    content::{Content, Follows},
    embed::embed,
    problem::problem,
    sign_in::sign_in,
    status::status,
};
use crate::{format::Instant, words::PageWords};

/// A decorative icon of the sprite.
fn icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
            <use href=format!("#i-{name}")></use>
        </svg>
    }
}

/// A time of the API: in UTC here, in the visitor's zone once `times.js` has run.
fn time(text: &str, words: &PageWords, with_seconds: bool) -> AnyView {
    let Some(instant) = Instant::parse(text) else {
        return view! { <bdi>{text.to_owned()}</bdi> }.into_any();
    };
    let shown = format!("{} {}", instant.text(&words.months, with_seconds), words.utc);
    let style = if with_seconds { "seconds" } else { "minutes" };
    view! { <time datetime=text.to_owned() data-local=style>{shown}</time> }.into_any()
}

/// The state of a recording, updated live under the call's id.
fn chip(call: &CallBody, state: RecordingState, words: &PageWords) -> impl IntoView + use<> {
    view! {
        <span class="chip" data-recording=state.as_str() data-live=format!("{}.state", call.call_sid)>
            {(words.state)(state)}
        </span>
    }
}

/// Caller and called party, or the call's id where both are unknown.
fn parties(call: &CallBody) -> AnyView {
    match (&call.from, &call.to) {
        (None, None) => view! { <bdi>{call.call_sid.to_string()}</bdi> }.into_any(),
        (from, to) => {
            let side = |name: &Option<String>| match name {
                Some(name) => view! { <bdi>{name.clone()}</bdi> }.into_any(),
                None => view! { <span aria-hidden="true">"–"</span> }.into_any(),
            };
            view! { {side(from)} <span class="arrow flip" aria-hidden="true">"→"</span> {side(to)} }
                .into_any()
        }
    }
}

/// The direction of the call, in words and as an arrow.
fn direction(call: &CallBody, words: &PageWords) -> Option<AnyView> {
    let (name, word) = match call.direction.as_deref()? {
        "inbound" => ("in", words.inbound.to_owned()),
        "outbound" => ("out", words.outbound.to_owned()),
        other => ("chevron", other.to_owned()),
    };
    Some(view! { <span class="direction">{icon(name)} {word}</span> }.into_any())
}
