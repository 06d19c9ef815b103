//! Carries out what the listener wants of the sound, whichever key, control or device it came from.

use leptos::prelude::*;

use super::{
    browser, face, keys::Command, lanes::Lanes, listening::SPEEDS, machine::Event, mixer::Mixer,
    peaks, place, remote::Remote, sound, storage, ui::Copied,
};

/// See the module.
pub(crate) fn command(remote: Remote, command: Command) {
    let (can_toggle, can_seek, is_sounding, audio) =
        remote.ui.with_untracked(|ui| (ui.can_toggle(), ui.can_seek(), ui.is_sounding(), ui.audio));
    match command {
        Command::Toggle if can_toggle => {
            remote.send(if is_sounding { Event::Pause } else { Event::Play });
        }
        Command::SeekBy(seconds) if can_seek => sound::seek(remote, audio.at + seconds),
        Command::SeekTo(seconds) if can_seek => sound::seek(remote, seconds),
        Command::SeekToShare(share) if can_seek => sound::seek(remote, audio.length * share),
        Command::Toggle | Command::SeekBy(_) | Command::SeekTo(_) | Command::SeekToShare(_) => {}
        Command::VolumeBy(step) => sound::set_volume(remote, audio.volume + step),
        Command::Volume(volume) => sound::set_volume(remote, volume),
        Command::Mute => sound::toggle_mute(remote),
        Command::Speed(speed) => sound::set_speed(remote, speed),
        Command::Faster => sound::set_speed(remote, (audio.speed + 1).min(SPEEDS.len() - 1)),
        Command::Slower => sound::set_speed(remote, audio.speed.saturating_sub(1)),
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
    let link = format!("{origin}{page}?t={}", face::seconds(at));
    remote.ui.update(|ui| ui.link.clone_from(&link));
    browser::copy(remote, &link, Copied::Link);
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
    let has_start = remote.ui.with_untracked(|ui| ui.audio.at > 0.0);
    let left = storage::get(storage::PLACES).and_then(|places| {
        remote.shell.with_value(|shell| place::recall(&places, &shell.call_sid))
    });
    if let Some(left) = left.filter(|_| !has_start) {
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
    if is_ready {
        let places = storage::get(storage::PLACES).unwrap_or_default();
        let places = remote
            .shell
            .with_value(|shell| place::leave(&places, &shell.call_sid, audio.at, audio.length));
        storage::set(storage::PLACES, &places);
    }
}
