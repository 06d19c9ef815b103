//! Gets the waveform of the sound from the server, and has it drawn as often as there is reason to.

use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, ResizeObserver, Response};

use super::{
    canvas, handle::PlayerHandle, lanes::LANES, runtime::Request, subject::Mode, waveform::Waveform,
};

/// The waveform, and who watches over its picture.
pub(super) struct Picture {
    waveform: Waveform,
    observer: Option<ResizeObserver>,
    _resized: Closure<dyn FnMut()>,
}

impl Drop for Picture {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Gets it once; asks again only where there was none yet. In a list nobody looks that closely.
pub(super) fn get(handle: PlayerHandle) {
    let is_wanted = handle.ui.with_untracked(|ui| !ui.has_waveform && ui.mode != Mode::Row);
    let pending = handle.runtime.try_with_value(|runtime| runtime.waveform.borrow().is_some());
    if !is_wanted || pending != Some(false) {
        return;
    }
    let Ok(controller) = AbortController::new() else { return };
    let init = RequestInit::new();
    init.set_signal(Some(&controller.signal()));
    let url = handle.runtime.with_value(|runtime| {
        runtime.waveform.replace(Some(Request::new(controller, false)));
        runtime.peaks.clone()
    });
    wasm_bindgen_futures::spawn_local(async move {
        let waveform = fetch(&url, &init).await;
        handle.runtime.try_with_value(|runtime| runtime.waveform.take());
        if let Some(waveform) = waveform {
            show(handle, waveform);
        }
    });
}

/// Nothing where there is none, or it can't be had: the slider does without.
async fn fetch(url: &str, init: &RequestInit) -> Option<Waveform> {
    let asked = window().fetch_with_str_and_init(url, init);
    let response: Response = JsFuture::from(asked).await.ok()?.unchecked_into();
    if response.status() != 200 {
        return None;
    }
    let bytes = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Waveform::parse(&Uint8Array::new(&bytes).to_vec())
}

fn show(handle: PlayerHandle, waveform: Waveform) {
    let lanes = waveform.lanes();
    let silences = waveform.silences();
    let resized = Closure::<dyn FnMut()>::new(move || draw(handle));
    // Tells of the first size, too.
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
    if let (Some(observer), Some(canvas)) = (&observer, canvas::part(handle, "canvas")) {
        observer.observe(&canvas);
    }
    let picture = Picture { waveform, observer, _resized: resized };
    let shown = handle.runtime.try_with_value(|runtime| runtime.picture.replace(Some(picture)));
    if shown.is_some() {
        handle.ui.update(|ui| {
            ui.has_waveform = true;
            ui.listening.silences = silences;
            ui.lanes = (lanes == LANES).then(|| ui.lanes.unwrap_or_default());
        });
    }
}

/// Draws it, in the colours and the size of this moment.
pub(super) fn draw(handle: PlayerHandle) {
    let lanes = handle.ui.with_untracked(|ui| ui.lanes).unwrap_or_default();
    handle.runtime.with_value(|runtime| {
        if let Some(picture) = &*runtime.picture.borrow() {
            canvas::draw(handle, &picture.waveform, lanes);
        }
    });
}
