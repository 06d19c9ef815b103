//! Executes the listener's commands, from keys, controls and devices alike.

use leptos::prelude::*;

use super::{
    clipboard, handle::PlayerHandle, key_sheet, keys::Command, lanes::Lanes, listening::SPEEDS,
    machine::Event, mixer::Mixer, preferences, sound, track, ui::Copied,
};
use crate::{format, player::subject::and};

/// Executes a command. One that the state does not allow is ignored.
pub(super) fn command(handle: PlayerHandle, command: Command) {
    let (is_accepted, is_sounding, audio) =
        handle.ui.with_untracked(|ui| (ui.accepts(command), ui.is_sounding(), ui.audio));
    if !is_accepted {
        return;
    }
    match command {
        Command::Toggle => handle.send(if is_sounding { Event::Pause } else { Event::Play }),
        Command::SeekBy(seconds) => sound::seek(handle, audio.at + seconds),
        Command::SeekTo(seconds) => sound::seek(handle, seconds),
        Command::SeekToShare(share) => sound::seek(handle, audio.length * share),
        Command::Scrub(seconds) => sound::scrub(handle, seconds),
        Command::EndScrub => sound::seek(handle, audio.at),
        Command::VolumeBy(step) => preferences::choose_volume(handle, audio.volume + step),
        Command::Volume(volume) => preferences::choose_volume(handle, volume),
        Command::Mute => sound::toggle_mute(handle),
        Command::Speed(speed) => preferences::choose_speed(handle, speed),
        Command::Faster => {
            preferences::choose_speed(handle, (audio.speed + 1).min(SPEEDS.len() - 1));
        }
        Command::Slower => preferences::choose_speed(handle, audio.speed.saturating_sub(1)),
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
        Command::Help => key_sheet::show(),
    }
}

/// Changes which lanes are heard.
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
    // A browser without Web Audio must not show a mute that has no effect.
    if is_mixed {
        handle.ui.update(|ui| ui.lanes = Some(lanes));
        track::show_lanes(handle, lanes);
    }
}

fn copy_link(handle: PlayerHandle) {
    let at = handle.ui.with_untracked(|ui| ui.audio.at);
    let page = handle.runtime.with_value(super::runtime::PlayerRuntime::page);
    let origin = window().location().origin().unwrap_or_default();
    let link = and(&format!("{origin}{page}"), &format!("t={}", format::whole_seconds(at)));
    clipboard::copy(handle, link, Copied::Link);
}
