//! Updates the timeline in the document: the waveform's paths, CSS variables for position and repeat, buffered ranges,
//! the time under the pointer.
//!
//! The waveform is a stencil: an SVG in the card's colour with the bars cut out by a mask. The buffered, played and
//! repeated stretches are plain elements below, which CSS colours and moves. So playing draws nothing again.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

use super::{
    handle::PlayerHandle,
    lanes::{LANES, Lanes},
    waveform::{TimeSpan, Waveform, read_silences},
};
use crate::format;

/// A share that lies outside every recording.
pub(super) const OUT_OF_SIGHT: u32 = 20_000;

/// The two paths of the waveform.
fn paths(handle: PlayerHandle) -> impl Iterator<Item = (usize, Element)> {
    (0..LANES).filter_map(move |lane| {
        let selector = if lane == 0 { "[data-path='0']" } else { "[data-path='1']" };
        Some((lane, part::<Element>(handle, selector)?))
    })
}

/// Draws the waveform; without one, clears it.
pub(super) fn draw(handle: PlayerHandle, waveform: Option<&Waveform>) {
    for (lane, path) in paths(handle) {
        let shape = waveform.map(|waveform| waveform.path(lane)).unwrap_or_default();
        let _ = path.set_attribute("d", &shape);
    }
}

/// Shows which lanes are heard.
pub(super) fn show_lanes(handle: PlayerHandle, lanes: Lanes) {
    for (lane, path) in paths(handle) {
        let _ = path.toggle_attribute_with_force("data-faint", !lanes.is_heard(lane));
    }
}

/// The silences of the waveform that the page was sent with; none where it was sent without one.
pub(super) fn silences(handle: PlayerHandle) -> Option<Vec<TimeSpan>> {
    let silences = part::<Element>(handle, ".track")?.get_attribute("data-silences")?;
    Some(read_silences(&silences))
}

/// Sets a number that the style sheet reads.
pub(super) fn set(handle: PlayerHandle, name: &str, value: u32) {
    if let Some(track) = part::<HtmlElement>(handle, ".track") {
        let _ = track.style().set_property(name, &value.to_string());
    }
}

/// Shows the buffered ranges, in seconds.
pub(super) fn set_buffered(handle: PlayerHandle, ranges: &[(f64, f64)], length: f64) {
    let Some(bar) = part::<HtmlElement>(handle, ".track__buffered") else { return };
    let stops: Vec<_> = ranges
        .iter()
        .map(|(from, to)| {
            let (from, to) = (share(*from, length), share(*to, length));
            format!("#0000 0 calc({from}*.01%),currentcolor 0 calc({to}*.01%)")
        })
        .collect();
    let image = format!("linear-gradient(90deg,{},#0000 0)", stops.join(","));
    let _ = bar
        .style()
        .set_property("background-image", if stops.is_empty() { "none" } else { &image });
}

/// Shows the time under the pointer.
pub(super) fn hover(handle: PlayerHandle, event: &ev::PointerEvent) {
    let Some(track) = part::<HtmlElement>(handle, ".track") else { return };
    let length = handle.ui.with_untracked(|ui| ui.audio.length);
    let at = share(f64::from(event.offset_x()), f64::from(track.client_width()));
    set(handle, "--hover", at);
    if let Some(bubble) = part::<HtmlElement>(handle, ".track__hover") {
        let time = format::clock(length * f64::from(at) / 10_000.0);
        bubble.set_text_content(Some(&time));
    }
}

/// The share of the whole in hundredths of a per cent: integers take less code to format than fractions.
pub(super) fn share(part: f64, whole: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the whole; `as` turns NaN into 0"
    )]
    let share = (part / whole * 10_000.0).clamp(0.0, 10_000.0) as u32;
    share
}

/// An element of this player.
pub(super) fn part<T: wasm_bindgen::JsCast>(handle: PlayerHandle, selector: &str) -> Option<T> {
    handle.root.get_untracked()?.query_selector(selector).ok()??.dyn_into().ok()
}
