//! tapedeck's server: settings, HTTP, engine, worker, store and storage.
//!
//! Layers: `http` and `worker` call the `engine` and the stores, never each other. The
//! engine's `rules` are pure and call nothing. SQL stands in `store` alone, Redis in `redis.rs`, provider HTTP in
//! the crate `fetch`. `main.rs` wires.

pub mod access;
pub mod api;
pub mod bootstrap;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod engine;
pub mod http;
pub mod import;
pub mod metrics;
pub mod model;
pub mod recording_url;
pub mod redis;
pub mod sources;
pub mod storage;
pub mod store;
pub mod worker;
