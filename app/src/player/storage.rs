//! The browser's local storage: positions, speed, volume. Where it is missing or full, such as in a private window, the
//! player works and saves nothing.

use leptos::prelude::window;

pub(super) const POSITIONS: &str = "tapedeck.places";
pub(super) const SPEED: &str = "tapedeck.speed";
pub(super) const VOLUME: &str = "tapedeck.volume";

pub(super) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

pub(super) fn set(key: &str, value: &str) {
    // A full storage refuses.
    let _ = storage().map(|storage| storage.set_item(key, value));
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}
