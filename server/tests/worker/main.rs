//! The worker on a real SQLite file, real files and a real HTTP provider on 127.0.0.1.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod bucket;
mod decoding;
mod failing;
mod faulty;
mod formats;
mod harness;
mod losing;
mod publishing;
#[path = "../support/s3.rs"]
mod s3;
mod shutting_down;
#[path = "../support/stub.rs"]
mod stub;
mod sweeping;
