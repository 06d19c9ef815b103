//! What the browser keeps: places, speed, volume. In a private window there may be no storage, or a full one: then
//! nothing is remembered, and nothing breaks.

use leptos::prelude::window;

pub(super) const PLACES: &str = "tapedeck.places";
pub(super) const SPEED: &str = "tapedeck.speed";
pub(super) const VOLUME: &str = "tapedeck.volume";

pub(super) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

pub(super) fn set(key: &str, value: &str) {
    // What can't be kept is forgotten.
    let _ = storage().map(|storage| storage.set_item(key, value));
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}
