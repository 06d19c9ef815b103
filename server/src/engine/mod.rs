//! The engine: decides by its pure `rules` on what the store says, and carries the decisions out.

mod changes;
mod desk;
mod mirror;
pub mod rules;

pub use changes::Changes;
pub use desk::{Answer, Desk};
pub use mirror::{AttemptsMirror, Unmirrored};
