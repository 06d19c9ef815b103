//! Switches the player to another recording of the call. The server renders the list of recordings as links beside the
//! player; here a link is played in place, and the next one begins when one ends.

use leptos::prelude::*;
use shared::RecordingState;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, MouseEvent};

use super::{
    handle::PlayerHandle, machine::Event, preferences, runtime::PlayerRuntime, sound,
    subject::Subject, track, ui::Ui,
};

/// The link of a recording in the list.
const LINK: &str = "a[data-part]";

/// Plays a recording of the list where its link was clicked.
pub(super) fn clicked(handle: PlayerHandle, event: &MouseEvent) {
    let is_plain =
        !event.ctrl_key() && !event.meta_key() && !event.shift_key() && event.button() == 0;
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest(LINK).ok()?);
    let own = list(handle);
    if let Some(link) =
        link.filter(|link| is_plain && own.is_some_and(|own| own.contains(Some(link))))
    {
        event.prevent_default();
        switch(handle, &link);
    }
}

/// Plays the recording after the one that has ended, where one can be had.
pub(super) fn play_next(handle: PlayerHandle) {
    let Some(links) = list(handle).and_then(|list| list.query_selector_all(LINK).ok()) else {
        return;
    };
    let links =
        (0..links.length()).filter_map(|index| links.item(index)?.dyn_into::<Element>().ok());
    let mut later = links.skip_while(|link| !link.has_attribute("aria-current")).skip(1);
    if let Some(next) = later.find(|link| state(link).is_some_and(may_play)) {
        switch(handle, &next);
    }
}

fn may_play(state: RecordingState) -> bool {
    use RecordingState::{Failed, Missing, NotRequested, Queued, Ready, Running};
    matches!(state, Ready | NotRequested | Queued | Running | Failed | Missing)
}

/// The element around the player and the list.
fn list(handle: PlayerHandle) -> Option<Element> {
    handle.root.get_untracked()?.closest(".recording").ok()?
}

fn state(link: &Element) -> Option<RecordingState> {
    link.get_attribute("data-state")?.parse().ok()
}

fn number<T: std::str::FromStr + Default>(link: &Element, name: &str) -> T {
    link.get_attribute(name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn switch(handle: PlayerHandle, link: &Element) {
    let part: u32 = number(link, "data-part");
    let is_same = handle.runtime.with_value(|runtime| runtime.subject.borrow().part == part);
    if is_same || part == 0 {
        return handle.send(Event::Play);
    }
    preferences::save_position(handle);
    let subject = handle.runtime.with_value(|runtime| {
        runtime.stop();
        runtime.waveform.take();
        let mut subject = runtime.subject.borrow_mut();
        *subject = Subject {
            part,
            state: state(link).unwrap_or(RecordingState::NotRequested),
            channels: number(link, "data-channels"),
            millis: number(link, "data-millis"),
            start: None,
            ..subject.clone()
        };
        subject.clone()
    });
    sound::unload(handle);
    track::draw(handle, None);
    handle.ui.update(|ui| {
        *ui = Ui { audio: ui.audio.moved_to(&subject), ..Ui::new(ui.words, &subject) }
    });
    preferences::recall(handle, false);
    mark(handle, link);
    handle.send(Event::Play);
}

/// Marks the link as the current one, and puts the part into the page's address.
fn mark(handle: PlayerHandle, link: &Element) {
    if let Some(before) =
        list(handle).and_then(|list| list.query_selector("[aria-current]").ok()?)
    {
        let _ = before.remove_attribute("aria-current");
    }
    let _ = link.set_attribute("aria-current", "true");
    if let Some(link) = link.dyn_ref::<HtmlElement>()
        && let Some(href) = link.get_attribute("href")
        && let Ok(history) = window().history()
    {
        // Some frames may not change their address.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&href));
    }
    handle.runtime.with_value(PlayerRuntime::set_latest);
}
