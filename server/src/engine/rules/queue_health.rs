//! Does the queue move? What an operator must see first, decided from the queue in numbers.

use std::time::Duration;

use jiff::Timestamp;
use shared::QueueState;

use super::Policy;
use crate::clock::elapsed;

/// What the verdict depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueHealth {
    /// The database's clock.
    pub now: Timestamp,
    /// Workers seen within one lease.
    pub live_workers: usize,
    /// Runs that wait for a worker or are held by one.
    pub active: u64,
    /// Since when the oldest wanted run waits.
    pub oldest_wanted_at: Option<Timestamp>,
    /// When a run was last taken.
    pub last_claim_at: Option<Timestamp>,
}

/// Says how the queue is. It stands still where a listener has waited for half the job timeout and
/// as long nothing was taken: half of the time in which an operator can help is left.
pub fn queue_state(health: &QueueHealth, policy: &Policy) -> QueueState {
    let QueueHealth { now, live_workers, active, oldest_wanted_at, last_claim_at } = *health;
    let lately =
        |at: Option<Timestamp>| at.is_some_and(|at| elapsed(at, now) <= stalled_after(policy));
    if live_workers == 0 {
        QueueState::NoWorker
    } else if oldest_wanted_at.is_some() && !lately(oldest_wanted_at) && !lately(last_claim_at) {
        QueueState::StandsStill
    } else if active > 0 {
        QueueState::Moving
    } else {
        QueueState::Idle
    }
}

/// How long a queue with a waiting listener may rest.
pub fn stalled_after(policy: &Policy) -> Duration {
    policy.job_timeout / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rules::testing::{T0, at, policy};

    #[test]
    fn it_stands_still_where_a_listener_waits_and_nothing_is_taken() {
        let calm = QueueHealth {
            now: at(1_000),
            live_workers: 1,
            active: 5,
            oldest_wanted_at: None,
            last_claim_at: None,
        };
        let still =
            QueueHealth { oldest_wanted_at: Some(at(849)), last_claim_at: Some(T0), ..calm };
        for (seen, says) in [
            (QueueHealth { active: 0, ..calm }, QueueState::Idle),
            (calm, QueueState::Moving), // what nobody waits for may wait
            (still, QueueState::StandsStill),
            (QueueHealth { last_claim_at: None, ..still }, QueueState::StandsStill),
            (QueueHealth { last_claim_at: Some(at(850)), ..still }, QueueState::Moving), // a backlog
            (QueueHealth { oldest_wanted_at: Some(at(850)), ..still }, QueueState::Moving),
            (QueueHealth { live_workers: 0, ..calm }, QueueState::NoWorker),
            (QueueHealth { live_workers: 0, ..still }, QueueState::NoWorker),
        ] {
            assert_eq!(queue_state(&seen, &policy()), says, "{seen:?}");
        }
    }
}
