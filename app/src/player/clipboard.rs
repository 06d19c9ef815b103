//! What a listener takes along: what support wants to know, a link to a moment.

use leptos::prelude::*;

use super::{handle::PlayerHandle, ui::Copied};

/// Puts what support wants to know on the clipboard.
pub(crate) fn copy_support(handle: PlayerHandle) {
    let text = handle.ui.with_untracked(|ui| ui.support.clone());
    copy(handle, text, Copied::Support);
}

/// Puts it on the clipboard, if there is one: not every page has it, and not every browser lets it be written. The
/// text is on show then, to be copied by hand.
pub(super) fn copy(handle: PlayerHandle, text: String, what: Copied) {
    let clipboard = window().navigator().clipboard();
    wasm_bindgen_futures::spawn_local(async move {
        let is_written = !clipboard.is_undefined()
            && wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await.is_ok();
        handle.ui.update(|ui| {
            ui.copied = is_written.then_some(what);
            // What support wants to know is on show anyway.
            let by_hand = !is_written && what == Copied::Link;
            ui.link = if by_hand { text } else { String::new() };
        });
    });
}
