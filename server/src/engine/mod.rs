//! The engine: decides by its pure `rules` on what the store says, and carries the decisions out.

mod attempt_counter;
mod change_notifier;
mod change_relay;
mod long_poll;
mod outage_tracker;
mod quarantine;
mod queue_cache;
mod recording_service;
pub mod rules;

pub use attempt_counter::{AttemptCounter, CounterState, NoAttemptCounter};
pub use change_notifier::{ChangeNotifier, SeenChanges};
pub use change_relay::relay_changes;
pub use long_poll::{Limits as LongPollLimits, LongPoll, WaitResult};
pub use quarantine::{Adopted, Quarantine, QuarantineError, Removal, Removed, Scanned};
pub use queue_cache::{QueueCache, QueueReading};
pub use recording_service::{Availability, RecordingService, RetryOutcome};
