//! The lock screen and the media keys of headsets and keyboards (Media Session API). Browsers may lack the API or some
//! of its actions.
//!
//! `web-sys` has the API behind an unstable flag of the whole build; this file binds the parts in use.

use js_sys::{Function, Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure, prelude::wasm_bindgen};

use super::{js, keys::Command, machine::Event};

const ACTIONS: [&str; 6] = ["play", "pause", "stop", "seekbackward", "seekforward", "seekto"];
/// The seek distance in seconds, where the device names none.
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

/// A press of a media key.
pub(super) enum Action {
    Event(Event),
    Command(Command),
}

/// The registration of one player for the media keys; dropping it ends the registration's callback.
pub(super) struct Keys {
    _handler: Closure<dyn FnMut(JsValue)>,
}

impl Keys {
    /// Registers a player, in place of any other.
    pub(super) fn take(title: &str, act: impl Fn(Action) + 'static) -> Option<Self> {
        let session = session()?;
        if let Ok(metadata) = MediaMetadata::new(&object([("title", JsValue::from_str(title))])) {
            session.set_metadata(&metadata);
        }
        let handler = Closure::<dyn FnMut(JsValue)>::new(move |details| {
            action(&details).into_iter().for_each(&act);
        });
        for action in ACTIONS {
            // A browser rejects actions that it does not know.
            let _ = session.set_action_handler(action, handler.as_ref().unchecked_ref());
        }
        Some(Self { _handler: handler })
    }
}

/// Reports the position in seconds to the device.
pub(super) fn set_position(at: f64, length: f64, speed: f64) {
    if let Some(session) = session().filter(|_| length > 0.0 && at <= length) {
        let state = object([
            ("position", at.into()),
            ("duration", length.into()),
            ("playbackRate", speed.into()),
        ]);
        // Older browsers lack the method.
        let _ = session.set_position_state(&state);
    }
}

fn action(details: &JsValue) -> Option<Action> {
    let seconds = |name| js::field(details, name).as_f64();
    let offset = seconds("seekOffset").unwrap_or(SEEK);
    Some(match js::text(details, "action")?.as_str() {
        "play" => Action::Event(Event::Play),
        "pause" | "stop" => Action::Event(Event::Pause),
        "seekbackward" => Action::Command(Command::SeekBy(-offset)),
        "seekforward" => Action::Command(Command::SeekBy(offset)),
        "seekto" => Action::Command(Command::SeekTo(seconds("seekTime")?)),
        _ => return None,
    })
}

fn session() -> Option<MediaSession> {
    let session = js::field(&window().navigator(), "mediaSession");
    session.is_object().then(|| session.unchecked_into())
}

fn object<const N: usize>(fields: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &JsValue::from_str(name), &value); // a plain object takes anything
    }
    object
}
