//! The runs of a call as a history that a listener and an operator both understand.

use leptos::prelude::*;
use shared::{
    RecordingState, RecordingStatus,
    body::{CallBody, RunBody},
    path,
};

use super::{details::Details, time};
use crate::{format::Instant, words::PageWords};

/// Runs that are shown at once; those before them are folded away.
const NEWEST: usize = 3;

/// What is going on now, and the way out where there is one; then the runs, the newest first: it is the one that
/// explains the state.
pub(super) fn history(call: &CallBody, words: &'static PageWords) -> AnyView {
    let runs = call.runs.as_deref().unwrap_or_default();
    if runs.is_empty() {
        let text =
            if call.has_recording_url { words.history_empty } else { words.history_empty_no_url };
        return view! { <p class="quiet">{text}</p> }.into_any();
    }
    let (older, newest) = runs.split_at(runs.len().saturating_sub(NEWEST));
    view! {
        {now(call, runs.last(), words)}
        {list(newest, words)}
        {(!older.is_empty())
            .then(|| {
                view! {
                    <details class="runs__older" data-key="older">
                        <summary>{(words.earlier_runs)(older.len())}</summary>
                        {list(older, words)}
                    </details>
                }
            })}
    }
    .into_any()
}

fn now(call: &CallBody, last: Option<&RunBody>, words: &'static PageWords) -> impl IntoView {
    let state = call.recording.state;
    let line = match (state, last) {
        (RecordingState::Queued, Some(run)) => {
            let since = run.wanted_at.as_ref().unwrap_or(&run.queued_at);
            view! { {words.waits_since}" " {time(since, words, true)} }.into_any()
        }
        (RecordingState::Running, Some(RunBody { started_at: Some(since), .. })) => {
            view! { {words.fetched_since}" " {time(since, words, true)} }.into_any()
        }
        _ => (words.state_sentence)(state).into_any(),
    };
    let retry = matches!(state, RecordingState::Failed | RecordingState::Gone).then(|| {
        view! {
            <form class="now__retry" method="post" action=path::retry_page(&call.call_sid)>
                <button class="button">{words.retry}</button>
                <p class="quiet">{words.retry_text}</p>
            </form>
        }
    });
    view! {
        <div class="now" data-recording=state.as_str()>
            <p>{line}</p>
            {retry}
        </div>
    }
}

fn list(runs: &[RunBody], words: &'static PageWords) -> impl IntoView {
    let items = runs.iter().rev().map(|run| item(run, words)).collect_view();
    view! { <ol class="runs">{items}</ol> }
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
        <li class="run" data-run=run.status.as_str() data-key=run.id.clone()>
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
            .map(|(at, before)| phrase(&(words.span)(at.seconds_since(before))));
        view! { {time(at, words, true)} {lasted.map(|text| view! { <span class="run__after">{text}</span> })} }
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
