//! The browser resources that one player holds: its audio element, requests, timers, the mixer. Dropping a field ends
//! what it holds.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::{Interval, Timeout};
use shared::path;
use wasm_bindgen::closure::Closure;
use web_sys::{AbortController, HtmlAudioElement};

use super::{media_session, mixer::Mixer, subject::Subject};

/// The most requests of one page that the server may hold. More would use up the connections that a
/// browser opens to one host (six, over HTTP/1.1), and the audio needs some.
const HELD_AT_MOST: u8 = 2;

thread_local! {
    /// Requests of this page that the server may be holding.
    static HELD: Cell<u8> = const { Cell::new(0) };
    /// The number of players on the page.
    static PLAYERS: Cell<u32> = const { Cell::new(0) };
    /// The player on which Play was pressed last.
    static LATEST: Cell<u32> = const { Cell::new(0) };
}

/// Listens to the events of one element, and is freed with it.
type EventListener = Closure<dyn FnMut(web_sys::Event)>;

/// The browser resources of one player.
pub(crate) struct PlayerRuntime {
    id: u32,
    /// The recording that is played now.
    pub(super) subject: RefCell<Subject>,
    /// The element that plays. The server renders it beside the island.
    pub(super) audio: RefCell<Option<HtmlAudioElement>>,
    /// Listens to the element's events.
    pub(super) audio_listener: RefCell<Option<EventListener>>,
    /// The media type of the last answer with audio.
    pub(super) media_type: RefCell<String>,
    pub(super) request: RefCell<Option<Request>>,
    pub(super) timer: RefCell<Option<Timeout>>,
    /// Updates the displayed time while the listener waits.
    pub(super) ticks: RefCell<Option<Interval>>,
    /// The request for the waveform.
    pub(super) waveform: RefCell<Option<Request>>,
    pub(super) mixer: RefCell<Option<Mixer>>,
    pub(super) keys: RefCell<Option<media_session::Keys>>,
    /// Whether an animation frame is requested.
    pub(super) is_followed: Cell<bool>,
}

/// A request that is aborted when it is dropped.
pub(super) struct Request {
    controller: AbortController,
    is_held: bool,
}

impl Request {
    pub(super) fn new(controller: AbortController, is_held: bool) -> Self {
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

impl PlayerRuntime {
    pub(crate) fn new(subject: &Subject) -> Self {
        PLAYERS.set(PLAYERS.get() + 1);
        Self {
            id: PLAYERS.get(),
            subject: RefCell::new(subject.clone()),
            audio: RefCell::default(),
            audio_listener: RefCell::default(),
            media_type: RefCell::default(),
            request: RefCell::default(),
            timer: RefCell::default(),
            ticks: RefCell::default(),
            waveform: RefCell::default(),
            mixer: RefCell::default(),
            keys: RefCell::default(),
            is_followed: Cell::default(),
        }
    }

    /// Ends the request and the timer.
    pub(super) fn stop(&self) {
        self.request.take();
        self.timer.take();
    }

    /// Whether the server may hold one more request, beside those of other players.
    pub(super) fn may_hold(&self) -> bool {
        let own = self.request.borrow().as_ref().is_some_and(|request| request.is_held);
        HELD.get() - u8::from(own) < HELD_AT_MOST
    }

    /// Makes this the player on which Play was pressed last.
    pub(super) fn set_latest(&self) {
        LATEST.set(self.id);
    }

    /// Whether Play was pressed here last, among all players of the page.
    pub(super) fn is_latest(&self) -> bool {
        LATEST.get() == self.id
    }

    /// The page of the call, with the part where it is not the first.
    pub(super) fn page(&self) -> String {
        let subject = self.subject.borrow();
        let page = path::call_page(&subject.call_sid);
        let number = subject.part.to_string();
        let part = [("part", number.as_str())];
        path::with_query(&page, if subject.part == 1 { &[] } else { &part })
    }

    /// What the lock screen shows.
    pub(super) fn title(&self) -> String {
        let subject = self.subject.borrow();
        if subject.title.is_empty() { subject.call_sid.to_string() } else { subject.title.clone() }
    }
}
