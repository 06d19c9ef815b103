//! The pages, one file each. Data in, view out; they ask nothing of anyone.

mod call;
mod calls;
mod embed;
mod problem;
mod runs;
mod sign_in;
mod status;
mod table;
#[cfg(test)]
mod tests;

use leptos::prelude::*;
use shared::{RecordingState, body::CallBody};

pub(crate) use self::{
    call::call, calls::calls, embed::embed, problem::problem, sign_in::sign_in, status::status,
};
use crate::{
    format::Instant,
    player::{AudioPlayer, Mode, Subject},
    words::{Lang, PageWords},
};

/// An icon of the sprite, for the eye only.
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

/// What the recording's state is, at a glance; live under the call's name.
fn chip(call: &CallBody, words: &PageWords) -> impl IntoView {
    let state = call.recording.state;
    view! {
        <span class="chip" data-recording=state.as_str() data-live=format!("{}.state", call.call_sid)>
            {(words.state)(state)}
        </span>
    }
}

/// Who called whom, or the call's id where nobody said.
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

/// How long to say that a call is, in seconds: the recording's own length, as the player shows it, else
/// the telephony system's word.
fn length(call: &CallBody) -> Option<f64> {
    call.recording.duration_seconds.or(call.duration_seconds.map(f64::from))
}

/// The player, and what stands in its place where it can't run. `start`: where to begin, in seconds.
fn player(call: &CallBody, lang: Lang, mode: Mode, start: Option<u32>) -> AnyView {
    let words = lang.page();
    let state = call.recording.state;
    let file = shared::path::file(&call.call_sid);
    let subject = subject(call, mode, start);
    view! {
        <AudioPlayer subject lang />
        <noscript>
            {if state == RecordingState::Ready {
                view! { <audio controls preload="none" src=file></audio> }.into_any()
            } else {
                view! {
                    <p>{(words.state_sentence)(state)}</p>
                    {(mode != Mode::Row).then_some(words.without_script)}
                }
                    .into_any()
            }}
        </noscript>
    }
    .into_any()
}

fn subject(call: &CallBody, mode: Mode, start: Option<u32>) -> Subject {
    let title = match (&call.from, &call.to) {
        (Some(from), Some(to)) => format!("{from} \u{2192} {to}"),
        (one, other) => one.as_ref().or(other.as_ref()).cloned().unwrap_or_default(),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, at 49 days"
    )]
    let millis = (length(call).unwrap_or_default() * 1000.0) as u32;
    Subject {
        call_sid: call.call_sid.clone(),
        mode,
        title,
        is_ready: call.recording.state == RecordingState::Ready,
        channels: call.recording.channels.unwrap_or_default(),
        millis,
        start,
    }
}
