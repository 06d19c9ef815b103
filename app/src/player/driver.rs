//! Drives one player in the browser: passes events to the state machine and performs the effects that it returns.

use std::time::Duration;

use gloo_timers::callback::{Interval, Timeout};
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{AbortController, HtmlElement};

use super::{
    clipboard, commands,
    handle::{Browser, PlayerHandle},
    machine::{Effect, Event, Now, Reply},
    parts, preferences, presentation, request,
    runtime::{PlayerRuntime, Request},
    sound,
    subject::Mode,
    track, waveform_request,
};

/// The functions behind [`PlayerHandle`].
pub(super) static BROWSER: Browser = Browser {
    event: send,
    command: commands::command,
    copy_support: clipboard::copy_support,
    hover: track::hover,
};

/// The time limit of a request; a held one gets the hold on top.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The events of the audio element that concern the player.
const AUDIO_EVENTS: [&str; 9] = [
    "playing",
    "waiting",
    "pause",
    "ended",
    "error",
    "timeupdate",
    "durationchange",
    "progress",
    "volumechange",
];

/// Connects the player with the page around it.
pub(super) fn attach(handle: PlayerHandle) {
    let hidden = window_event_listener(ev::pagehide, move |_| {
        preferences::save_position(handle);
        handle.send(Event::PageHidden);
    });
    let visible = window_event_listener(ev::visibilitychange, move |_| {
        if document().hidden() {
            // A phone may end the page without a further event.
            preferences::save_position(handle);
        } else {
            handle.send(Event::Visible);
            sound::follow(handle);
        }
    });
    let clicked = window_event_listener(ev::click, move |event| parts::clicked(handle, &event));
    on_cleanup(move || {
        handle.send(Event::PageHidden);
        hidden.remove();
        visible.remove();
        clicked.remove();
    });
    // Once the markup is there.
    leptos::prelude::Effect::new(move || {
        adopt(handle);
        let (was_ready, mode) = handle.ui.with_untracked(|ui| (ui.was_ready, ui.mode));
        if mode != Mode::Row && was_ready {
            match track::silences(handle) {
                Some(silences) => handle.ui.update(|ui| {
                    ui.has_waveform = true;
                    ui.listening.silences = silences;
                }),
                None => waveform_request::get(handle),
            }
        }
    });
}

/// Takes over the audio element that the page was sent with, also while it plays.
fn adopt(handle: PlayerHandle) {
    let listener = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
        audio_event(handle, &event);
    });
    let audio = handle.runtime.with_value(|runtime| {
        let id = format!("audio-{}", runtime.subject.borrow().call_sid);
        let audio: web_sys::HtmlAudioElement =
            document().get_element_by_id(&id)?.dyn_into().ok()?;
        for name in AUDIO_EVENTS {
            // While it is captured: a `<source>` reports its own error, which does not bubble.
            let _ = audio.add_event_listener_with_callback_and_bool(
                name,
                listener.as_ref().unchecked_ref(),
                true,
            );
        }
        runtime.audio_listener.replace(Some(listener));
        runtime.audio.replace(Some(audio.clone()));
        Some(audio)
    });
    let Some(audio) = audio else { return };
    let (at, is_playing) = (audio.current_time(), !audio.paused());
    preferences::recall(handle, is_playing || at > 0.0);
    if is_playing {
        handle.runtime.with_value(PlayerRuntime::set_latest);
        sound::take_media_keys(handle);
        let is_sounding = audio.ready_state() >= web_sys::HtmlMediaElement::HAVE_FUTURE_DATA;
        handle.send(if is_sounding { Event::Playing } else { Event::Buffering });
    } else if at > 0.0 {
        handle.send(Event::Paused);
    }
    sound::report(handle);
}

fn audio_event(handle: PlayerHandle, event: &web_sys::Event) {
    match event.type_().as_str() {
        "playing" => handle.send(Event::Playing),
        "waiting" => sound::report_stall(handle),
        "pause" => handle.send(Event::Paused),
        "ended" => handle.send(Event::Ended),
        "error" => sound::report_error(handle, event),
        _ => sound::report(handle),
    }
}

/// Passes an event to the machine, and performs its effects.
fn send(handle: PlayerHandle, event: &Event) {
    let focused_step = track::part::<HtmlElement>(handle, ".player__panel :focus");
    let effects = handle.runtime.try_with_value(|runtime| {
        if *event == Event::Play {
            runtime.set_latest();
            sound::unlock(handle);
        }
        let now = Now {
            time: time(),
            random: js_sys::Math::random(),
            may_hold: runtime.may_hold(),
            hidden: document().hidden(),
            is_latest: runtime.is_latest(),
        };
        let call_sid = runtime.subject.borrow().call_sid.clone();
        let effects = handle.ui.try_update(|ui| {
            ui.now = now.time;
            let effects = ui.machine.step(event, now);
            if let Some(error) = presentation::error(ui) {
                ui.support = format!("{call_sid}, {}, {error}", utc());
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
    keep_focus(handle, focused_step);
    match event {
        Event::Playing => sound::follow(handle),
        Event::Paused => preferences::save_position(handle),
        Event::Ended => {
            preferences::save_position(handle);
            if !sound::repeat(handle) {
                parts::play_next(handle);
            }
        }
        Event::PageHidden => {
            handle.runtime.with_value(|runtime| _ = runtime.waveform.take());
        }
        _ => {}
    }
}

/// Moves the focus from a step that has disappeared to the play button, instead of the top of the page.
fn keep_focus(handle: PlayerHandle, step: Option<HtmlElement>) {
    let Some(step) = step else { return };
    request_animation_frame(move || {
        if step.offset_parent().is_none()
            && let Some(toggle) = track::part::<HtmlElement>(handle, ".player__toggle")
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
            sound::load(handle);
            waveform_request::get(handle);
        }
        Effect::Start => sound::start(handle),
        Effect::Pause => sound::pause(handle),
    }
}

fn ask(handle: PlayerHandle, generation: u32, hold: Option<Duration>) {
    // Only a browser without AbortController can refuse; it has no WebAssembly either.
    let Ok(controller) = AbortController::new() else { return };
    let answer = handle.runtime.with_value(|runtime| {
        let file = runtime.subject.borrow().file();
        let answer = request::send(&file, &controller.signal(), hold);
        runtime.request.replace(Some(Request::new(controller, hold.is_some())));
        let limit = TIMEOUT + hold.unwrap_or_default();
        let timed_out = move || handle.send(Event::Answered { generation, reply: Reply::none() });
        runtime.timer.replace(Some(Timeout::new(millis(limit), timed_out)));
        answer
    });
    wasm_bindgen_futures::spawn_local(async move {
        let (reply, media_type) = answer.await;
        handle.runtime.try_with_value(|runtime| runtime.media_type.replace(media_type));
        handle.send(Event::Answered { generation, reply });
    });
}

/// Updates the displayed time while the listener waits.
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

/// Monotonic time since the page was opened.
fn time() -> Duration {
    let millis = window().performance().map_or(0.0, |performance| performance.now());
    Duration::from_secs_f64((millis / 1000.0).max(0.0))
}

/// The time for support: `2026-07-01 14:03:09 UTC`.
fn utc() -> String {
    let iso = String::from(js_sys::Date::new_0().to_iso_string());
    format!("{} {} UTC", iso.get(..10).unwrap_or_default(), iso.get(11..19).unwrap_or_default())
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
