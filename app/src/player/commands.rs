//! Carries out what the listener wants of the sound, whichever key, control or device it came from.

use leptos::prelude::*;

use super::{
    browser, clipboard, handle::PlayerHandle, keys::Command, lanes::Lanes, listening::SPEEDS,
    machine::Event, mixer::Mixer, peaks, position, presentation, sound, storage, ui::Copied,
};
use crate::format;

/// See the module. What makes no sense at the moment is not done.
pub(crate) fn command(handle: PlayerHandle, command: Command) {
    let (is_taken, is_sounding, audio) =
        handle.ui.with_untracked(|ui| (ui.accepts(command), ui.is_sounding(), ui.audio));
    if !is_taken {
        return;
    }
    match command {
        Command::Toggle => handle.send(if is_sounding { Event::Pause } else { Event::Play }),
        Command::SeekBy(seconds) => sound::seek(handle, audio.at + seconds),
        Command::SeekTo(seconds) => sound::seek(handle, seconds),
        Command::SeekToShare(share) => sound::seek(handle, audio.length * share),
        Command::Scrub(seconds) => sound::scrub(handle, seconds),
        Command::LetGo => sound::seek(handle, audio.at),
        Command::VolumeBy(step) => choose_volume(handle, audio.volume + step),
        Command::Volume(volume) => choose_volume(handle, volume),
        Command::Mute => sound::toggle_mute(handle),
        Command::Speed(speed) => choose_speed(handle, speed),
        Command::Faster => choose_speed(handle, (audio.speed + 1).min(SPEEDS.len() - 1)),
        Command::Slower => choose_speed(handle, audio.speed.saturating_sub(1)),
        Command::MuteLane(lane) => mix(handle, |lanes| lanes.toggle_mute(lane)),
        Command::Solo(lane) => mix(handle, |lanes| lanes.toggle_solo(lane)),
        Command::SkipSilence => {
            handle.ui.update(|ui| ui.listening.skips_silence = !ui.listening.skips_silence);
        }
        Command::Repeat => {
            handle.ui.update(|ui| ui.listening.press_repeat(ui.audio.at));
            sound::show_position(handle);
        }
        Command::CopyLink => copy_link(handle),
        Command::Help => driver::show_keys(),
    }
}

/// So fast, here and on the next page.
fn choose_speed(handle: PlayerHandle, speed: usize) {
    sound::set_speed(handle, speed);
    if let Some((name, _)) = SPEEDS.get(speed) {
        storage::set(storage::SPEED, name);
    }
}

/// So loud, here and on the next page.
fn choose_volume(handle: PlayerHandle, volume: f64) {
    sound::set_volume(handle, volume);
    storage::set(storage::VOLUME, &presentation::per_cent(volume.clamp(0.0, 1.0)).to_string());
}

/// Changes which lanes are reply.
fn mix(handle: PlayerHandle, change: impl FnOnce(&mut Lanes)) {
    let Some(mut lanes) = handle.ui.with_untracked(|ui| ui.lanes) else { return };
    change(&mut lanes);
    let is_mixed = handle.runtime.with_value(|runtime| {
        let mut mixer = runtime.mixer.borrow_mut();
        if mixer.is_none() {
            sound::with_audio(handle, |audio| *mixer = Mixer::new(audio).ok());
        }
        if let Some(mixer) = &*mixer {
            mixer.wake();
            mixer.set(lanes.gains());
        }
        mixer.is_some()
    });
    // A browser that can't mix shows no mute that is none.
    if is_mixed {
        handle.ui.update(|ui| ui.lanes = Some(lanes));
        peaks::draw(handle);
    }
}

fn copy_link(handle: PlayerHandle) {
    let at = handle.ui.with_untracked(|ui| ui.audio.at);
    let page = handle.runtime.with_value(|runtime| runtime.page.clone());
    let origin = window().location().origin().unwrap_or_default();
    let link = format!("{origin}{page}?t={}", format::whole_seconds(at));
    clipboard::copy(handle, link, Copied::Link);
}

/// What the listener had chosen on another page, and where this call was left. The address wins.
pub(super) fn recall(handle: PlayerHandle) {
    let speed = storage::get(storage::SPEED);
    if let Some(speed) = SPEEDS.iter().position(|(name, _)| Some(*name) == speed.as_deref()) {
        sound::set_speed(handle, speed);
    }
    let volume = storage::get(storage::VOLUME).and_then(|volume| volume.parse::<u8>().ok());
    if let Some(volume) = volume {
        sound::set_volume(handle, f64::from(volume) / 100.0);
    }
    let left = storage::get(storage::PLACES).and_then(|places| {
        handle.runtime.with_value(|runtime| {
            position::recall(&places, &runtime.call_sid).filter(|_| !runtime.has_start)
        })
    });
    if let Some(left) = left {
        handle.ui.update(|ui| ui.audio.at = f64::from(left));
    }
    sound::show_position(handle);
}

/// Remembers where this call is left.
pub(super) fn remember(handle: PlayerHandle) {
    let Some((is_ready, audio)) = handle.ui.try_with_untracked(|ui| (ui.is_ready(), ui.audio))
    else {
        return;
    };
    // Without a length nobody knows how near the end is.
    if is_ready && audio.length > 0.0 {
        let places = storage::get(storage::PLACES).unwrap_or_default();
        let places = handle.runtime.with_value(|runtime| {
            position::leave(&places, &runtime.call_sid, audio.at, audio.length)
        });
        storage::set(storage::PLACES, &places);
    }
}
