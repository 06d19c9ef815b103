//! The markup of the timeline: bars, the waveform over them, the pointer's time, and the slider that moves. Left to right
//! in every language.

use leptos::{ev, prelude::*, web_sys::HtmlInputElement};

use super::{handle::PlayerHandle, keys::Command, presentation, ui::Ui};
use crate::words::PlayerWords;

/// The slider is native: it drags, takes keys, and says where it is. The rest is for the eye.
pub(super) fn timeline(handle: PlayerHandle, words: &'static PlayerWords) -> impl IntoView {
    view! {
        <div class="player__timeline" dir="ltr">
            <bdi class="player__time">{handle.show(presentation::at)}</bdi>
            <div
                class="track"
                data-waveform=handle.show(|ui| ui.has_waveform.then_some(""))
                data-lanes=handle.show(|ui| ui.lanes.map(|_| "2"))
                on:pointermove=move |event| handle.hover(&event)
            >
                <div class="track__bar">
                    <div class="track__buffered"></div>
                    <div class="track__played"></div>
                    <canvas class="track__outline" aria-hidden="true"></canvas>
                    <div class="track__repeat"></div>
                </div>
                {lane_name(handle, 0, words.agent)}
                {lane_name(handle, 1, words.customer)}
                <div class="track__head"></div>
                <bdi class="track__hover" aria-hidden="true"></bdi>
                <input
                    class="track__slider"
                    type="range"
                    min="0"
                    step="any"
                    aria-label=words.seek
                    aria-valuetext=handle.show(presentation::position)
                    disabled=handle.show(|ui| !ui.can_seek())
                    prop:max=handle.show(|ui| ui.audio.length.max(0.001))
                    prop:value=handle.show(|ui| ui.audio.at)
                    on:input=move |event| handle.command(Command::Scrub(number(&event)))
                    on:change=move |_| handle.command(Command::LetGo)
                    on:pointerup=move |_| handle.command(Command::LetGo)
                />
            </div>
            <bdi class="player__time">{handle.show(presentation::length)}</bdi>
        </div>
    }
}

fn lane_name(handle: PlayerHandle, lane: usize, name: &'static str) -> impl IntoView {
    let is_hidden: fn(&Ui) -> bool = |ui| ui.lanes.is_none() || !ui.has_waveform;
    view! {
        <bdi class="track__lane" data-lane=lane aria-hidden="true" hidden=handle.show(is_hidden)>
            {name}
        </bdi>
    }
}

/// The number in a slider. NaN, which nothing is done with, in none.
pub(super) fn number(event: &ev::Event) -> f64 {
    event_target::<HtmlInputElement>(event).value_as_number()
}
