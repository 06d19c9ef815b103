//! `/status`: the queue and the workers, for operators. The first line says whether anything has to be done.

mod lists;

use leptos::prelude::*;
use shared::{QueueState, body::QueueBody, path};

use super::{Content, Follows, time};
use crate::{
    format::Instant,
    page::StatusPage,
    words::{Lang, StatusWords},
};

/// The page.
pub(crate) fn status(page: StatusPage, lang: Lang) -> Content {
    let words = lang.status();
    let state = page.queue.as_ref().map(|queue| queue.state);
    let (word, _) = state.map_or(words.away, words.state);
    let body = Box::new(move || {
        let queue = page.queue.as_ref();
        // The parts are there all the same, to come to life when the database is back.
        let is_away = queue.is_none();
        view! {
            <h1>{words.status}</h1>
            {verdict(queue, words, lang)}
            <section class="card" data-live="numbers" hidden=is_away>
                <h2 class="unseen">{words.numbers}</h2>
                {queue.map(|queue| numbers(queue, lang))}
            </section>
            <div class="columns columns--even">
                <section class="card" data-live="runs" hidden=is_away>
                    <h2>{words.runs}</h2>
                    {queue.map(|queue| lists::runs(queue, lang))}
                </section>
                <section class="card" data-live="workers" hidden=is_away>
                    <h2>{words.workers}</h2>
                    {queue.map(|queue| lists::workers(queue, lang))}
                </section>
            </div>
            <section class="card card--after" data-live="failures" hidden=is_away>
                <h2>{words.failures}</h2>
                {queue.map(|queue| lists::failures(queue, lang))}
            </section>
        }
        .into_any()
    });
    Content {
        title: format!("{} · {word}", words.status),
        body,
        here: Some(path::STATUS_PAGE),
        has_players: false,
        follows: Some(Follows::Time),
    }
}

/// The word, what to do, and of when it is. The word alone is announced when it changes.
fn verdict(queue: Option<&QueueBody>, words: &'static StatusWords, lang: Lang) -> impl IntoView {
    let state = queue.map(|queue| queue.state);
    let (word, advice) = state.map_or(words.away, words.state);
    let mark = state.map_or("away", QueueState::as_str);
    let now = queue.map(|queue| time(&queue.now, lang.page(), true));
    view! {
        <section class="verdict" data-live="verdict" data-queue=mark>
            <p class="verdict__word" role="status">
                {word}
            </p>
            <p>{advice}</p>
            {now.map(|now| view! { <p class="quiet">{words.as_of}" " {now}</p> })}
        </section>
        <p class="notice" data-stream-lost="" hidden>
            {words.stream_lost}
        </p>
        <noscript>
            <p class="notice">{words.without_script}</p>
        </noscript>
    }
}

fn numbers(queue: &QueueBody, lang: Lang) -> impl IntoView {
    let words = lang.status();
    let span = lang.page().span;
    let ago = |seconds: Option<u64>| {
        seconds.map_or(words.never.to_owned(), |seconds| (words.ago)(&span(seconds)))
    };
    let unwanted = queue.queued.saturating_sub(queue.queued_wanted);
    let number = |name: &'static str, value: String, is_bad: bool| {
        view! {
            <div data-bad=is_bad.then_some("")>
                <dt>{name}</dt>
                <dd>
                    <bdi>{value}</bdi>
                </dd>
            </div>
        }
    };
    let oldest = queue.oldest_wanted_seconds;
    let stands = matches!(queue.state, QueueState::StandsStill | QueueState::NoWorker);
    view! {
        <dl class="numbers">
            {number(words.wanted, queue.queued_wanted.to_string(), false)}
            {number(
                words.oldest,
                oldest.map_or(words.nobody_waits.to_owned(), span),
                stands && oldest.is_some(),
            )} {number(words.running, queue.running.to_string(), false)}
            {number(words.unwanted, unwanted.to_string(), false)}
            {number(words.ready_lately, queue.ready.to_string(), false)}
            {number(words.failed_lately, queue.failed.to_string(), queue.failed > 0)}
            {number(words.last_claim, ago(queue.last_claim_seconds), false)}
            {number(words.last_ready, ago(queue.last_ready_seconds), false)}
        </dl>
    }
}

/// How long before the reading something was, in words.
fn before(queue: &QueueBody, at: &str, lang: Lang) -> Option<String> {
    let (now, at) = Instant::parse(&queue.now).zip(Instant::parse(at))?;
    Some((lang.page().span)(now.seconds_since(at)))
}
