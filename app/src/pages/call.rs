//! `/calls/{call_sid}`: one call, its player, its details, its runs.

use leptos::prelude::*;
use shared::{body::CallBody, path};

use super::{
    Content, Follows, chip,
    details::Details,
    direction, icon, parties,
    recording::{current, length, recording},
    runs::history,
    time,
};
use crate::{
    format,
    page::CallPage,
    player::Mode,
    words::{Lang, PageWords},
};

/// The page.
pub(crate) fn call(page: CallPage, here: &str, lang: Lang) -> Content {
    let words = lang.page();
    let CallPage { call, playback } = page;
    let here = here.to_owned();
    let state = current(&call, playback.part).state;
    let title = format!("{} {} · {}", words.call, call.call_sid, (words.state)(state));
    let body = Box::new(move || {
        view! {
            <nav class="crumbs" aria-label=words.breadcrumb>
                <a href=path::CALLS_PAGE>{words.calls}</a>
                <span class="flip">{icon("chevron")}</span>
                <bdi>{call.call_sid.to_string()}</bdi>
            </nav>
            <h1 class="parties">{parties(&call)}</h1>
            <p class="call__meta">
                {chip(&call, state, words)}
                {direction(&call, words)}
                {call.started_at.as_deref().map(|at| time(at, words, false))}
            </p>
            <section class="card card--player">{recording(&call, &playback, &here, lang, Mode::Full)}</section>
            <div class="columns">
                <section class="card" data-live="history">
                    <h2>{words.history}</h2>
                    {history(&call, words)}
                </section>
                <section class="card" data-live="details">
                    <h2>{words.details}</h2>
                    {details(&call, playback.part, words, lang)}
                </section>
            </div>
        }
        .into_any()
    });
    Content { title, body, here: None, has_players: true, follows: Some(Follows::Runs) }
}

fn details(
    call: &CallBody,
    part: u32,
    words: &'static PageWords,
    lang: Lang,
) -> impl IntoView + use<> {
    let recording = current(call, part);
    let units = &lang.player().size_units;
    Details::new()
        .row(words.from, call.from.clone())
        .row(words.to, call.to.clone())
        .row(words.length, length(call, recording).map(format::clock))
        .row(words.call_id, Some(call.call_sid.to_string()))
        .view(words.registered, Some(time(&call.created_at, words, false)))
        .row(words.size, recording.bytes.map(|bytes| format::size(bytes, units)))
        .row(words.format, recording.content_type.clone())
        .row(words.channels_label, recording.channels.map(words.channels))
        .row(words.checksum, recording.sha256.clone())
        .finish()
}
