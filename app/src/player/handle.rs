//! The handle on one player: the signal that the view shows, its root element, and the functions that reach the
//! browser. It depends on the player's data alone; `driver` passes the functions in.

use leptos::{ev, html, prelude::*};

use super::{keys::Command, machine::Event, subject::Subject, ui::Ui};
use crate::words::Lang;

/// The functions through which the view reaches the browser. On the server each does nothing.
pub(crate) struct Browser {
    pub(crate) event: fn(PlayerHandle, &Event),
    pub(crate) command: fn(PlayerHandle, Command),
    pub(crate) copy_support: fn(PlayerHandle),
    pub(crate) hover: fn(PlayerHandle, &ev::PointerEvent),
}

#[cfg(not(feature = "hydrate"))]
impl Browser {
    /// The server's.
    pub(crate) const NONE: Self =
        Self { event: |_, _| {}, command: |_, _| {}, copy_support: |_| {}, hover: |_, _| {} };
}

/// One player. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct PlayerHandle {
    pub(crate) ui: RwSignal<Ui>,
    pub(crate) root: NodeRef<html::Div>,
    browser: &'static Browser,
    #[cfg(feature = "hydrate")]
    pub(crate) runtime: StoredValue<super::runtime::PlayerRuntime, LocalStorage>,
}

impl PlayerHandle {
    pub(crate) fn new(subject: &Subject, lang: Lang, browser: &'static Browser) -> Self {
        Self {
            ui: RwSignal::new(Ui::new(lang.player(), subject)),
            root: NodeRef::new(),
            browser,
            #[cfg(feature = "hydrate")]
            runtime: StoredValue::new_local(super::runtime::PlayerRuntime::new(subject)),
        }
    }

    /// A part of the view that depends on the state. A plain function, so that the many parts of the
    /// view share one closure type: each of its own costs the WebAssembly a kilobyte.
    pub(crate) fn show<T: 'static>(self, part: fn(&Ui) -> T) -> impl Fn() -> T + Copy + Send {
        move || self.ui.with(part)
    }

    /// Passes an event to the state machine.
    #[allow(clippy::needless_pass_by_value, reason = "an event is sent once")]
    pub(crate) fn send(self, event: Event) {
        (self.browser.event)(self, &event);
    }

    /// Executes a command of the listener.
    pub(crate) fn command(self, command: Command) {
        (self.browser.command)(self, command);
    }

    /// Copies what support needs to the clipboard.
    pub(crate) fn copy_support(self) {
        (self.browser.copy_support)(self);
    }

    /// Shows the time under the pointer.
    pub(crate) fn hover(self, event: &ev::PointerEvent) {
        (self.browser.hover)(self, event);
    }
}
