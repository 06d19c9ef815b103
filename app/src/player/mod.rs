//! The audio player: asks for the recording, says how it stands, plays it.
//!
//! `machine` decides, `ui` and `presentation` find marks and words for it, `keys` reads the keyboard, `listening`, `lanes`,
//! `waveform` and `place` know how the listener listens: all pure. `view`, `timeline`, `controls` and `help` are the
//! markup. `browser` does what the machine wants done (`runtime` is what it has under way): `ask` the asking, `sound` the playing, `commands` what the listener
//! wants of the sound, `peaks` and `canvas` its picture, `clipboard` what is taken along, `mixer` its two channels, `media_session` the device's keys,
//! `storage` what is remembered. The server renders the same view, and does nothing.

#![cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "the server shows the idle state, and drives nothing")
)]

mod controls;
mod handle;
mod key_sheet;
mod keys;
mod lanes;
mod listening;
mod machine;
mod position;
mod presentation;
mod subject;
mod timeline;
mod ui;
mod view;
mod waveform;

#[cfg(feature = "hydrate")]
mod canvas;
#[cfg(feature = "hydrate")]
mod clipboard;
#[cfg(feature = "hydrate")]
mod commands;
#[cfg(feature = "hydrate")]
mod driver;
#[cfg(feature = "hydrate")]
mod media_session;
#[cfg(feature = "hydrate")]
mod mixer;
#[cfg(feature = "hydrate")]
mod peaks;
#[cfg(feature = "hydrate")]
mod request;
#[cfg(feature = "hydrate")]
mod runtime;
#[cfg(feature = "hydrate")]
mod sound;
#[cfg(feature = "hydrate")]
mod storage;

#[cfg(feature = "ssr")]
pub(crate) use key_sheet::key_sheet;
pub use subject::{Mode, Subject};
pub use view::AudioPlayer;
