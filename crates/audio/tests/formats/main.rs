//! Recordings of each kind, analyzed whole; and bytes that are damaged, cut off, or lie.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod hostile;
mod kinds;
mod support;
