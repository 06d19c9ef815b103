//! Gets the outline of the sound from the server, and has it drawn as often as there is reason to.

use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, ResizeObserver, Response};

use super::{
    canvas, lanes::LANES, outline::Outline, remote::Remote, shell::Request, subject::Mode,
};

/// The outline, and who watches over its picture.
pub(super) struct Picture {
    outline: Outline,
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
pub(super) fn get(remote: Remote) {
    let is_wanted = remote.ui.with_untracked(|ui| !ui.is_outlined && ui.mode != Mode::Row);
    let under_way = remote.shell.try_with_value(|shell| shell.outline.borrow().is_some());
    if !is_wanted || under_way != Some(false) {
        return;
    }
    let Ok(controller) = AbortController::new() else { return };
    let init = RequestInit::new();
    init.set_signal(Some(&controller.signal()));
    let url = remote.shell.with_value(|shell| {
        shell.outline.replace(Some(Request::new(controller, false)));
        shell.peaks.clone()
    });
    wasm_bindgen_futures::spawn_local(async move {
        let outline = fetch(&url, &init).await;
        remote.shell.try_with_value(|shell| shell.outline.take());
        if let Some(outline) = outline {
            show(remote, outline);
        }
    });
}

/// Nothing where there is none, or it can't be had: the slider does without.
async fn fetch(url: &str, init: &RequestInit) -> Option<Outline> {
    let asked = window().fetch_with_str_and_init(url, init);
    let response: Response = JsFuture::from(asked).await.ok()?.unchecked_into();
    if response.status() != 200 {
        return None;
    }
    let bytes = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Outline::parse(&Uint8Array::new(&bytes).to_vec())
}

fn show(remote: Remote, outline: Outline) {
    let lanes = outline.lanes();
    let silences = outline.silences();
    let resized = Closure::<dyn FnMut()>::new(move || draw(remote));
    // Tells of the first size, too.
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
    if let (Some(observer), Some(canvas)) = (&observer, canvas::part(remote, "canvas")) {
        observer.observe(&canvas);
    }
    let picture = Picture { outline, observer, _resized: resized };
    let shown = remote.shell.try_with_value(|shell| shell.picture.replace(Some(picture)));
    if shown.is_some() {
        remote.ui.update(|ui| {
            ui.is_outlined = true;
            ui.listening.silences = silences;
            ui.lanes = (lanes == LANES).then(|| ui.lanes.unwrap_or_default());
        });
    }
}

/// Draws it, in the colours and the size of this moment.
pub(super) fn draw(remote: Remote) {
    let lanes = remote.ui.with_untracked(|ui| ui.lanes).unwrap_or_default();
    remote.shell.with_value(|shell| {
        if let Some(picture) = &*shell.picture.borrow() {
            canvas::draw(remote, &picture.outline, lanes);
        }
    });
}
