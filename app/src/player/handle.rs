//! What the view holds in its hands: the signal that it shows, and a way to say what the listener did.
//! On the server it shows the idle state, and nobody listens.

use leptos::{ev, html, prelude::*};

use super::{keys::Command, machine::Event, subject::Subject, ui::Ui};
use crate::words::Lang;

/// One player, seen from its view. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct PlayerHandle {
    pub(crate) ui: RwSignal<Ui>,
    pub(crate) audio: NodeRef<html::Audio>,
    pub(crate) root: NodeRef<html::Div>,
    #[cfg(feature = "hydrate")]
    pub(crate) runtime: StoredValue<super::runtime::PlayerRuntime, LocalStorage>,
}

#[cfg_attr(not(feature = "hydrate"), expect(clippy::unused_self, reason = "nobody listens there"))]
#[allow(clippy::needless_pass_by_value, reason = "an event is told once")]
impl PlayerHandle {
    pub(crate) fn new(subject: &Subject, lang: Lang) -> Self {
        Self {
            ui: RwSignal::new(Ui::new(lang.player(), subject)),
            audio: NodeRef::new(),
            root: NodeRef::new(),
            #[cfg(feature = "hydrate")]
            runtime: StoredValue::new_local(super::runtime::PlayerRuntime::new(subject)),
        }
    }

    /// A part of the view that follows the state. A plain function, so that the many parts of the
    /// view share one closure type: each of its own costs the WebAssembly a kilobyte.
    pub(crate) fn show<T: 'static>(self, part: fn(&Ui) -> T) -> impl Fn() -> T + Copy + Send {
        move || self.ui.with(part)
    }

    /// Something happened.
    pub(crate) fn send(self, event: Event) {
        #[cfg(feature = "hydrate")]
        super::driver::send(self, &event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }

    /// The listener wants something of the audio.
    pub(crate) fn command(self, command: Command) {
        #[cfg(feature = "hydrate")]
        super::commands::command(self, command);
        #[cfg(not(feature = "hydrate"))]
        let _ = command;
    }

    /// The audio element has news.
    pub(crate) fn report(self) {
        #[cfg(feature = "hydrate")]
        super::sound::report(self);
    }

    /// The audio element has run out of bytes.
    pub(crate) fn waits(self) {
        #[cfg(feature = "hydrate")]
        super::sound::waits(self);
    }

    /// The audio element gave up.
    pub(crate) fn broke(self) {
        #[cfg(feature = "hydrate")]
        super::sound::broke(self);
    }

    /// The listener wants what support asks for on the clipboard.
    pub(crate) fn copy_support(self) {
        #[cfg(feature = "hydrate")]
        super::clipboard::copy_support(self);
    }

    /// The pointer is over the timeline.
    pub(crate) fn hover(self, event: &ev::PointerEvent) {
        #[cfg(feature = "hydrate")]
        super::canvas::hover(self, event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }
}
