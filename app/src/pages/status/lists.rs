//! Who and what: running runs, workers, failures, each with a call to look at.

use leptos::prelude::*;
use shared::{
    CallSid,
    body::{FailuresBody, QueueBody, RunningBody, WorkerBody},
    path,
};

use super::before;
use crate::{format, words::Lang};

/// What workers hold, the oldest first.
pub(super) fn runs(queue: &QueueBody, lang: Lang) -> AnyView {
    let words = lang.status();
    if queue.runs.is_empty() {
        return view! { <p class="quiet">{words.no_runs}</p> }.into_any();
    }
    let named = u64::try_from(queue.runs.len()).unwrap_or(u64::MAX);
    let more = Some(queue.running.saturating_sub(named)).filter(|more| *more > 0);
    let items = queue.runs.iter().map(|run| running(queue, run, lang)).collect_view();
    view! {
        <ol class="facts">{items}</ol>
        {more.map(|more| view! { <p class="quiet">{(words.more_runs)(more)}</p> })}
    }
    .into_any()
}

fn running(queue: &QueueBody, run: &RunningBody, lang: Lang) -> impl IntoView {
    let words = lang.status();
    let size = |bytes| format::size(bytes, &lang.player().size_units);
    let progress = match (run.bytes_done, run.bytes_total) {
        (0, _) => words.not_begun.to_owned(),
        (done, Some(total)) => (words.fetched_of)(&size(done), &size(total)),
        (done, None) => (words.fetched)(&size(done)),
    };
    let since = run.started_at.as_deref().and_then(|at| before(queue, at, lang));
    let all = queue.workers.iter().chain(&queue.lost);
    let by = run.worker.as_ref().map(|id| {
        let place =
            all.clone().find(|worker| worker.id == *id).and_then(|worker| worker.place.clone());
        place.unwrap_or_else(|| id.clone())
    });
    let share = run.bytes_total.filter(|total| *total > 0).map(|total| {
        view! {
            <progress max=total.to_string() value=run.bytes_done.min(total).to_string() aria-hidden="true"></progress>
        }
    });
    let again = (run.attempt > 0).then(|| (lang.page().another_try)(run.attempt));
    view! {
        <li class="fact" data-key=run.run.clone()>
            <p class="fact__title">{call(&run.call_sid)}</p>
            {share}
            <p class="fact__line">
                <span>{progress}</span>
                {since.map(|since| view! { <span>{words.since}" " <bdi>{since}</bdi></span> })}
                {by.map(|by| view! { <span>{words.held_by}" " <bdi>{by}</bdi></span> })}
                {again.map(|again| view! { <span>{again}</span> })}
            </p>
        </li>
    }
}

/// Live ones, then those that fell silent.
pub(super) fn workers(queue: &QueueBody, lang: Lang) -> impl IntoView {
    let words = lang.status();
    let live = if queue.workers.is_empty() {
        view! { <p class="fact__none">{words.no_live}</p> }.into_any()
    } else {
        view! {
            <p class="quiet">{(words.live)(queue.workers.len())}</p>
            {members(queue, &queue.workers, true, lang)}
        }
        .into_any()
    };
    let lost = (queue.lost_workers > 0).then(|| {
        view! {
            <p class="quiet">{(words.lost)(queue.lost_workers)}</p>
            {members(queue, &queue.lost, false, lang)}
        }
    });
    view! { {live} {lost} }
}

fn members(queue: &QueueBody, workers: &[WorkerBody], is_live: bool, lang: Lang) -> impl IntoView {
    let items = workers.iter().map(|worker| member(queue, worker, is_live, lang)).collect_view();
    view! { <ul class="facts">{items}</ul> }
}

fn member(queue: &QueueBody, worker: &WorkerBody, is_live: bool, lang: Lang) -> impl IntoView {
    let words = lang.status();
    let heard = before(queue, &worker.last_seen_at, lang).map(|time| (words.heard)(&time));
    let up = before(queue, &worker.started_at, lang).filter(|_| is_live);
    let holds = if is_live { words.holds } else { words.held };
    let place = match &worker.place {
        Some(place) => view! { <bdi>{place.clone()}</bdi> }.into_any(),
        None => words.unnamed.into_any(),
    };
    view! {
        <li class="fact" data-key=worker.id.clone() data-worker=if is_live { "live" } else { "lost" }>
            <p class="fact__title">{place}</p>
            <p class="fact__line">
                <span>{holds(worker.running)}</span>
                {heard.map(|heard| view! { <span>{heard}</span> })}
                {up.map(|up| view! { <span>{(words.up_for)(&up)}</span> })}
            </p>
        </li>
    }
}

/// Why runs failed, the most frequent reason first.
pub(super) fn failures(queue: &QueueBody, lang: Lang) -> AnyView {
    if queue.failures.is_empty() {
        return view! { <p class="quiet">{lang.status().no_failures}</p> }.into_any();
    }
    let items = queue.failures.iter().map(|failures| failed(queue, failures, lang)).collect_view();
    view! { <ol class="facts">{items}</ol> }.into_any()
}

fn failed(queue: &QueueBody, failures: &FailuresBody, lang: Lang) -> impl IntoView {
    let words = lang.status();
    let last = before(queue, &failures.last_at, lang).map(|time| (words.last_one)(&time));
    view! {
        <li class="fact" data-key=format!("{} {}", failures.kind, failures.reason)>
            <p class="fact__title">
                <span class="chip" data-run="failed">
                    {(words.times)(failures.runs)}
                </span>
                {(lang.page().failure)(&failures.kind)}
            </p>
            <p class="fact__reason">
                <bdi lang="en">{failures.reason.clone()}</bdi>
            </p>
            <p class="fact__line">
                <span>{words.for_example}" " {call(&failures.call_sid)}</span>
                {last.map(|last| view! { <span>{last}</span> })}
            </p>
        </li>
    }
}

fn call(call_sid: &CallSid) -> impl IntoView {
    view! {
        <a href=path::call_page(call_sid)>
            <bdi>{call_sid.to_string()}</bdi>
        </a>
    }
}
