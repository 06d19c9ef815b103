//! The audio element: loads, plays, seeks, and reports. Decides nothing.

use leptos::prelude::*;
use web_sys::HtmlAudioElement;

use super::{ask, keys::Command, machine::Event, remote::Remote};

/// Gives the element its source. It goes on where it broke off, if it did.
pub(super) fn load(remote: Remote, file: &str) {
    with_audio(remote, |audio| {
        let at = audio.current_time();
        audio.set_src(file);
        if at > 0.0 {
            // The element keeps it until it can go there.
            audio.set_current_time(at);
        }
    });
}

/// Plays this one, and no other on the page.
pub(super) fn start(remote: Remote) {
    with_audio(remote, |audio| play(remote, audio));
}

fn play(remote: Remote, audio: &HtmlAudioElement) {
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
        if ask::text(&error, "name").as_deref() == Some("NotAllowedError") {
            remote.send(Event::Refused);
        }
    });
}

/// Pauses.
pub(super) fn hush(remote: Remote) {
    with_audio(remote, |audio| _ = audio.pause());
}

/// What the listener wants of the audio.
pub(crate) fn command(remote: Remote, command: Command) {
    let (can_toggle, is_ready, is_sounding, length) = remote
        .ui
        .with_untracked(|ui| (ui.can_toggle(), ui.is_ready(), ui.is_sounding(), ui.audio.length));
    if command == Command::Toggle {
        if can_toggle {
            remote.send(if is_sounding { Event::Pause } else { Event::Play });
        }
        return;
    }
    if !is_ready {
        return;
    }
    with_audio(remote, |audio| {
        let seek = |to: f64| audio.set_current_time(to.clamp(0.0, length));
        match command {
            Command::Toggle => {}
            Command::SeekBy(seconds) => seek(audio.current_time() + seconds),
            Command::SeekTo(seconds) => seek(seconds),
            Command::SeekToShare(share) => seek(length * share),
            Command::VolumeBy(step) => audio.set_volume((audio.volume() + step).clamp(0.0, 1.0)),
            Command::Volume(volume) => {
                audio.set_muted(false);
                audio.set_volume(volume.clamp(0.0, 1.0));
            }
            Command::Mute => audio.set_muted(!audio.muted()),
            Command::Speed(speed) => {
                audio.set_default_playback_rate(speed);
                audio.set_playback_rate(speed);
            }
        }
    });
    report(remote);
}

/// Reads the audio element.
pub(crate) fn report(remote: Remote) {
    with_audio(remote, |audio| {
        let ranges = audio.buffered();
        let buffered = match ranges.length() {
            0 => 0.0,
            n => ranges.end(n - 1).unwrap_or_default(),
        };
        remote.ui.update(|ui| {
            ui.audio.at = audio.current_time();
            ui.audio.buffered = buffered;
            ui.audio.volume = audio.volume();
            ui.audio.is_muted = audio.muted();
            // NaN until the element knows, infinite for a stream without a length.
            if audio.duration().is_finite() {
                ui.audio.length = audio.duration();
            }
        });
    });
}

/// The audio element gave up.
pub(crate) fn broke(remote: Remote) {
    let mut is_format = false;
    with_audio(remote, |audio| {
        is_format = audio.error().is_some_and(|error| {
            use web_sys::MediaError as E;
            [E::MEDIA_ERR_DECODE, E::MEDIA_ERR_SRC_NOT_SUPPORTED].contains(&error.code())
        });
    });
    remote.send(Event::Broke { is_format });
}

fn with_audio(remote: Remote, with: impl FnOnce(&HtmlAudioElement)) {
    if let Some(audio) = remote.audio.get_untracked() {
        with(&audio);
    }
}
