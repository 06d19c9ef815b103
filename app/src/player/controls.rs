//! The markup of the controls: seek, speed and volume, and the playback options of a full player.

use leptos::{prelude::*, web_sys::HtmlSelectElement};

use super::{
    handle::PlayerHandle,
    key_sheet,
    keys::Command,
    lanes::Lanes,
    listening::{AS_RECORDED, SPEEDS},
    presentation,
    subject::Mode,
    timeline::number,
    ui::{Copied, Ui},
};
use crate::words::PlayerWords;

pub(super) fn controls(
    handle: PlayerHandle,
    words: &'static PlayerWords,
    mode: Mode,
) -> impl IntoView {
    let volume = (mode != Mode::Row).then(|| volume(handle, words));
    let options = (mode != Mode::Row).then(|| options(handle, words, mode));
    view! {
        <div class="player__controls" hidden=handle.show(is_hidden)>
            <div class="player__moves" dir="ltr">
                {move_by(handle, words.back, "#i-back", -10.0)}
                {move_by(handle, words.forward, "#i-forward", 10.0)}
                {speed(handle, words)}
                {volume}
            </div>
            {options}
        </div>
    }
}

fn is_hidden(ui: &Ui) -> bool {
    !ui.can_seek()
}

fn speed(handle: PlayerHandle, words: &'static PlayerWords) -> impl IntoView {
    let choices = SPEEDS.iter().enumerate().map(|(index, (name, _))| {
        view! { <option selected=index == AS_RECORDED>{*name}"×"</option> }
    });
    view! {
        <select
            class="control control--speed"
            aria-label=words.speed
            title=words.speed
            prop:selectedIndex=handle.show(|ui| presentation::index(ui.audio.speed))
            on:change=move |event| {
                let chosen = event_target::<HtmlSelectElement>(&event).selected_index();
                handle.command(Command::Speed(usize::try_from(chosen).unwrap_or(AS_RECORDED)));
            }
        >
            {choices.collect_view()}
        </select>
    }
}

fn volume(handle: PlayerHandle, words: &'static PlayerWords) -> impl IntoView {
    let label = |ui: &Ui| if ui.audio.is_muted { ui.words.unmute } else { ui.words.mute };
    let icon = |ui: &Ui| if ui.audio.is_muted { "#i-muted" } else { "#i-volume" };
    view! {
        <button
            type="button"
            class="control"
            aria-label=handle.show(label)
            title=handle.show(label)
            on:click=move |_| handle.command(Command::Mute)
        >
            <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
                <use href=handle.show(icon)></use>
            </svg>
        </button>
        <input
            class="control control--volume"
            type="range"
            min="0"
            max="1"
            step="0.05"
            data-volume
            aria-label=words.volume
            aria-valuetext=handle.show(presentation::loudness)
            prop:value=handle.show(|ui| ui.audio.volume)
            on:input=move |event| handle.command(Command::Volume(number(&event)))
        />
    }
}

/// The playback options, download and link.
fn options(handle: PlayerHandle, words: &'static PlayerWords, mode: Mode) -> impl IntoView {
    let link = (mode == Mode::Full).then(|| {
        let name = |ui: &Ui| if ui.copied == Some(Copied::Link) { ui.words.copied } else { ui.words.copy_link };
        view! {
            <button type="button" class="control control--word" on:click=move |_| handle.command(Command::CopyLink)>
                {icon("#i-link")}
                {handle.show(name)}
            </button>
        }
    });
    view! {
        <div class="player__ways">
            <button
                type="button"
                class="control control--word"
                aria-pressed=handle.show(|ui| pressed(ui.listening.skips_silence))
                aria-disabled=handle.show(|ui| (!ui.has_silences()).then_some("true"))
                on:click=move |_| handle.command(Command::SkipSilence)
            >
                {icon("#i-skip")}
                {words.skip_silence}
                <bdi class="control__note">{handle.show(presentation::saved)}</bdi>
            </button>
            <button
                type="button"
                class="control control--word"
                aria-pressed=handle.show(|ui| pressed(presentation::is_repeating(ui)))
                on:click=move |_| handle.command(Command::Repeat)
            >
                {icon("#i-repeat")}
                {handle.show(presentation::repeat)}
            </button>
            {link}
            <a class="control control--word" href=handle.show(presentation::download) download>
                {icon("#i-download")}
                {words.download}
            </a>
            <button
                type="button"
                class="control"
                aria-label=words.keys
                title=words.keys
                aria-haspopup="dialog"
                aria-controls=key_sheet::ID
                on:click=move |_| handle.command(Command::Help)
            >
                {icon("#i-keyboard")}
            </button>
        </div>
        <div class="player__lanes" hidden=handle.show(|ui| ui.lanes.is_none())>
            {lane(handle, words.agent, words, 0)}
            {lane(handle, words.customer, words, 1)}
        </div>
        <p class="player__link" hidden=handle.show(|ui| ui.link.is_empty())>
            <bdi dir="ltr">{handle.show(|ui| ui.link.clone())}</bdi>
        </p>
    }
}

/// Mute and solo of one side of the call.
fn lane(
    handle: PlayerHandle,
    name: &'static str,
    words: &'static PlayerWords,
    lane: usize,
) -> impl IntoView {
    view! {
        <div class="lane" role="group" aria-label=name data-lane=lane>
            <span class="lane__name" aria-hidden="true">
                {name}
            </span>
            {lane_button(handle, name, words.mute, lane, |lanes, lane| lanes.is_muted(lane), Command::MuteLane(lane))}
            {lane_button(handle, name, words.solo, lane, |lanes, lane| lanes.is_solo(lane), Command::Solo(lane))}
        </div>
    }
}

/// A button of a lane. Its accessible name holds the lane's, so that no two buttons share one.
fn lane_button(
    handle: PlayerHandle,
    name: &'static str,
    word: &'static str,
    lane: usize,
    is_pressed: fn(Lanes, usize) -> bool,
    command: Command,
) -> impl IntoView {
    let pressed =
        move || handle.ui.with(|ui| pressed(ui.lanes.is_some_and(|lanes| is_pressed(lanes, lane))));
    view! {
        <button
            type="button"
            class="control control--word"
            aria-label=format!("{name}: {word}")
            aria-pressed=pressed
            on:click=move |_| handle.command(command)
        >
            {word}
        </button>
    }
}

fn move_by(
    handle: PlayerHandle,
    label: &'static str,
    icon: &'static str,
    seconds: f64,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="control"
            aria-label=label
            title=label
            on:click=move |_| handle.command(Command::SeekBy(seconds))
        >
            {self::icon(icon)}
        </button>
    }
}

fn icon(href: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">
            <use href=href></use>
        </svg>
    }
}

/// `aria-pressed`, which needs `false`, too.
fn pressed(is_pressed: bool) -> &'static str {
    if is_pressed { "true" } else { "false" }
}
