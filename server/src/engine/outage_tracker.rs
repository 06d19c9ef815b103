//! Remembers when the database was away: while it was, no worker could renew a lease, so for one
//! lease after it came back none counts as expired.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::store::{Result, StoreError};

/// What this process saw of the database.
#[derive(Debug, Default)]
pub(super) struct OutageTracker(Mutex<Seen>);

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    is_away: bool,
    back_at: Option<Timestamp>,
}

impl OutageTracker {
    /// Notes how a read went; `now` is the database's clock, where it answered with one.
    pub(super) fn note<T>(&self, result: &Result<T>, now: impl FnOnce(&T) -> Timestamp) {
        match result {
            Ok(read) => {
                let mut seen = self.seen();
                if seen.is_away {
                    *seen = Seen { is_away: false, back_at: Some(now(read)) };
                }
            }
            Err(StoreError::Unavailable(_)) => self.seen().is_away = true,
            Err(StoreError::Fault(_)) => {}
        }
    }

    /// When it answered again after it had been away.
    pub(super) fn back_at(&self) -> Option<Timestamp> {
        self.seen().back_at
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Two plain values are never half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_back_at_the_first_answer_after_an_outage_and_not_before() {
        let outage = OutageTracker::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        outage.note(&Ok(at(1)), |now| *now);
        assert_eq!(outage.back_at(), None);
        outage.note(&Err(StoreError::Fault("ours".into())), |now| *now);
        outage.note(&Ok(at(2)), |now| *now);
        assert_eq!(outage.back_at(), None, "a fault of ours is no outage");
        outage.note(&Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut)), |now| *now);
        outage.note(&Ok(at(3)), |now| *now);
        outage.note(&Ok(at(4)), |now| *now);
        assert_eq!(outage.back_at(), Some(at(3)));
    }
}
