//! The audio player: asks for the recording, says how it stands, plays it.
//!
//! `machine` decides, `ui` and `face` find marks and words for it, `keys` reads the keyboard: all pure. `view` and
//! `controls` are the markup. `browser` does what the machine wants done: `ask` the asking, `sound` the playing. The
//! server renders the same view, and does nothing.

#![cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "the server shows the idle state, and drives nothing")
)]

mod controls;
mod face;
mod keys;
mod machine;
mod remote;
#[cfg(feature = "hydrate")]
mod sound;
mod ui;
mod view;

#[cfg(feature = "hydrate")]
mod ask;
#[cfg(feature = "hydrate")]
mod browser;

pub use view::AudioPlayer;
