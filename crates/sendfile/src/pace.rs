//! When a transfer is too slow. Pure: the time is passed in.

use std::time::Duration;

use tokio::time::Instant;

/// The least speed of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeastPace {
    /// The longest time without a byte.
    pub idle: Duration,
    /// How long the transfer may take before its average rate counts.
    pub grace: Duration,
    /// The least average rate after that, in bytes a second; 0: any.
    pub bytes_per_second: u64,
}

impl LeastPace {
    /// When a transfer becomes too slow if no further byte comes: it began at `began`, had `bytes`
    /// bytes, and the last of them at `last`.
    pub(crate) fn deadline(&self, began: Instant, last: Instant, bytes: u64) -> Instant {
        let silent = last + self.idle;
        let Some(earned) = bytes.checked_mul(1_000_000).and_then(|micros| {
            micros.checked_div(self.bytes_per_second).map(Duration::from_micros)
        }) else {
            return silent;
        };
        // A length of time that no clock can show is no limit.
        began.checked_add(self.grace.saturating_add(earned)).map_or(silent, |slow| slow.min(silent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const PACE: LeastPace = LeastPace {
        idle: Duration::from_secs(10),
        grace: Duration::from_secs(20),
        bytes_per_second: 500,
    };

    fn seconds(last: u64, bytes: u64, pace: LeastPace) -> u64 {
        let began = Instant::now();
        let last = began + Duration::from_secs(last);
        (pace.deadline(began, last, bytes) - began).as_secs()
    }

    #[test]
    fn silence_ends_a_transfer_after_the_idle_time() {
        assert_eq!(seconds(0, 0, PACE), 10);
        assert_eq!(seconds(7, 1_000_000, PACE), 17);
    }

    #[test]
    fn a_byte_now_and_then_does_not_keep_a_transfer_alive() {
        assert_eq!(seconds(19, 19, PACE), 20);
    }

    #[test]
    fn each_byte_earns_its_share_of_time() {
        assert_eq!(seconds(21, 5_000, PACE), 30);
        assert_eq!(seconds(21, 2_500, PACE), 25);
    }

    #[test]
    fn a_rate_of_zero_is_no_limit_and_no_length_overflows() {
        let any = LeastPace { bytes_per_second: 0, ..PACE };
        assert_eq!(seconds(1_000, 1, any), 1_010);
        assert_eq!(seconds(1_000, u64::MAX, PACE), 1_010);
        let slowest = LeastPace { bytes_per_second: 1, idle: SECOND, grace: Duration::MAX };
        assert_eq!(seconds(5, 1, slowest), 6);
    }
}
