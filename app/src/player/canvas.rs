//! Draws the waveform as a stencil: the canvas is the card's colour, and the sound is cut out of it. What is buffered,
//! played and repeated are plain bars below, which CSS colours and moves: so playing draws nothing anew, and a theme is
//! CSS alone.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};

use super::{
    handle::PlayerHandle,
    lanes::{LANES, Lanes},
    waveform::Waveform,
};
use crate::format;

/// Width of a bar and of the gap to the next, in CSS pixels.
const BAR: f64 = 2.0;
const GAP: f64 = 1.0;
/// A lane that is not reply is cut out so far.
const FAINT: f64 = 0.3;
/// A share that no part of a recording has.
pub(super) const OUT_OF_SIGHT: u32 = 20_000;
/// Most pixels of the screen for one of CSS that are worth drawing.
const SHARPEST: f64 = 3.0;

/// Draws all of it.
pub(super) fn draw(handle: PlayerHandle, waveform: &Waveform, lanes: Lanes) {
    let Some(canvas) = part::<HtmlCanvasElement>(handle, "canvas") else { return };
    let sharpness = window().device_pixel_ratio().clamp(1.0, SHARPEST);
    let pixels = |length: i32| f64::from(length) * sharpness;
    let (width, height) = (pixels(canvas.client_width()), pixels(canvas.client_height()));
    if width < 1.0 {
        return;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some thousand pixels"
    )]
    let (columns, rows) = (width as u32, height as u32);
    canvas.set_width(columns);
    canvas.set_height(rows);
    let context = canvas.get_context("2d").ok().flatten();
    let Some(context) = context.and_then(|it| it.dyn_into::<CanvasRenderingContext2d>().ok())
    else {
        return;
    };
    let colour = window().get_computed_style(&canvas).ok().flatten();
    let colour = colour.and_then(|style| style.get_property_value("color").ok());
    context.set_fill_style_str(&colour.unwrap_or_default());
    context.fill_rect(0.0, 0.0, width, height);
    // Cuts out, however much colour there is (Compositing and Blending, "destination out").
    let _ = context.set_global_composite_operation("destination-out");
    let each = height / if waveform.lanes() == LANES { 2.0 } else { 1.0 };
    for lane in 0..waveform.lanes() {
        let is_faint = waveform.lanes() == LANES && !lanes.is_heard(lane);
        context.set_global_alpha(if is_faint { FAINT } else { 1.0 });
        let middle = each * if lane == 0 { 0.5 } else { 1.5 };
        cut(&context, waveform, lane, middle, each * 0.92, width, sharpness);
    }
}

fn cut(
    context: &CanvasRenderingContext2d,
    waveform: &Waveform,
    lane: usize,
    middle: f64,
    most: f64,
    width: f64,
    sharpness: f64,
) {
    let step = (BAR + GAP) * sharpness;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some thousand bars"
    )]
    let bars = (width / step) as usize;
    let mut left = 0.0;
    for bar in waveform.bars(lane, bars.max(1)) {
        let height = (bar * most).max(sharpness);
        context.fill_rect(left, middle - height / 2.0, BAR * sharpness, height);
        left += step;
    }
}

/// Sets a number that the style sheet reads.
pub(super) fn set(handle: PlayerHandle, name: &str, value: u32) {
    if let Some(track) = part::<HtmlElement>(handle, ".track") {
        let _ = track.style().set_property(name, &value.to_string());
    }
}

/// Shows the parts that the browser has, in seconds.
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

/// Says what time the pointer is at.
pub(crate) fn hover(handle: PlayerHandle, event: &ev::PointerEvent) {
    let Some(track) = part::<HtmlElement>(handle, ".track") else { return };
    let length = handle.ui.with_untracked(|ui| ui.audio.length);
    let at = share(f64::from(event.offset_x()), f64::from(track.client_width()));
    set(handle, "--hover", at);
    if let Some(bubble) = part::<HtmlElement>(handle, ".track__hover") {
        let time = format::clock(length * f64::from(at) / 10_000.0);
        bubble.set_text_content(Some(&time));
    }
}

/// So many hundredths of a per cent of the whole: whole numbers are small to write.
pub(super) fn share(part: f64, whole: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nothing and the whole; `as` makes 0 of what is no number"
    )]
    let share = (part / whole * 10_000.0).clamp(0.0, 10_000.0) as u32;
    share
}

/// A part of this player's markup.
pub(super) fn part<T: wasm_bindgen::JsCast>(handle: PlayerHandle, selector: &str) -> Option<T> {
    handle.root.get_untracked()?.query_selector(selector).ok()??.dyn_into().ok()
}
