//! The audio player: asks for the recording, says how it stands, plays it.

use leptos::prelude::*;
use shared::CallSid;

use crate::words::Lang;

/// The player of one call's recording.
#[island]
pub fn AudioPlayer(
    /// The call.
    call_sid: CallSid,
    /// The language it speaks.
    lang: Lang,
    /// Whether it stands in a list.
    compact: bool,
    /// How long the recording plays, in seconds, as far as known.
    duration: Option<f64>,
) -> impl IntoView {
    let _ = (call_sid, compact, duration);
    view! { <div data-player data-state="idle"><button>{lang.player().play}</button></div> }
}
