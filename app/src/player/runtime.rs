//! What a player in the browser has under way: requests, timers, the picture of the sound. Dropping a part ends it.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::{Interval, Timeout};
use shared::path;
use web_sys::AbortController;

use super::{media_session, mixer::Mixer, peaks::Picture, subject::Subject};

/// How many requests of one page may be held by the server. More would use up the connections that
/// a browser opens to one host (six, over HTTP/1.1), and the audio needs some.
const HELD_AT_MOST: u8 = 2;

thread_local! {
    /// Requests of this page that the server may be holding.
    static HELD: Cell<u8> = const { Cell::new(0) };
    /// How many players the page has.
    static PLAYERS: Cell<u32> = const { Cell::new(0) };
}

/// What one player has under way. Dropping a part ends it.
pub(crate) struct PlayerRuntime {
    pub(super) id: u32,
    pub(super) call_sid: String,
    pub(super) title: String,
    pub(super) file: String,
    pub(super) peaks: String,
    /// The page of the call.
    pub(super) page: String,
    /// Whether the address says where to begin.
    pub(super) has_start: bool,
    pub(super) request: RefCell<Option<Request>>,
    pub(super) timer: RefCell<Option<Timeout>>,
    /// Runs while the listener waits, for the clock on show.
    pub(super) ticks: RefCell<Option<Interval>>,
    /// The waveform that is being fetched.
    pub(super) waveform: RefCell<Option<Request>>,
    pub(super) picture: RefCell<Option<Picture>>,
    pub(super) mixer: RefCell<Option<Mixer>>,
    pub(super) keys: RefCell<Option<media_session::Keys>>,
    /// Whether the next picture of the screen is waited for.
    pub(super) is_followed: Cell<bool>,
}

/// A request that ends when it is dropped.
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
        let call_sid = &subject.call_sid;
        Self {
            id: PLAYERS.get(),
            call_sid: call_sid.to_string(),
            title: subject.title.clone(),
            file: path::file(call_sid),
            peaks: path::peaks(call_sid),
            page: path::call_page(call_sid),
            has_start: subject.start.is_some(),
            request: RefCell::default(),
            timer: RefCell::default(),
            ticks: RefCell::default(),
            waveform: RefCell::default(),
            picture: RefCell::default(),
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

    /// Whether one more request of the page may be held, beside those of other players.
    pub(super) fn may_hold(&self) -> bool {
        let own = self.request.borrow().as_ref().is_some_and(|request| request.is_held);
        HELD.get() - u8::from(own) < HELD_AT_MOST
    }
}
