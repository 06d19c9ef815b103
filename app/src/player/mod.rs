//! The audio player: asks for the recording, says how it stands, plays it.
//!
//! `machine` decides (pure), `face` finds the words for it (pure), `keys` reads the keyboard (pure), `view` is the
//! markup, `browser` does what the machine wants done, `ask` the asking. The server renders the same view and does nothing.

#![cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "the server shows the idle state, and drives nothing")
)]

mod face;
mod keys;
mod machine;
mod remote;
mod view;

#[cfg(feature = "hydrate")]
mod ask;
#[cfg(feature = "hydrate")]
mod browser;

pub use view::AudioPlayer;
