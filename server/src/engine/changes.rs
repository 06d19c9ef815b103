//! Tells this process that something about a call has changed: whoever holds a request for it
//! wakes up, and what was remembered of it is forgotten. A hint, never the truth.

use std::hash::{BuildHasher, RandomState};

use shared::CallSid;
use tokio::sync::watch;

/// Calls share places, so that memory does not grow with them: a change of one call may wake
/// another's waiters, who look and wait on.
const PLACES: usize = 1024;

/// See the module.
pub struct Changes {
    places: Box<[watch::Sender<u64>]>,
    hasher: RandomState,
}

impl Changes {
    /// Nothing has changed yet.
    pub fn new() -> Self {
        let places = (0..PLACES).map(|_| watch::Sender::new(0)).collect();
        Self { places, hasher: RandomState::new() }
    }

    /// Says that a run, the recording or the registration of this call has just been changed.
    pub fn tell(&self, call_sid: &CallSid) {
        self.place(call_sid).send_modify(|generation| *generation += 1);
    }

    /// Grows with each change: what was read under an older number may be out of date.
    pub fn generation(&self, call_sid: &CallSid) -> u64 {
        *self.place(call_sid).borrow()
    }

    /// Wakes at the next change from now on. To be had before looking, so that no change is missed.
    pub fn watch(&self, call_sid: &CallSid) -> watch::Receiver<u64> {
        self.place(call_sid).subscribe()
    }

    fn place(&self, call_sid: &CallSid) -> &watch::Sender<u64> {
        // Which place it is does not matter, so the cut does not either.
        #[allow(clippy::cast_possible_truncation)]
        let hash = self.hasher.hash_one(call_sid) as usize;
        &self.places[hash % PLACES]
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_watched_before_the_change_wakes_and_sees_a_new_generation() {
        let changes = Changes::new();
        let call = "CA1".parse().unwrap();
        let before = changes.generation(&call);
        let mut watch = changes.watch(&call);
        changes.tell(&call);
        watch.changed().await.unwrap();
        assert!(changes.generation(&call) > before);
    }
}
