//! Controls the audio element: loads, plays, seeks, and reads its state.

use std::time::Duration;

use leptos::prelude::*;
use web_sys::{HtmlAudioElement, HtmlMediaElement};

use super::{
    handle::PlayerHandle,
    js,
    listening::{Repeat, SPEEDS, speed_of},
    machine::Event,
    media_session::{self, Action},
    runtime::PlayerRuntime,
    subject::and,
    track,
};

/// How long the element may wait for bytes before the player shows that it loads.
const STALL: Duration = Duration::from_millis(400);

/// Gives the element its source, at the position where it broke off or where the listener wants to start.
pub(super) fn load(handle: PlayerHandle) {
    let start = handle.ui.with_untracked(|ui| ui.audio.at);
    let (file, media_type) = handle.runtime.with_value(|runtime| {
        (runtime.subject.borrow().file(), runtime.media_type.borrow().clone())
    });
    with_audio(handle, |audio| {
        // The server converts what this browser can't play.
        let is_unknown =
            audio.can_play_type(&media_type).is_empty() && media_type.starts_with("audio/");
        audio.set_src(&if is_unknown { and(&file, "as=wav") } else { file });
        if start > 0.0 {
            // Without data the element keeps it as its start position.
            audio.set_current_time(start);
        }
    });
}

/// Removes the element's sources.
pub(super) fn unload(handle: PlayerHandle) {
    with_audio(handle, |audio| {
        _ = audio.pause();
        audio.set_inner_html("");
        let _ = audio.remove_attribute("src");
        audio.load();
    });
}

/// Lets the element play later without a gesture: `WebKit` allows that only if it was loaded during one, and the
/// recording may have to be prepared first.
pub(super) fn unlock(handle: PlayerHandle) {
    with_audio(handle, |audio| {
        if audio.src().is_empty() && audio.first_element_child().is_none() {
            audio.load();
        }
    });
}

/// Plays this element, and pauses every other one of the page.
pub(super) fn start(handle: PlayerHandle) {
    take_media_keys(handle);
    handle.runtime.with_value(|runtime| {
        if let Some(mixer) = &*runtime.mixer.borrow() {
            mixer.wake();
        }
    });
    with_audio(handle, |audio| play(handle, audio));
}

/// Registers this player for the media keys.
pub(super) fn take_media_keys(handle: PlayerHandle) {
    let keys = media_session::Keys::take(
        &handle.runtime.with_value(PlayerRuntime::title),
        move |action| match action {
            Action::Event(event) => handle.send(event),
            Action::Command(command) => handle.command(command),
        },
    );
    handle.runtime.with_value(|runtime| runtime.keys.replace(keys));
}

fn play(handle: PlayerHandle, audio: &HtmlAudioElement) {
    if let Ok(others) = document().query_selector_all("audio") {
        for other in (0..others.length()).filter_map(|index| others.item(index)) {
            let other: HtmlAudioElement = wasm_bindgen::JsCast::unchecked_into(other);
            if other != *audio {
                _ = other.pause();
            }
        }
    }
    let has_src = !audio.src().is_empty();
    if !has_src && audio.network_state() == HtmlMediaElement::NETWORK_NO_SOURCE {
        // The browser has rejected every source before; it would wait for another for ever.
        return handle.send(Event::Broke { is_format: true });
    }
    let Ok(playing) = audio.play() else { return };
    wasm_bindgen_futures::spawn_local(async move {
        let Err(error) = wasm_bindgen_futures::JsFuture::from(playing).await else { return };
        match js::text(&error, "name").as_deref() {
            Some("NotAllowedError") => handle.send(Event::Refused),
            // No source can be played, and the element reported that before.
            Some("NotSupportedError") => handle.send(Event::Broke { is_format: true }),
            // A pause or another source came first.
            _ => {}
        }
    });
}

/// Pauses.
pub(super) fn pause(handle: PlayerHandle) {
    with_audio(handle, |audio| _ = audio.pause());
}

/// Restarts the repeated time span where it reaches the recording's end. Returns whether there is one.
pub(super) fn repeat(handle: PlayerHandle) -> bool {
    let Repeat::Within(span) = handle.ui.with_untracked(|ui| ui.listening.repeat) else {
        return false;
    };
    seek(handle, span.from);
    start(handle);
    true
}

/// The element has run out of bytes. Reported only if that lasts: a seek within buffered data is over at once.
pub(super) fn report_stall(handle: PlayerHandle) {
    set_timeout(
        move || {
            with_audio(handle, |audio| {
                if !audio.paused() && audio.ready_state() < HtmlMediaElement::HAVE_FUTURE_DATA {
                    handle.send(Event::Buffering);
                }
            });
        },
        STALL,
    );
}

/// Seeks, in seconds. Before the element has a source, this sets the start position.
pub(super) fn seek(handle: PlayerHandle, to: f64) {
    let length = handle.ui.with_untracked(|ui| ui.audio.length);
    if length <= 0.0 {
        // Without a length there is no timeline.
        return handle.ui.update(|ui| ui.is_scrubbing = false);
    }
    // Not `clamp`: its panic formats fractions, which adds kilobytes to the WebAssembly.
    let to = to.max(0.0).min(length);
    with_audio(handle, |audio| audio.set_current_time(to));
    handle.ui.update(|ui| {
        ui.audio.at = to;
        ui.is_scrubbing = false;
        ui.copied = None;
    });
    show_position(handle);
}

/// Moves the playhead while the listener drags it. The sound follows at the end of the drag: seeking to each position
/// on the way would fetch data for nothing.
pub(super) fn scrub(handle: PlayerHandle, to: f64) {
    handle.ui.update(|ui| {
        ui.audio.at = to;
        ui.is_scrubbing = true;
    });
    show_position(handle);
}

/// Reads the element's state.
pub(super) fn report(handle: PlayerHandle) {
    // Without a source the element knows less than the page.
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
            // The page around a frame may set a speed, too.
            let speed = speed_of(audio.playback_rate());
            ui.audio.speed = speed.unwrap_or(ui.audio.speed);
            // NaN until known, infinite for a stream without a length.
            if audio.duration().is_finite() {
                ui.audio.length = audio.duration();
            }
        });
        let ranges = audio.buffered();
        let range = |n| Some((ranges.start(n).ok()?, ranges.end(n).ok()?));
        let ranges: Vec<_> = (0..ranges.length()).filter_map(range).collect();
        track::set_buffered(handle, &ranges, handle.ui.with_untracked(|ui| ui.audio.length));
    });
    show_position(handle);
    jump(handle);
    let audio = handle.ui.with_untracked(|ui| ui.audio);
    if handle.runtime.with_value(PlayerRuntime::is_latest) {
        media_session::set_position(audio.at, audio.length, SPEEDS[audio.speed].1);
    }
}

/// Moves the playhead at each animation frame while the recording plays in a visible tab.
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
                track::set(handle, "--at", track::share(audio.current_time(), length));
            }
        });
        jump(handle);
        follow(handle);
    });
}

/// Shows the position and the repeated time span.
pub(super) fn show_position(handle: PlayerHandle) {
    let (audio, repeat) = handle.ui.with_untracked(|ui| (ui.audio, ui.listening.repeat));
    track::set(handle, "--at", track::share(audio.at, audio.length));
    let share = |at| track::share(at, audio.length);
    let (from, to) = match repeat {
        Repeat::Off => (track::OUT_OF_SIGHT, track::OUT_OF_SIGHT),
        Repeat::From(from) => (share(from), share(from)),
        Repeat::Within(span) => (share(span.from), share(span.to)),
    };
    track::set(handle, "--from", from);
    track::set(handle, "--to", to);
}

/// Jumps where the listener repeats a time span or skips silences.
fn jump(handle: PlayerHandle) {
    with_audio(handle, |audio| {
        let at = audio.current_time();
        let jump = handle.ui.with_untracked(|ui| ui.listening.jump(at));
        if let Some(to) = jump.filter(|_| !audio.paused() && !audio.seeking()) {
            audio.set_current_time(to);
        }
    });
}

/// Sets the speed, by its index.
pub(super) fn set_speed(handle: PlayerHandle, speed: usize) {
    let Some((_, rate)) = SPEEDS.get(speed) else { return };
    with_audio(handle, |audio| {
        audio.set_default_playback_rate(*rate);
        audio.set_playback_rate(*rate);
    });
    handle.ui.update(|ui| ui.audio.speed = speed);
}

/// Sets the volume, 0 to 1, and unmutes.
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

/// Mutes or unmutes.
pub(super) fn toggle_mute(handle: PlayerHandle) {
    with_audio(handle, |audio| {
        audio.set_muted(!audio.muted());
        handle.ui.update(|ui| ui.audio.is_muted = audio.muted());
    });
}

/// The element or one of its `<source>`s reports an error. A source's error matters only if it is the last.
pub(super) fn report_error(handle: PlayerHandle, event: &web_sys::Event) {
    let source = event.target().and_then(|target| {
        wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlSourceElement>(target).ok()
    });
    if source.is_some_and(|source| source.next_element_sibling().is_some()) {
        return;
    }
    let mut is_format = false;
    with_audio(handle, |audio| {
        is_format = audio.error().is_some_and(|error| {
            use web_sys::MediaError as E;
            [E::MEDIA_ERR_DECODE, E::MEDIA_ERR_SRC_NOT_SUPPORTED].contains(&error.code())
        });
    });
    handle.send(Event::Broke { is_format });
}

/// Runs `with` on the player's element.
pub(super) fn with_audio(handle: PlayerHandle, with: impl FnOnce(&HtmlAudioElement)) {
    let audio = handle.runtime.try_with_value(|runtime| runtime.audio.borrow().clone());
    if let Some(audio) = audio.flatten() {
        with(&audio);
    }
}
