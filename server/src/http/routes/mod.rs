//! The handlers, by what they are about. Each reads a request, asks the engine or a store, and
//! writes the answer down.

pub(super) mod call;
pub(super) mod calls;
pub(super) mod embed;
pub(super) mod file;
pub(super) mod health;
pub(super) mod links;
pub(super) mod pages;
pub(super) mod peaks;
pub(super) mod queue;
pub(super) mod session;

pub use health::Readiness;
