//! The markup of the timeline: bars, the waveform over them, the time under the pointer, and the seek slider. Left to
//! right in every language.

use leptos::{ev, prelude::*, web_sys::HtmlInputElement};

#[cfg(feature = "ssr")]
use super::waveform::write_silences;
use super::{
    handle::PlayerHandle,
    keys::Command,
    presentation,
    subject::{Mode, Subject},
    ui::Ui,
};
use crate::words::PlayerWords;

/// The timeline. The slider is native, with drag, keys and an accessible value; the rest is visual.
pub(super) fn timeline(
    handle: PlayerHandle,
    words: &'static PlayerWords,
    drawing: Drawing,
) -> impl IntoView {
    let Drawing { silences, length, start, .. } = drawing.clone();
    view! {
        <div class="player__timeline" dir="ltr">
            <bdi class="player__time">{handle.show(presentation::at)}</bdi>
            <div
                class="track"
                data-waveform=handle.show(|ui| ui.has_waveform.then_some(""))
                data-lanes=handle.show(|ui| ui.lanes.map(|_| "2"))
                data-silences=silences
                on:pointermove=move |event| handle.hover(&event)
            >
                <div class="track__bar">
                    <div class="track__buffered"></div>
                    <div class="track__played"></div>
                    {stencil(drawing)}
                    <div class="track__repeat"></div>
                </div>
                {lane_name(handle, 0, words.agent)}
                {lane_name(handle, 1, words.customer)}
                <div class="track__head"></div>
                <bdi class="track__hover" aria-hidden="true"></bdi>
                <input
                    class="track__slider"
                    type="range"
                    min="0"
                    max=length
                    value=start
                    step="any"
                    aria-label=words.seek
                    aria-valuetext=handle.show(presentation::position)
                    disabled=handle.show(|ui| !ui.can_seek())
                    prop:max=handle.show(|ui| ui.audio.length.max(0.001))
                    prop:value=handle.show(|ui| ui.audio.at)
                    on:input=move |event| handle.command(Command::Scrub(number(&event)))
                    on:change=move |_| handle.command(Command::EndScrub)
                    on:pointerup=move |_| handle.command(Command::EndScrub)
                />
            </div>
            <bdi class="player__time">{handle.show(presentation::length)}</bdi>
        </div>
    }
}

/// The waveform: a sheet in the card's colour, out of which a mask cuts the bars. Without paths it is hidden.
fn stencil(drawing: Drawing) -> Option<impl IntoView> {
    let id = drawing.mask?;
    let [first, second] = drawing.paths;
    let sheet = format!("url(#{id})");
    Some(view! {
        <svg class="track__waveform" viewBox=VIEW_BOX preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <mask id=id>
                <path d=SHEET fill="#fff"></path>
                <path d=first data-path="0" class="track__path"></path>
                <path d=second data-path="1" class="track__path"></path>
            </mask>
            <path d=SHEET fill="currentColor" mask=sheet></path>
        </svg>
    })
}

/// The size of the drawing that [`super::waveform`] makes. The sheet extends beyond it: no seam shows at its edges.
const VIEW_BOX: &str = "0 0 600 200";
const SHEET: &str = "M-3-3h606v206H-3z";

/// What the server draws into the timeline. The browser keeps what is there and knows none of it.
#[derive(Clone, Default)]
pub(super) struct Drawing {
    /// The mask's id; none in a row of a list, which has no waveform.
    mask: Option<String>,
    /// The path of each lane.
    paths: [Option<String>; 2],
    silences: Option<String>,
    /// The slider's greatest value and its value.
    length: Option<String>,
    start: Option<String>,
}

impl Drawing {
    /// The drawing of one recording, with the waveform of [`DrawnWaveform`] where the page provides one.
    pub(super) fn of(subject: &Subject) -> Self {
        let mask = (subject.mode != Mode::Row).then(|| format!("wave-{}", subject.call_sid));
        #[cfg(feature = "ssr")]
        let drawing = {
            let waveform = use_context::<DrawnWaveform>().filter(|_| mask.is_some());
            let path = |waveform: &DrawnWaveform, lane| waveform.0.path(lane);
            Self {
                mask,
                paths: [0, 1].map(|lane| waveform.as_ref().map(|it| path(it, lane))),
                silences: waveform.as_ref().map(|it| write_silences(&it.0.silences())),
                length: Some(subject.length().max(0.001).to_string()),
                start: Some(subject.start().to_string()),
            }
        };
        #[cfg(not(feature = "ssr"))]
        let drawing = Self { mask, ..Self::default() };
        drawing
    }

    #[cfg(feature = "ssr")]
    pub(super) fn is_drawn(&self) -> bool {
        self.silences.is_some()
    }
}

/// The waveform of the page's recording, provided as context while the server renders.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub(crate) struct DrawnWaveform(pub(crate) super::waveform::Waveform);

fn lane_name(handle: PlayerHandle, lane: usize, name: &'static str) -> impl IntoView {
    let is_hidden: fn(&Ui) -> bool = |ui| ui.lanes.is_none() || !ui.has_waveform;
    view! {
        <bdi class="track__lane" data-lane=lane aria-hidden="true" hidden=handle.show(is_hidden)>
            {name}
        </bdi>
    }
}

/// The value of a slider; NaN for any other input, which every command ignores.
pub(super) fn number(event: &ev::Event) -> f64 {
    event_target::<HtmlInputElement>(event).value_as_number()
}
