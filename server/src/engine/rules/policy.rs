//! The lengths of time and the numbers that the decisions go by.

use std::time::Duration;

use crate::model::LeasePolicy;

/// See the settings of the same names for each default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// T: queued longer (unless the queue moves) or running longer is stuck.
    pub job_timeout: Duration,
    /// M: how many times a run may be made again.
    pub max_attempts: u32,
    /// W: how long a failure counts.
    pub retry_window: Duration,
    /// How long a worker's silence is not yet its death.
    pub lease: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            job_timeout: Duration::from_mins(5),
            max_attempts: 3,
            retry_window: Duration::from_mins(10),
            lease: Duration::from_secs(30),
        }
    }
}

impl Policy {
    /// C: no series goes on for longer, backlog or not. `max(6, M + 1)·T`, at least 3 minutes.
    pub fn longest_series(&self) -> Duration {
        let times = self.max_attempts.saturating_add(1).max(6);
        self.job_timeout.saturating_mul(times).max(Duration::from_mins(3))
    }

    /// What the stores have to know of it.
    pub fn lease_policy(&self) -> LeasePolicy {
        LeasePolicy {
            lease: self.lease,
            longest_series: self.longest_series(),
            retry_window: self.retry_window,
        }
    }

    /// How long after a transient failure the run that replaces it is not claimed: 5, 15, 45 s
    /// and so on at T = 5 min, in proportion otherwise, and never as long as T itself.
    pub fn rest(&self, attempt: u32) -> Duration {
        let unit = self.job_timeout / 60;
        let times = 3u32.saturating_pow(attempt.saturating_sub(1));
        unit.saturating_mul(times).min(self.job_timeout / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_bound_is_half_an_hour_by_default_and_never_under_three_minutes() {
        assert_eq!(Policy::default().longest_series(), Duration::from_mins(30));
        let short = Policy { job_timeout: Duration::from_secs(2), ..Policy::default() };
        assert_eq!(short.longest_series(), Duration::from_mins(3));
        let many = Policy { max_attempts: 9, ..Policy::default() };
        assert_eq!(many.longest_series(), Duration::from_mins(50));
    }

    #[test]
    fn a_transient_failure_rests_5_15_45_seconds() {
        let rests: Vec<_> = (1..=3).map(|n| Policy::default().rest(n).as_secs()).collect();
        assert_eq!(rests, [5, 15, 45]);
        assert!(Policy::default().rest(u32::MAX) < Policy::default().job_timeout);
    }
}
