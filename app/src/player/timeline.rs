//! The markup of the timeline: bars, the outline over them, the pointer's time, and the slider that moves. Left to right
//! in every language.

use leptos::{ev, prelude::*, web_sys::HtmlInputElement};

use super::{face, keys::Command, remote::Remote, ui::Ui};
use crate::words::PlayerWords;

/// The slider is native: it drags, takes keys, and says where it is. The rest is for the eye.
pub(super) fn timeline(remote: Remote, words: &'static PlayerWords) -> impl IntoView {
    view! {
        <div class="player__timeline" dir="ltr">
            <bdi class="player__time">{remote.show(face::at)}</bdi>
            <div
                class="track"
                data-outlined=remote.show(|ui| ui.is_outlined.then_some(""))
                data-lanes=remote.show(|ui| ui.lanes.map(|_| "2"))
                on:pointermove=move |event| remote.hover(&event)
            >
                <div class="track__bar">
                    <div class="track__buffered"></div>
                    <div class="track__played"></div>
                    <canvas class="track__outline" aria-hidden="true"></canvas>
                    <div class="track__repeat"></div>
                </div>
                {lane_name(remote, 0, words.agent)}
                {lane_name(remote, 1, words.customer)}
                <div class="track__head"></div>
                <bdi class="track__hover" aria-hidden="true"></bdi>
                <input
                    class="track__slider"
                    type="range"
                    min="0"
                    step="any"
                    aria-label=words.seek
                    aria-valuetext=remote.show(face::position)
                    disabled=remote.show(|ui| !ui.can_seek())
                    prop:max=remote.show(|ui| ui.audio.length.max(0.001))
                    prop:value=remote.show(|ui| ui.audio.at)
                    on:input=move |event| remote.command(Command::Scrub(number(&event)))
                    on:change=move |_| remote.command(Command::LetGo)
                    on:pointerup=move |_| remote.command(Command::LetGo)
                />
            </div>
            <bdi class="player__time">{remote.show(face::length)}</bdi>
        </div>
    }
}

fn lane_name(remote: Remote, lane: usize, name: &'static str) -> impl IntoView {
    let is_hidden: fn(&Ui) -> bool = |ui| ui.lanes.is_none() || !ui.is_outlined;
    view! {
        <bdi class="track__lane" data-lane=lane aria-hidden="true" hidden=remote.show(is_hidden)>
            {name}
        </bdi>
    }
}

/// The number in a slider. NaN, which nothing is done with, in none.
pub(super) fn number(event: &ev::Event) -> f64 {
    event_target::<HtmlInputElement>(event).value_as_number()
}
