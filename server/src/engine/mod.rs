//! The engine: decides by its pure `rules` on what the store says, and carries the decisions out.

mod changes;
mod desk;
mod mirror;
mod outage;
mod queue_watch;
pub mod rules;
mod waiting_room;

pub use changes::{Changes, Shown};
pub use desk::{Answer, Desk, Retried};
pub use mirror::{AttemptsMirror, MirrorState, Unmirrored};
pub use queue_watch::{QueueWatch, Reading};
pub use waiting_room::{Heard, Limits as WaitingRoomLimits, WaitingRoom};
