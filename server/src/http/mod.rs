//! HTTP: routes, pages, who may ask, and how bytes go out. Calls the engine and the stores.

pub mod file;
pub mod listen;
