//! Recordings of each kind, decoded whole; and everything that must not bring a decoder down.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod hostile;
mod kinds;
mod made;
