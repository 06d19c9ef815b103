//! The browser's half of the player: carries out what the machine wants (requests, timers, the audio element), and
//! tells it what happened. Decides nothing.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use gloo_timers::callback::{Interval, Timeout};
use leptos::{ev, prelude::*};
use shared::{CallSid, path};
use web_sys::{AbortController, HtmlAudioElement};

use super::{
    ask,
    keys::Command,
    machine::{Effect, Event, Fault, Heard, Now, State},
    remote::Remote,
};

/// How many requests of one page may be held by the server. More would use up the connections that
/// a browser opens to one host (six, over HTTP/1.1), and the audio needs some.
const HELD_AT_MOST: u8 = 2;
/// An ask that is not held has this long; a held one that much more.
const PATIENCE: Duration = Duration::from_secs(20);

thread_local! {
    /// Requests of this page that the server may be holding.
    static HELD: Cell<u8> = const { Cell::new(0) };
    /// The player on which Play was pressed last.
    static LATEST: Cell<u32> = const { Cell::new(0) };
    /// How many players the page has.
    static PLAYERS: Cell<u32> = const { Cell::new(0) };
}

/// What one player has under way. Dropping a part ends it.
pub(crate) struct Shell {
    id: u32,
    call_sid: String,
    file: String,
    request: RefCell<Option<Request>>,
    timer: RefCell<Option<Timeout>>,
    /// Runs while the listener waits, for the clock on show.
    ticks: RefCell<Option<Interval>>,
}

/// A request that ends when it is dropped.
struct Request {
    controller: AbortController,
    is_held: bool,
}

impl Request {
    fn new(controller: AbortController, is_held: bool) -> Self {
        HELD.set(HELD.get() + u8::from(is_held));
        Self { controller, is_held }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        HELD.set(HELD.get() - u8::from(self.is_held));
        self.controller.abort();
    }
}

impl Shell {
    pub(crate) fn new(call_sid: &CallSid) -> Self {
        PLAYERS.set(PLAYERS.get() + 1);
        Self {
            id: PLAYERS.get(),
            call_sid: call_sid.to_string(),
            file: path::file(call_sid),
            request: RefCell::default(),
            timer: RefCell::default(),
            ticks: RefCell::default(),
        }
    }

    fn stop(&self) {
        self.request.take();
        self.timer.take();
    }
}

/// Listens to what concerns the player from outside.
pub(crate) fn attach(remote: Remote) {
    let left = window_event_listener(ev::pagehide, move |_| remote.send(Event::Left));
    let seen = window_event_listener(ev::visibilitychange, move |_| {
        if !document().hidden() {
            remote.send(Event::Seen);
        }
    });
    on_cleanup(move || {
        remote.send(Event::Left);
        left.remove();
        seen.remove();
    });
}

/// Tells the machine, and does what it says.
pub(crate) fn send(remote: Remote, event: &Event) {
    let Some((now, effects)) = remote.shell.try_with_value(|shell| {
        if *event == Event::Play {
            LATEST.set(shell.id);
        }
        let now = Now {
            time: time(),
            random: js_sys::Math::random(),
            may_hold: HELD.get() < HELD_AT_MOST,
            hidden: document().hidden(),
            is_latest: LATEST.get() == shell.id,
        };
        let effects = remote.ui.try_update(|ui| {
            ui.now = now.time;
            let effects = ui.machine.step(event, now);
            if let State::Stopped(Fault::Answer(_)) = ui.machine.state {
                ui.support = (ui.words.support_details)(&shell.call_sid, &utc());
            }
            ui.is_copied = false;
            effects
        });
        (now.time, effects.unwrap_or_default())
    }) else {
        return;
    };
    for effect in effects {
        perform(remote, effect);
    }
    tick(remote, now);
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
        Effect::Load => with_audio(remote, |audio| {
            let at = audio.current_time();
            remote.shell.with_value(|shell| audio.set_src(&shell.file));
            // The place where it broke off; the element keeps it until it can go there.
            if at > 0.0 {
                audio.set_current_time(at);
            }
        }),
        Effect::Start => with_audio(remote, |audio| start(remote, audio)),
        Effect::Hush => with_audio(remote, |audio| _ = audio.pause()),
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

/// Plays this one, and no other on the page.
fn start(remote: Remote, audio: &HtmlAudioElement) {
    if let Ok(others) = document().query_selector_all("audio") {
        for other in (0..others.length()).filter_map(|n| others.item(n)) {
            let other: HtmlAudioElement = wasm_bindgen::JsCast::unchecked_into(other);
            if other != *audio {
                _ = other.pause();
            }
        }
    }
    let Ok(playing) = audio.play() else { return };
    wasm_bindgen_futures::spawn_local(async move {
        let Err(error) = wasm_bindgen_futures::JsFuture::from(playing).await else { return };
        // Other refusals are a pause that came first, or an error that the element reports.
        if ask::text(&error, "name").as_deref() == Some("NotAllowedError") {
            remote.send(Event::Refused);
        }
    });
}

/// The clock on show runs while the listener waits.
fn tick(remote: Remote, _now: Duration) {
    let is_busy = remote.ui.with_untracked(super::face::Ui::is_busy);
    remote.shell.with_value(|shell| {
        let mut ticks = shell.ticks.borrow_mut();
        if is_busy && ticks.is_none() {
            *ticks = Some(Interval::new(1000, move || remote.ui.update(|ui| ui.now = time())));
        } else if !is_busy {
            *ticks = None;
        }
    });
}

/// What the listener wants of the audio.
pub(crate) fn command(remote: Remote, command: Command) {
    let (can_toggle, is_ready, is_sounding, length) = remote
        .ui
        .with_untracked(|ui| (ui.can_toggle(), ui.is_ready(), ui.is_sounding(), ui.audio.length));
    if command == Command::Toggle {
        if can_toggle {
            remote.send(if is_sounding { Event::Pause } else { Event::Play });
        }
        return;
    }
    if !is_ready {
        return;
    }
    with_audio(remote, |audio| {
        let seek = |to: f64| audio.set_current_time(to.clamp(0.0, length));
        match command {
            Command::Toggle => {}
            Command::SeekBy(seconds) => seek(audio.current_time() + seconds),
            Command::SeekTo(seconds) => seek(seconds),
            Command::SeekToShare(share) => seek(length * share),
            Command::VolumeBy(step) => audio.set_volume((audio.volume() + step).clamp(0.0, 1.0)),
            Command::Volume(volume) => {
                audio.set_muted(false);
                audio.set_volume(volume.clamp(0.0, 1.0));
            }
            Command::Mute => audio.set_muted(!audio.muted()),
            Command::Speed(speed) => {
                audio.set_default_playback_rate(speed);
                audio.set_playback_rate(speed);
            }
        }
    });
    report(remote);
}

/// Reads the audio element.
pub(crate) fn report(remote: Remote) {
    with_audio(remote, |audio| {
        let ranges = audio.buffered();
        let buffered = match ranges.length() {
            0 => 0.0,
            n => ranges.end(n - 1).unwrap_or_default(),
        };
        remote.ui.update(|ui| {
            ui.audio.at = audio.current_time();
            ui.audio.buffered = buffered;
            ui.audio.volume = audio.volume();
            ui.audio.is_muted = audio.muted();
            // NaN until the element knows, infinite for a stream without a length.
            if audio.duration().is_finite() {
                ui.audio.length = audio.duration();
            }
        });
    });
}

/// The audio element gave up.
pub(crate) fn broke(remote: Remote) {
    let mut is_format = false;
    with_audio(remote, |audio| {
        is_format = audio.error().is_some_and(|error| {
            use web_sys::MediaError as E;
            [E::MEDIA_ERR_DECODE, E::MEDIA_ERR_SRC_NOT_SUPPORTED].contains(&error.code())
        });
    });
    remote.send(Event::Broke { is_format });
}

/// Puts what support wants to know on the clipboard.
pub(crate) fn copy(remote: Remote) {
    let text = remote.ui.with_untracked(|ui| ui.support.clone());
    let written = window().navigator().clipboard().write_text(&text);
    wasm_bindgen_futures::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(written).await.is_ok() {
            remote.ui.update(|ui| ui.is_copied = true);
        }
    });
}

fn with_audio(remote: Remote, with: impl FnOnce(&HtmlAudioElement)) {
    if let Some(audio) = remote.audio.get_untracked() {
        with(&audio);
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
