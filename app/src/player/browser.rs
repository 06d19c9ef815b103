//! The browser's half of the player: carries out what the machine wants (requests and timers here, the rest next
//! door), and tells it what happened. Decides nothing.

use std::{cell::Cell, time::Duration};

use gloo_timers::callback::{Interval, Timeout};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{AbortController, HtmlDialogElement, HtmlElement};

use super::{
    ask, canvas, face,
    machine::{Effect, Event, Heard, Now},
    peaks,
    remote::Remote,
    shell::{Request, Shell},
    sound,
    subject::Mode,
    wishes,
};

/// An ask that is not held has this long; a held one that much more.
const PATIENCE: Duration = Duration::from_secs(20);

thread_local! {
    /// The player on which Play was pressed last.
    static LATEST: Cell<u32> = const { Cell::new(0) };
}

/// Listens to what concerns the player from outside.
pub(crate) fn attach(remote: Remote) {
    let left = window_event_listener(ev::pagehide, move |_| {
        wishes::remember(remote);
        remote.send(Event::Left);
    });
    let seen = window_event_listener(ev::visibilitychange, move |_| {
        if document().hidden() {
            // A phone may end the page without another word.
            wishes::remember(remote);
        } else {
            remote.send(Event::Seen);
            sound::follow(remote);
        }
    });
    on_cleanup(move || {
        remote.send(Event::Left);
        left.remove();
        seen.remove();
    });
    // Once the markup is there.
    leptos::prelude::Effect::new(move || {
        wishes::recall(remote);
        let (was_ready, mode) = remote.ui.with_untracked(|ui| (ui.was_ready, ui.mode));
        if mode != Mode::Row {
            redraw_in_other_colours(remote);
            if was_ready {
                peaks::get(remote);
            }
        }
    });
}

/// The canvas does not follow the colours of the page by itself.
fn redraw_in_other_colours(remote: Remote) {
    for colours in ["(prefers-color-scheme: dark)", "(forced-colors: active)"] {
        let Ok(Some(scheme)) = window().match_media(colours) else { continue };
        let changed =
            wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || peaks::draw(remote));
        let listener = changed.as_ref().unchecked_ref();
        // The page's players live as long as the page.
        if scheme.add_event_listener_with_callback("change", listener).is_ok() {
            changed.forget();
        }
    }
}

impl Remote {
    /// Whether Play was pressed here last of all players of the page.
    pub(super) fn is_latest(self) -> bool {
        self.shell.with_value(|shell| LATEST.get() == shell.id)
    }
}

/// Tells the machine, and does what it says.
pub(crate) fn send(remote: Remote, event: &Event) {
    let step = canvas::part::<HtmlElement>(remote, ".player__panel :focus");
    let effects = remote.shell.try_with_value(|shell| {
        if *event == Event::Play {
            LATEST.set(shell.id);
            sound::touch(remote);
        }
        let now = Now {
            time: time(),
            random: js_sys::Math::random(),
            may_hold: shell.may_hold(),
            hidden: document().hidden(),
            is_latest: LATEST.get() == shell.id,
        };
        let effects = remote.ui.try_update(|ui| {
            ui.now = now.time;
            let effects = ui.machine.step(event, now);
            if let Some(error) = face::error(ui) {
                ui.support = format!("{}, {}, {error}", shell.call_sid, utc());
            }
            ui.copied = None;
            effects
        });
        effects.unwrap_or_default()
    });
    for effect in effects.unwrap_or_default() {
        perform(remote, effect);
    }
    tick(remote);
    keep_focus(remote, step);
    match event {
        Event::Playing => sound::follow(remote),
        Event::Paused => wishes::remember(remote),
        Event::Ended => {
            wishes::remember(remote);
            sound::repeat(remote);
        }
        Event::Left => remote.shell.with_value(|shell| _ = shell.outline.take()),
        _ => {}
    }
}

/// Who has pressed a step that is gone now goes on at the button at the front, and not at the top of the page.
fn keep_focus(remote: Remote, step: Option<HtmlElement>) {
    let Some(step) = step else { return };
    request_animation_frame(move || {
        if step.offset_parent().is_none()
            && let Some(toggle) = canvas::part::<HtmlElement>(remote, ".player__toggle")
        {
            let _ = toggle.focus(); // nothing can refuse it
        }
    });
}

fn perform(remote: Remote, effect: Effect) {
    match effect {
        Effect::Ask { generation, hold } => ask(remote, generation, hold),
        Effect::Sleep { generation, delay } => {
            let timer =
                Timeout::new(millis(delay), move || remote.send(Event::Rang { generation }));
            remote.shell.with_value(|shell| shell.timer.replace(Some(timer)));
        }
        Effect::Stop => remote.shell.with_value(Shell::stop),
        Effect::Load => {
            remote.shell.with_value(|shell| sound::load(remote, &shell.file));
            peaks::get(remote);
        }
        Effect::Start => sound::start(remote),
        Effect::Hush => sound::hush(remote),
    }
}

fn ask(remote: Remote, generation: u32, hold: Option<Duration>) {
    // Only a browser without AbortController can refuse; it has no WebAssembly either.
    let Ok(controller) = AbortController::new() else { return };
    let answer = remote.shell.with_value(|shell| {
        let answer = ask::ask(&shell.file, &controller.signal(), hold);
        shell.request.replace(Some(Request::new(controller, hold.is_some())));
        let limit = PATIENCE + hold.unwrap_or_default();
        let given_up = move || remote.send(Event::Answered { generation, heard: Heard::nothing() });
        shell.timer.replace(Some(Timeout::new(millis(limit), given_up)));
        answer
    });
    wasm_bindgen_futures::spawn_local(async move {
        let heard = answer.await;
        remote.send(Event::Answered { generation, heard });
    });
}

/// The clock on show runs while the listener waits.
fn tick(remote: Remote) {
    let is_busy = remote.ui.with_untracked(super::ui::Ui::is_busy);
    remote.shell.with_value(|shell| {
        let mut ticks = shell.ticks.borrow_mut();
        if is_busy && ticks.is_none() {
            *ticks = Some(Interval::new(1000, move || remote.ui.update(|ui| ui.now = time())));
        } else if !is_busy {
            *ticks = None;
        }
    });
}

/// Shows the page's sheet of keys.
pub(super) fn show_keys() {
    let sheet = document().get_element_by_id(super::help::ID);
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
