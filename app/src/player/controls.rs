//! The markup of what plays: the timeline and its controls.

use leptos::{ev, prelude::*};

use super::{face, keys::Command, remote::Remote, ui::Ui};
use crate::words::PlayerWords;

/// The speeds on offer, as `<option>` values.
const SPEEDS: [&str; 7] = ["0.5", "0.75", "1", "1.25", "1.5", "2", "3"];

/// The seek slider over what is buffered and played. Left to right in every language.
pub(super) fn timeline(remote: Remote, words: &'static PlayerWords) -> impl IntoView {
    let length = |ui: &Ui| ui.audio.length.max(0.001).to_string();
    let at = |ui: &Ui| ui.audio.at.to_string();
    view! {
        <div class="player__timeline" dir="ltr">
            <bdi class="player__time">{remote.show(face::at)}</bdi>
            <div class="track">
                <progress
                    class="track__buffered"
                    aria-hidden="true"
                    max=remote.show(length)
                    value=remote.show(|ui| ui.audio.buffered.to_string())
                ></progress>
                <progress
                    class="track__played"
                    aria-hidden="true"
                    max=remote.show(length)
                    value=remote.show(at)
                ></progress>
                <input
                    class="track__slider"
                    type="range"
                    min="0"
                    step="any"
                    aria-label=words.seek
                    aria-valuetext=remote.show(face::position)
                    disabled=remote.show(|ui| !ui.is_ready())
                    max=remote.show(length)
                    prop:value=remote.show(at)
                    on:input=move |event| {
                        number(&event).map(Command::SeekTo).into_iter().for_each(|to| remote.command(to));
                    }
                />
            </div>
            <bdi class="player__time">{remote.show(face::length)}</bdi>
        </div>
    }
}

pub(super) fn controls(
    remote: Remote,
    words: &'static PlayerWords,
    download: String,
    compact: bool,
) -> impl IntoView {
    let more = (!compact).then(|| {
        view! {
            {volume(remote, words)}
            <a class="control" href=download download aria-label=words.download title=words.download>
                <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
                    <use href="#i-download"></use>
                </svg>
            </a>
        }
    });
    view! {
        <div class="player__controls" dir="ltr" hidden=remote.show(|ui| !ui.is_ready())>
            {jump(remote, words.back, "#i-back", -10.0)}
            {jump(remote, words.forward, "#i-forward", 10.0)}
            <select
                class="control control--speed"
                dir="ltr"
                aria-label=words.speed
                title=words.speed
                on:change=move |event| {
                    number(&event).map(Command::Speed).into_iter().for_each(|to| remote.command(to));
                }
            >
                {SPEEDS
                    .map(|speed| {
                        view! { <option value=speed selected=speed == "1">{speed}"×"</option> }
                    })
                    .into_iter()
                    .collect_view()}
            </select>
            {more}
        </div>
    }
}

fn jump(remote: Remote, label: &'static str, icon: &'static str, seconds: f64) -> impl IntoView {
    view! {
        <button
            type="button"
            class="control"
            aria-label=label
            title=label
            on:click=move |_| remote.command(Command::SeekBy(seconds))
        >
            <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
                <use href=icon></use>
            </svg>
        </button>
    }
}

fn volume(remote: Remote, words: &'static PlayerWords) -> impl IntoView {
    let label = |ui: &Ui| if ui.audio.is_muted { ui.words.unmute } else { ui.words.mute };
    let icon = |ui: &Ui| if ui.audio.is_muted { "#i-muted" } else { "#i-volume" };
    view! {
        <button
            type="button"
            class="control"
            aria-label=remote.show(label)
            on:click=move |_| remote.command(Command::Mute)
        >
            <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
                <use href=remote.show(icon)></use>
            </svg>
        </button>
        <input
            class="control control--volume"
            type="range"
            min="0"
            max="1"
            step="0.05"
            dir="ltr"
            data-volume
            aria-label=words.volume
            aria-valuetext=remote.show(face::loudness)
            prop:value=remote.show(|ui| ui.audio.volume.to_string())
            on:input=move |event| {
                number(&event).map(Command::Volume).into_iter().for_each(|to| remote.command(to));
            }
        />
    }
}

/// The number in a slider or a list.
fn number(event: &ev::Event) -> Option<f64> {
    event_target_value(event).parse().ok()
}
