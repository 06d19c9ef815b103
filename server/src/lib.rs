//! tapedeck's server: settings, HTTP, the engine, the worker, stores and storage, the provider.
//!
//! Who may call whom: `http` and `worker` call the `engine` and the stores, never each other. The
//! engine's `rules` are pure and call nothing. SQL stands in `store` alone, Redis in `redis.rs`,
//! provider HTTP in `provider`. Only `error` turns an error into a status. `main.rs` wires.

pub mod http;
pub mod provider;
