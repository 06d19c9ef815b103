//! tapedeck's pages and islands, and the words in them. Knows `shared`; never a database, never HTTP serving.
//!
//! The server loads the data, fills a [`Page`] and a [`Chrome`], and calls [`render`] (feature `ssr`): one call,
//! one whole document. The browser links the same crate with feature `hydrate` and finds [`player`]'s island in it.

// The views are deep types; the server walks down them.
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
mod address;
mod format;
mod page;
pub mod player;
pub mod words;

#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod icons;
#[cfg(feature = "ssr")]
mod pages;

#[cfg(feature = "ssr")]
pub use document::{FIRST_PRESS, render};
pub use page::{
    Assets, CallPage, CallsPage, Chrome, EmbedPage, Page, Playback, ProblemPage, STATIC_FILES,
    Session, SignInPage, StatusPage, Theme,
};
pub use words::Lang;
