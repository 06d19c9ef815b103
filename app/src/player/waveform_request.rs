//! Fetches a recording's waveform where the page was sent without one, and shows it.

use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

use super::{
    handle::PlayerHandle, lanes::LANES, runtime::Request, subject::Mode, track, waveform::Waveform,
};

/// Fetches the waveform unless it is shown already. A row of a list shows none.
pub(super) fn get(handle: PlayerHandle) {
    let is_needed = handle.ui.with_untracked(|ui| !ui.has_waveform && ui.mode != Mode::Row);
    let is_pending = handle.runtime.try_with_value(|runtime| runtime.waveform.borrow().is_some());
    if !is_needed || is_pending != Some(false) {
        return;
    }
    let Ok(controller) = AbortController::new() else { return };
    let init = RequestInit::new();
    init.set_signal(Some(&controller.signal()));
    let (url, part) = handle.runtime.with_value(|runtime| {
        runtime.waveform.replace(Some(Request::new(controller, false)));
        let subject = runtime.subject.borrow();
        (subject.peaks(), subject.part)
    });
    wasm_bindgen_futures::spawn_local(async move {
        let waveform = fetch(&url, &init).await;
        let is_current = handle.runtime.try_with_value(|runtime| {
            let is_current = runtime.subject.borrow().part == part;
            if is_current {
                runtime.waveform.take();
            }
            is_current
        });
        if let Some(waveform) = waveform.filter(|_| is_current == Some(true)) {
            show(handle, &waveform);
        }
    });
}

/// `None` where the recording has no waveform or the request fails: the plain slider works without.
async fn fetch(url: &str, init: &RequestInit) -> Option<Waveform> {
    let sent = window().fetch_with_str_and_init(url, init);
    let response: Response = JsFuture::from(sent).await.ok()?.unchecked_into();
    if response.status() != 200 {
        return None;
    }
    let bytes = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Waveform::parse(&Uint8Array::new(&bytes).to_vec())
}

fn show(handle: PlayerHandle, waveform: &Waveform) {
    track::draw(handle, Some(waveform));
    let lanes = waveform.lanes();
    let silences = waveform.silences();
    handle.ui.update(|ui| {
        ui.has_waveform = true;
        ui.listening.silences = silences;
        ui.lanes = (lanes == LANES).then(|| ui.lanes.unwrap_or_default());
    });
}
