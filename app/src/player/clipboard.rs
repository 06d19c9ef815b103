//! Copies texts to the clipboard: the details for support, a link to a position.

use leptos::prelude::*;

use super::{handle::PlayerHandle, ui::Copied};

/// Copies the details for support.
pub(super) fn copy_support(handle: PlayerHandle) {
    let text = handle.ui.with_untracked(|ui| ui.support.clone());
    copy(handle, text, Copied::Support);
}

/// Copies a text. Some browsers have no clipboard or refuse to write it; a link is then shown, to be copied by hand.
pub(super) fn copy(handle: PlayerHandle, text: String, what: Copied) {
    let clipboard = window().navigator().clipboard();
    wasm_bindgen_futures::spawn_local(async move {
        let is_written = !clipboard.is_undefined()
            && wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await.is_ok();
        handle.ui.update(|ui| {
            ui.copied = is_written.then_some(what);
            // The details for support are always shown.
            let by_hand = !is_written && what == Copied::Link;
            ui.link = if by_hand { text } else { String::new() };
        });
    });
}
