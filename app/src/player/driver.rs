//! The browser's half of the player: carries out what the machine wants (requests and timers here, the rest next
//! door), and tells it what happened. Decides nothing.

use std::{cell::Cell, time::Duration};

use gloo_timers::callback::{Interval, Timeout};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{AbortController, HtmlDialogElement, HtmlElement};

use super::{
    ask, canvas, commands,
    handle::PlayerHandle,
    machine::{Effect, Event, Now, Reply},
    peaks, presentation,
    runtime::{PlayerRuntime, Request},
    sound,
    subject::Mode,
};

/// An ask that is not held has this long; a held one that much more.
const PATIENCE: Duration = Duration::from_secs(20);

thread_local! {
    /// The player on which Play was pressed last.
    static LATEST: Cell<u32> = const { Cell::new(0) };
}

/// Listens to what concerns the player from outside.
pub(crate) fn attach(handle: PlayerHandle) {
    let left = window_event_listener(ev::pagehide, move |_| {
        commands::remember(handle);
        handle.send(Event::PageHidden);
    });
    let seen = window_event_listener(ev::visibilitychange, move |_| {
        if document().hidden() {
            // A phone may end the page without another word.
            commands::remember(handle);
        } else {
            handle.send(Event::Visible);
            sound::follow(handle);
        }
    });
    on_cleanup(move || {
        handle.send(Event::PageHidden);
        left.remove();
        seen.remove();
    });
    // Once the markup is there.
    leptos::prelude::Effect::new(move || {
        commands::recall(handle);
        let (was_ready, mode) = handle.ui.with_untracked(|ui| (ui.was_ready, ui.mode));
        if mode != Mode::Row {
            redraw_in_other_colours(handle);
            if was_ready {
                peaks::get(handle);
            }
        }
    });
}

/// The canvas does not follow the colours of the page by itself.
fn redraw_in_other_colours(handle: PlayerHandle) {
    for colours in ["(prefers-color-scheme: dark)", "(forced-colors: active)"] {
        let Ok(Some(scheme)) = window().match_media(colours) else { continue };
        let changed =
            wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || peaks::draw(handle));
        let listener = changed.as_ref().unchecked_ref();
        // The page's players live as long as the page.
        if scheme.add_event_listener_with_callback("change", listener).is_ok() {
            changed.forget();
        }
    }
}

impl PlayerHandle {
    /// Whether Play was pressed here last of all players of the page.
    pub(super) fn is_latest(self) -> bool {
        self.runtime.with_value(|runtime| LATEST.get() == runtime.id)
    }
}

/// Tells the machine, and does what it says.
pub(crate) fn send(handle: PlayerHandle, event: &Event) {
    let step = canvas::part::<HtmlElement>(handle, ".player__panel :focus");
    let effects = handle.runtime.try_with_value(|runtime| {
        if *event == Event::Play {
            LATEST.set(runtime.id);
            sound::touch(handle);
        }
        let now = Now {
            time: time(),
            random: js_sys::Math::random(),
            may_hold: runtime.may_hold(),
            hidden: document().hidden(),
            is_latest: LATEST.get() == runtime.id,
        };
        let effects = handle.ui.try_update(|ui| {
            ui.now = now.time;
            let effects = ui.machine.step(event, now);
            if let Some(error) = presentation::error(ui) {
                ui.support = format!("{}, {}, {error}", runtime.call_sid, utc());
            }
            ui.copied = None;
            effects
        });
        effects.unwrap_or_default()
    });
    for effect in effects.unwrap_or_default() {
        perform(handle, effect);
    }
    tick(handle);
    keep_focus(handle, step);
    match event {
        Event::Playing => sound::follow(handle),
        Event::Paused => commands::remember(handle),
        Event::Ended => {
            commands::remember(handle);
            sound::repeat(handle);
        }
        Event::PageHidden => handle.runtime.with_value(|runtime| _ = runtime.waveform.take()),
        _ => {}
    }
}

/// Who has pressed a step that is gone now goes on at the button at the front, and not at the top of the page.
fn keep_focus(handle: PlayerHandle, step: Option<HtmlElement>) {
    let Some(step) = step else { return };
    request_animation_frame(move || {
        if step.offset_parent().is_none()
            && let Some(toggle) = canvas::part::<HtmlElement>(handle, ".player__toggle")
        {
            let _ = toggle.focus(); // nothing can refuse it
        }
    });
}

fn perform(handle: PlayerHandle, effect: Effect) {
    match effect {
        Effect::Ask { generation, hold } => ask(handle, generation, hold),
        Effect::Sleep { generation, delay } => {
            let timer =
                Timeout::new(millis(delay), move || handle.send(Event::TimerFired { generation }));
            handle.runtime.with_value(|runtime| runtime.timer.replace(Some(timer)));
        }
        Effect::Stop => handle.runtime.with_value(PlayerRuntime::stop),
        Effect::Load => {
            handle.runtime.with_value(|runtime| sound::load(handle, &runtime.file));
            peaks::get(handle);
        }
        Effect::Start => sound::start(handle),
        Effect::Pause => sound::pause(handle),
    }
}

fn ask(handle: PlayerHandle, generation: u32, hold: Option<Duration>) {
    // Only a browser without AbortController can refuse; it has no WebAssembly either.
    let Ok(controller) = AbortController::new() else { return };
    let answer = handle.runtime.with_value(|runtime| {
        let answer = request::ask(&runtime.file, &controller.signal(), hold);
        runtime.request.replace(Some(Request::new(controller, hold.is_some())));
        let limit = PATIENCE + hold.unwrap_or_default();
        let given_up = move || handle.send(Event::Answered { generation, reply: Reply::nothing() });
        runtime.timer.replace(Some(Timeout::new(millis(limit), given_up)));
        answer
    });
    wasm_bindgen_futures::spawn_local(async move {
        let reply = answer.await;
        handle.send(Event::Answered { generation, reply });
    });
}

/// The clock on show runs while the listener waits.
fn tick(handle: PlayerHandle) {
    let is_busy = handle.ui.with_untracked(super::ui::Ui::is_busy);
    handle.runtime.with_value(|runtime| {
        let mut ticks = runtime.ticks.borrow_mut();
        if is_busy && ticks.is_none() {
            *ticks = Some(Interval::new(1000, move || handle.ui.update(|ui| ui.now = time())));
        } else if !is_busy {
            *ticks = None;
        }
    });
}

/// Shows the page's sheet of keys.
pub(super) fn show_keys() {
    let sheet = document().get_element_by_id(super::key_sheet::ID);
    if let Some(sheet) = sheet.and_then(|sheet| sheet.dyn_into::<HtmlDialogElement>().ok())
        && !sheet.open()
    {
        // Only a sheet that is shown already can refuse.
        let _ = sheet.show_modal();
    }
}

/// Time since the page was opened; only goes forward.
fn time() -> Duration {
    let millis = window().performance().map_or(0.0, |performance| performance.now());
    Duration::from_secs_f64((millis / 1000.0).max(0.0))
}

/// `2026-07-01 14:03:09 UTC`, for people who look into logs.
fn utc() -> String {
    let iso = String::from(js_sys::Date::new_0().to_iso_string());
    format!("{} {} UTC", iso.get(..10).unwrap_or_default(), iso.get(11..19).unwrap_or_default())
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
