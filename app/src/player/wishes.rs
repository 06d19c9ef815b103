//! Carries out what the listener wants of the sound, whichever key, control or device it came from.

use leptos::prelude::*;

use super::{
    browser, clipboard, face, keys::Command, lanes::Lanes, listening::SPEEDS, machine::Event,
    mixer::Mixer, peaks, place, remote::Remote, sound, storage, ui::Copied,
};
use crate::format;

/// See the module. What makes no sense at the moment is not done.
pub(crate) fn command(remote: Remote, command: Command) {
    let (is_taken, is_sounding, audio) =
        remote.ui.with_untracked(|ui| (ui.takes(command), ui.is_sounding(), ui.audio));
    if !is_taken {
        return;
    }
    match command {
        Command::Toggle => remote.send(if is_sounding { Event::Pause } else { Event::Play }),
        Command::SeekBy(seconds) => sound::seek(remote, audio.at + seconds),
        Command::SeekTo(seconds) => sound::seek(remote, seconds),
        Command::SeekToShare(share) => sound::seek(remote, audio.length * share),
        Command::Scrub(seconds) => sound::scrub(remote, seconds),
        Command::LetGo => sound::seek(remote, audio.at),
        Command::VolumeBy(step) => choose_volume(remote, audio.volume + step),
        Command::Volume(volume) => choose_volume(remote, volume),
        Command::Mute => sound::toggle_mute(remote),
        Command::Speed(speed) => choose_speed(remote, speed),
        Command::Faster => choose_speed(remote, (audio.speed + 1).min(SPEEDS.len() - 1)),
        Command::Slower => choose_speed(remote, audio.speed.saturating_sub(1)),
        Command::MuteLane(lane) => mix(remote, |lanes| lanes.toggle_mute(lane)),
        Command::HearAlone(lane) => mix(remote, |lanes| lanes.toggle_alone(lane)),
        Command::SkipSilence => {
            remote.ui.update(|ui| ui.listening.skips_silence = !ui.listening.skips_silence);
        }
        Command::Repeat => {
            remote.ui.update(|ui| ui.listening.press_repeat(ui.audio.at));
            sound::place(remote);
        }
        Command::CopyLink => copy_link(remote),
        Command::Help => browser::show_keys(),
    }
}

/// So fast, here and on the next page.
fn choose_speed(remote: Remote, speed: usize) {
    sound::set_speed(remote, speed);
    if let Some((name, _)) = SPEEDS.get(speed) {
        storage::set(storage::SPEED, name);
    }
}

/// So loud, here and on the next page.
fn choose_volume(remote: Remote, volume: f64) {
    sound::set_volume(remote, volume);
    storage::set(storage::VOLUME, &face::per_cent(volume.clamp(0.0, 1.0)).to_string());
}

/// Changes which lanes are heard.
fn mix(remote: Remote, change: impl FnOnce(&mut Lanes)) {
    let Some(mut lanes) = remote.ui.with_untracked(|ui| ui.lanes) else { return };
    change(&mut lanes);
    let is_mixed = remote.shell.with_value(|shell| {
        let mut mixer = shell.mixer.borrow_mut();
        if mixer.is_none() {
            sound::with_audio(remote, |audio| *mixer = Mixer::new(audio).ok());
        }
        if let Some(mixer) = &*mixer {
            mixer.wake();
            mixer.set(lanes.gains());
        }
        mixer.is_some()
    });
    // A browser that can't mix shows no mute that is none.
    if is_mixed {
        remote.ui.update(|ui| ui.lanes = Some(lanes));
        peaks::draw(remote);
    }
}

fn copy_link(remote: Remote) {
    let at = remote.ui.with_untracked(|ui| ui.audio.at);
    let page = remote.shell.with_value(|shell| shell.page.clone());
    let origin = window().location().origin().unwrap_or_default();
    let link = format!("{origin}{page}?t={}", format::whole_seconds(at));
    clipboard::copy(remote, link, Copied::Link);
}

/// What the listener had chosen on another page, and where this call was left. The address wins.
pub(super) fn recall(remote: Remote) {
    let speed = storage::get(storage::SPEED);
    if let Some(speed) = SPEEDS.iter().position(|(name, _)| Some(*name) == speed.as_deref()) {
        sound::set_speed(remote, speed);
    }
    let volume = storage::get(storage::VOLUME).and_then(|volume| volume.parse::<u8>().ok());
    if let Some(volume) = volume {
        sound::set_volume(remote, f64::from(volume) / 100.0);
    }
    let left = storage::get(storage::PLACES).and_then(|places| {
        remote.shell.with_value(|shell| {
            place::recall(&places, &shell.call_sid).filter(|_| !shell.has_start)
        })
    });
    if let Some(left) = left {
        remote.ui.update(|ui| ui.audio.at = f64::from(left));
    }
    sound::place(remote);
}

/// Remembers where this call is left.
pub(super) fn remember(remote: Remote) {
    let Some((is_ready, audio)) = remote.ui.try_with_untracked(|ui| (ui.is_ready(), ui.audio))
    else {
        return;
    };
    // Without a length nobody knows how near the end is.
    if is_ready && audio.length > 0.0 {
        let places = storage::get(storage::PLACES).unwrap_or_default();
        let places = remote
            .shell
            .with_value(|shell| place::leave(&places, &shell.call_sid, audio.at, audio.length));
        storage::set(storage::PLACES, &places);
    }
}
