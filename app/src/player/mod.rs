//! The audio player: requests the recording, shows its state, plays it.
//!
//! In layers; a module uses those above it only:
//! - pure: `subject` (the server's data), `machine` (the state machine), `keys`, `lanes`, `listening`, `waveform`,
//!   `position`; `ui` (all that the view depends on) and `presentation` (its words and attributes);
//! - `runtime` (the browser resources of one player) with `mixer`, `media_session`, `storage`, `js`; `handle` (what the
//!   view holds of a player);
//! - the browser's parts: `request`, `track`, `waveform_request`, `sound`, `clipboard`, then `preferences`, `parts`,
//!   `commands`, then `driver`, which performs the machine's effects;
//! - markup: `timeline`, `controls`, `key_sheet`, `view`. The server renders the same markup in the idle state.

#![cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "the server renders the first state and drives no player")
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
mod clipboard;
#[cfg(feature = "hydrate")]
mod commands;
#[cfg(feature = "hydrate")]
mod driver;
#[cfg(feature = "hydrate")]
mod js;
#[cfg(feature = "hydrate")]
mod media_session;
#[cfg(feature = "hydrate")]
mod mixer;
#[cfg(feature = "hydrate")]
mod parts;
#[cfg(feature = "hydrate")]
mod preferences;
#[cfg(feature = "hydrate")]
mod request;
#[cfg(feature = "hydrate")]
mod runtime;
#[cfg(feature = "hydrate")]
mod sound;
#[cfg(feature = "hydrate")]
mod storage;
#[cfg(feature = "hydrate")]
mod track;
#[cfg(feature = "hydrate")]
mod waveform_request;

#[cfg(feature = "ssr")]
pub(crate) use key_sheet::key_sheet;
#[cfg(feature = "ssr")]
pub(crate) use subject::and;
pub use subject::{Mode, Subject};
#[cfg(feature = "ssr")]
pub(crate) use timeline::DrawnWaveform;
pub use view::AudioPlayer;
#[cfg(feature = "ssr")]
pub(crate) use waveform::Waveform;
