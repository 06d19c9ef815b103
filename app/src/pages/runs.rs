//! The runs of a call as a history that a listener and an operator both understand.

use leptos::prelude::*;
use shared::{
    RecordingStatus,
    body::{CallBody, RunBody},
};

use super::{table::Details, time};
use crate::{
    format::{self, Instant},
    words::PageWords,
};

/// The newest run first: it is the one that explains the state.
pub(super) fn history(call: &CallBody, words: &'static PageWords) -> AnyView {
    let runs = call.runs.as_deref().unwrap_or_default();
    if runs.is_empty() {
        let text =
            if call.has_recording_url { words.history_empty } else { words.history_empty_no_url };
        return view! { <p class="quiet">{text}</p> }.into_any();
    }
    let items = runs.iter().rev().map(|run| item(run, words)).collect_view();
    view! { <ol class="runs">{items}</ol> }.into_any()
}

fn item(run: &RunBody, words: &'static PageWords) -> impl IntoView {
    let title = match run.attempt {
        0 => words.first_try.to_owned(),
        attempt => (words.another_try)(attempt),
    };
    let failure = run.failure.as_ref().map(|failure| {
        view! {
            <p class="run__failure">{(words.failure)(&failure.kind)}</p>
            <p class="run__reason">
                {words.reason}": " <bdi lang="en">{failure.reason.clone()}</bdi>
            </p>
        }
    });
    view! {
        <li class="run" data-run=run.status.as_str()>
            <h3 class="run__title">
                {title} <span class="chip" data-run=run.status.as_str()>{(words.run_status)(run.status)}</span>
            </h3>
            {failure}
            {times(run, words)}
        </li>
    }
}

fn times(run: &RunBody, words: &'static PageWords) -> impl IntoView {
    // A time, and how long after another it came.
    let after = |at: &str, before: Option<&str>, phrase: fn(&str) -> String| {
        let lasted = Instant::parse(at)
            .zip(before.and_then(Instant::parse))
            .map(|(at, before)| phrase(&format::clock(at.since(before))));
        view! { {time(at, words, true)} {lasted.map(|text| view! { <span class="quiet">" "{text}</span> })} }
            .into_any()
    };
    let started = run.started_at.as_deref();
    let end = if run.status == RecordingStatus::Ready { words.run_ready } else { words.run_failed };
    Details::new()
        .view(words.run_queued, Some(time(&run.queued_at, words, true)))
        .view(words.run_wanted, run.wanted_at.as_deref().map(|at| time(at, words, true)))
        .view(
            words.run_started,
            started.map(|at| after(at, Some(&run.queued_at), words.run_waited)),
        )
        .view(end, run.finished_at.as_deref().map(|at| after(at, started, words.run_took)))
        .row(words.run_id, Some(run.id.clone()))
        .finish()
}
