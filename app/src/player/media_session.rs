//! The lock screen and the keys of headsets and keyboards (Media Session). Not every browser has it, and none needs to
//! take every action: what is missing is left out.
//!
//! `web-sys` has it behind a flag of the whole build; these are the few parts that are used.

use js_sys::{Function, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure, prelude::wasm_bindgen};

use super::{ask, handle::PlayerHandle, keys::Command, machine::Event};

const ACTIONS: [&str; 6] = ["play", "pause", "stop", "seekbackward", "seekforward", "seekto"];
/// Seconds, where the device does not say how far.
const SEEK: f64 = 10.0;

#[wasm_bindgen]
extern "C" {
    type MediaSession;
    #[wasm_bindgen(method, setter)]
    fn set_metadata(this: &MediaSession, metadata: &MediaMetadata);
    #[wasm_bindgen(method, catch, js_name = setActionHandler)]
    fn set_action_handler(
        this: &MediaSession,
        action: &str,
        handler: &Function,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = setPositionState)]
    fn set_position_state(this: &MediaSession, state: &Object) -> Result<(), JsValue>;

    type MediaMetadata;
    #[wasm_bindgen(constructor, catch)]
    fn new(init: &Object) -> Result<MediaMetadata, JsValue>;
}

/// Takes the device's keys for one player, as long as it lives.
pub(super) struct Keys {
    _handler: Closure<dyn FnMut(JsValue)>,
}

impl Keys {
    /// Takes them from whichever player had them.
    pub(super) fn take(handle: PlayerHandle, title: &str) -> Option<Self> {
        let session = session()?;
        if let Ok(metadata) = MediaMetadata::new(&object([("title", JsValue::from_str(title))])) {
            session.set_metadata(&metadata);
        }
        let handler = Closure::<dyn FnMut(JsValue)>::new(move |details| act(handle, &details));
        for action in ACTIONS {
            // A browser that does not know the action refuses its handler.
            let _ = session.set_action_handler(action, handler.as_ref().unchecked_ref());
        }
        Some(Self { _handler: handler })
    }
}

/// Tells the device where the sound is, in seconds.
pub(super) fn tell(at: f64, length: f64, speed: f64) {
    if let Some(session) = session().filter(|_| length > 0.0 && at <= length) {
        let state = object([
            ("position", at.into()),
            ("duration", length.into()),
            ("playbackRate", speed.into()),
        ]);
        // An older browser has no such thing to tell.
        let _ = session.set_position_state(&state);
    }
}

fn act(handle: PlayerHandle, details: &JsValue) {
    let seconds = |name| request::field(details, name).as_f64();
    let offset = seconds("seekOffset").unwrap_or(SEEK);
    match request::text(details, "action").as_deref() {
        Some("play") => handle.send(Event::Play),
        Some("pause" | "stop") => handle.send(Event::Pause),
        Some("seekbackward") => handle.command(Command::SeekBy(-offset)),
        Some("seekforward") => handle.command(Command::SeekBy(offset)),
        Some("seekto") => {
            if let Some(to) = seconds("seekTime") {
                handle.command(Command::SeekTo(to));
            }
        }
        _ => {}
    }
}

fn session() -> Option<MediaSession> {
    let session = request::field(&window().navigator(), "mediaSession");
    session.is_object().then(|| session.unchecked_into())
}

fn object<const N: usize>(fields: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &JsValue::from_str(name), &value); // a plain object takes anything
    }
    object
}
