//! Recordings of each kind, analyzed whole; and bytes that are damaged, cut off, or lie.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)] // helpers of tests; lengths of seconds

mod against_ffmpeg;
mod field;
mod hostile;
mod kinds;
mod support;
