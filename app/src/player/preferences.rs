//! The listener's preferences and positions, saved in the browser's storage: speed, volume, where each recording was
//! left.

use leptos::prelude::*;

use super::{handle::PlayerHandle, listening::SPEEDS, position, presentation, sound, storage};

/// Sets the speed, here and for later pages.
pub(super) fn choose_speed(handle: PlayerHandle, speed: usize) {
    sound::set_speed(handle, speed);
    if let Some((name, _)) = SPEEDS.get(speed) {
        storage::set(storage::SPEED, name);
    }
}

/// Sets the volume, here and for later pages.
pub(super) fn choose_volume(handle: PlayerHandle, volume: f64) {
    sound::set_volume(handle, volume);
    storage::set(storage::VOLUME, &presentation::per_cent(volume.clamp(0.0, 1.0)).to_string());
}

/// Applies the saved speed, volume and position. The position of the address wins, and so does one that the listener
/// has chosen already.
pub(super) fn recall(handle: PlayerHandle, has_position: bool) {
    let speed = storage::get(storage::SPEED);
    if let Some(speed) = SPEEDS.iter().position(|(name, _)| Some(*name) == speed.as_deref()) {
        sound::set_speed(handle, speed);
    }
    let volume = storage::get(storage::VOLUME).and_then(|volume| volume.parse::<u8>().ok());
    if let Some(volume) = volume {
        sound::set_volume(handle, f64::from(volume) / 100.0);
    }
    let left = storage::get(storage::POSITIONS).and_then(|positions| {
        handle.runtime.with_value(|runtime| {
            let subject = runtime.subject.borrow();
            let is_free = subject.start.is_none() && !has_position;
            position::recall(&positions, &subject.position_key()).filter(|_| is_free)
        })
    });
    if let Some(left) = left {
        handle.ui.update(|ui| ui.audio.at = f64::from(left));
        // Without data the element keeps it as its start position.
        sound::with_audio(handle, |audio| audio.set_current_time(f64::from(left)));
    }
    sound::show_position(handle);
}

/// Saves the position in this recording.
pub(super) fn save_position(handle: PlayerHandle) {
    let Some((is_ready, audio)) = handle.ui.try_with_untracked(|ui| (ui.is_ready(), ui.audio))
    else {
        return;
    };
    // Without a length the distance to the end is unknown.
    if is_ready && audio.length > 0.0 {
        let positions = storage::get(storage::POSITIONS).unwrap_or_default();
        let key = handle.runtime.with_value(|runtime| runtime.subject.borrow().position_key());
        let positions = position::save(&positions, &key, audio.at, audio.length);
        storage::set(storage::POSITIONS, &positions);
    }
}
