//! The storage on a real folder and on a real S3 server: one suite for both, and tests of each alone.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

mod bucket;
mod conformance;
mod files;
mod fixture;
#[path = "../support/s3.rs"]
mod s3;
#[path = "../support/stub.rs"]
mod stub;
