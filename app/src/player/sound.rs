//! The audio element: loads, plays, seeks, and reports. Decides nothing.

use std::time::Duration;

use leptos::prelude::*;
use web_sys::{HtmlAudioElement, HtmlMediaElement};

use super::{
    ask, canvas,
    handle::PlayerHandle,
    listening::{Repeat, SPEEDS, speed_of},
    machine::Event,
    media_session,
};

/// How long the element may wait for bytes before that is said.
const PATIENCE: Duration = Duration::from_millis(400);

/// Gives the element its source. It goes on where it broke off, if it did, or where the listener wants to begin.
pub(super) fn load(handle: PlayerHandle, file: &str) {
    let start = handle.ui.with_untracked(|ui| ui.audio.at);
    with_audio(handle, |audio| {
        audio.set_src(file);
        if start > 0.0 {
            // The element keeps it until it can go there.
            audio.set_current_time(start);
        }
    });
}

/// `WebKit` lets an element play later by itself only if it was loaded during the listener's tap, and the recording
/// may have to be waited for.
pub(super) fn touch(handle: PlayerHandle) {
    with_audio(handle, |audio| {
        if audio.src().is_empty() {
            audio.load();
        }
    });
}

/// Plays this one, and no other on the page.
pub(super) fn start(handle: PlayerHandle) {
    handle.runtime.with_value(|runtime| {
        let title = if runtime.title.is_empty() { &runtime.call_sid } else { &runtime.title };
        runtime.keys.replace(media_session::Keys::take(handle, title));
        if let Some(mixer) = &*runtime.mixer.borrow() {
            mixer.wake();
        }
    });
    with_audio(handle, |audio| play(handle, audio));
}

fn play(handle: PlayerHandle, audio: &HtmlAudioElement) {
    if let Ok(others) = document().query_selector_all("audio") {
        for other in (0..others.length()).filter_map(|n| others.item(n)) {
            let other: HtmlAudioElement = wasm_bindgen::JsCast::unchecked_into(other);
            if other != *audio {
                _ = other.pause();
            }
        }
    }
    let Ok(playing) = audio.play() else { return };
    wasm_bindgen_futures::spawn_local(async move {
        let Err(error) = wasm_bindgen_futures::JsFuture::from(playing).await else { return };
        // Other refusals are a pause that came first, or an error that the element reports.
        if request::text(&error, "name").as_deref() == Some("NotAllowedError") {
            handle.send(Event::Refused);
        }
    });
}

/// Pauses.
pub(super) fn pause(handle: PlayerHandle) {
    with_audio(handle, |audio| _ = audio.pause());
}

/// Begins the stretch anew that is repeated, where it reaches to the very end.
pub(super) fn repeat(handle: PlayerHandle) {
    if let Repeat::Within(stretch) = handle.ui.with_untracked(|ui| ui.listening.repeat) {
        seek(handle, stretch.from);
        start(handle);
    }
}

/// The element has run out of bytes. A seek within what is there is over in a moment, and not worth a word.
pub(crate) fn waits(handle: PlayerHandle) {
    set_timeout(
        move || {
            with_audio(handle, |audio| {
                if !audio.paused() && audio.ready_state() < HtmlMediaElement::HAVE_FUTURE_DATA {
                    handle.send(Event::Buffering);
                }
            });
        },
        PATIENCE,
    );
}

/// Goes to a place, in seconds; before there is a source, it will begin there.
pub(super) fn seek(handle: PlayerHandle, to: f64) {
    let (is_ready, length) = handle.ui.with_untracked(|ui| (ui.is_ready(), ui.audio.length));
    if length <= 0.0 {
        // There is no place to go to yet.
        return handle.ui.update(|ui| ui.is_scrubbing = false);
    }
    // Not `clamp`: its panic would print fractions, which costs the WebAssembly some kilobytes.
    let to = to.max(0.0).min(length);
    if is_ready {
        with_audio(handle, |audio| audio.set_current_time(to));
    }
    handle.ui.update(|ui| {
        ui.audio.at = to;
        ui.is_scrubbing = false;
        ui.copied = None;
    });
    show_position(handle);
}

/// Moves the mark while the listener drags it. The sound follows when it is let go: each place on the way would be
/// fetched for nothing.
pub(super) fn scrub(handle: PlayerHandle, to: f64) {
    handle.ui.update(|ui| {
        ui.audio.at = to;
        ui.is_scrubbing = true;
    });
    show_position(handle);
}

/// Reads the audio element.
pub(crate) fn report(handle: PlayerHandle) {
    // Before it has a source, it knows less than we do.
    if !handle.ui.with_untracked(super::ui::Ui::is_ready) {
        return;
    }
    with_audio(handle, |audio| {
        handle.ui.update(|ui| {
            if !ui.is_scrubbing {
                ui.audio.at = audio.current_time();
            }
            ui.audio.volume = audio.volume();
            ui.audio.is_muted = audio.muted();
            // The page around a frame may choose a speed, too.
            let speed = speed_of(audio.playback_rate());
            ui.audio.speed = speed.unwrap_or(ui.audio.speed);
            // NaN until the element knows, infinite for a stream without a length.
            if audio.duration().is_finite() {
                ui.audio.length = audio.duration();
            }
        });
        let ranges = audio.buffered();
        let range = |n| Some((ranges.start(n).ok()?, ranges.end(n).ok()?));
        let ranges: Vec<_> = (0..ranges.length()).filter_map(range).collect();
        canvas::set_buffered(handle, &ranges, handle.ui.with_untracked(|ui| ui.audio.length));
    });
    show_position(handle);
    pass_over(handle);
    let audio = handle.ui.with_untracked(|ui| ui.audio);
    if handle.is_latest() {
        media_session::tell(audio.at, audio.length, SPEEDS[audio.speed].1);
    }
}

/// While it plays and is looked at, its place moves with each picture of the screen; else with the element's reports.
pub(super) fn follow(handle: PlayerHandle) {
    let is_playing = handle.ui.try_with_untracked(|ui| ui.is_sounding() && ui.is_ready());
    let is_followed = handle.runtime.try_with_value(|runtime| runtime.is_followed.get());
    if is_playing != Some(true) || is_followed != Some(false) || document().hidden() {
        return;
    }
    handle.runtime.with_value(|runtime| runtime.is_followed.set(true));
    request_animation_frame(move || {
        if handle.runtime.try_with_value(|runtime| runtime.is_followed.set(false)).is_none() {
            return;
        }
        with_audio(handle, |audio| {
            let (length, is_scrubbing) =
                handle.ui.with_untracked(|ui| (ui.audio.length, ui.is_scrubbing));
            if !is_scrubbing {
                canvas::set(handle, "--at", canvas::share(audio.current_time(), length));
            }
        });
        pass_over(handle);
        follow(handle);
    });
}

/// Shows where it is, and what is repeated.
pub(super) fn show_position(handle: PlayerHandle) {
    let (audio, repeat) = handle.ui.with_untracked(|ui| (ui.audio, ui.listening.repeat));
    canvas::set(handle, "--at", canvas::share(audio.at, audio.length));
    let share = |at| canvas::share(at, audio.length);
    let (from, to) = match repeat {
        Repeat::Off => (canvas::OUT_OF_SIGHT, canvas::OUT_OF_SIGHT),
        Repeat::From(from) => (share(from), share(from)),
        Repeat::Within(stretch) => (share(stretch.from), share(stretch.to)),
    };
    canvas::set(handle, "--from", from);
    canvas::set(handle, "--to", to);
}

/// Goes on elsewhere, where the listener wants to hear something again or not at all.
fn pass_over(handle: PlayerHandle) {
    with_audio(handle, |audio| {
        let at = audio.current_time();
        let jump = handle.ui.with_untracked(|ui| ui.listening.jump(at));
        if let Some(to) = jump.filter(|_| !audio.paused() && !audio.seeking()) {
            audio.set_current_time(to);
        }
    });
}

/// Plays so fast from now on.
pub(super) fn set_speed(handle: PlayerHandle, speed: usize) {
    let Some((_, rate)) = SPEEDS.get(speed) else { return };
    with_audio(handle, |audio| {
        audio.set_default_playback_rate(*rate);
        audio.set_playback_rate(*rate);
    });
    handle.ui.update(|ui| ui.audio.speed = speed);
}

/// So loud from now on: 0 to 1.
pub(super) fn set_volume(handle: PlayerHandle, volume: f64) {
    let volume = volume.clamp(0.0, 1.0);
    with_audio(handle, |audio| {
        audio.set_muted(false);
        audio.set_volume(volume);
    });
    handle.ui.update(|ui| {
        ui.audio.volume = volume;
        ui.audio.is_muted = false;
    });
}

/// Mutes, or sounds again.
pub(super) fn toggle_mute(handle: PlayerHandle) {
    with_audio(handle, |audio| {
        audio.set_muted(!audio.muted());
        handle.ui.update(|ui| ui.audio.is_muted = audio.muted());
    });
}

/// The audio element gave up.
pub(crate) fn broke(handle: PlayerHandle) {
    let mut is_format = false;
    with_audio(handle, |audio| {
        is_format = audio.error().is_some_and(|error| {
            use web_sys::MediaError as E;
            [E::MEDIA_ERR_DECODE, E::MEDIA_ERR_SRC_NOT_SUPPORTED].contains(&error.code())
        });
    });
    handle.send(Event::Broke { is_format });
}

pub(super) fn with_audio(handle: PlayerHandle, with: impl FnOnce(&HtmlAudioElement)) {
    if let Some(audio) = handle.audio.get_untracked() {
        with(&audio);
    }
}
