//! When the player asks again after a 202.
//!
//! Exponential with jitter ("full jitter" would let a whole herd come back at once after nothing,
//! so only the last 15 % are random: M. Brooker, "Exponential Backoff And Jitter", AWS
//! Architecture Blog, 2015, its "equal jitter" with a smaller share). `Retry-After` is a minimum.
//! The last delays stretch so that a listener is given the full patience even when earlier
//! waits ended early.

use std::time::Duration;

/// How the player waits. The default is the product's; other values are for tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The delay before the first retry, before jitter.
    pub first: Duration,
    /// Each delay is so many times the one before.
    pub factor: f64,
    /// No delay grows beyond this by itself (`Retry-After` and patience may ask for more). The
    /// server holds a request no longer than 30 s, so a longer one could not be spent held.
    pub cap: Duration,
    /// The share of a delay that is random, 0 to 1: a delay lies in `[(1 - jitter)·d, d]`.
    pub jitter: f64,
    /// At most so many scheduled retries.
    pub max_retries: u32,
    /// The listener is given at least this long before being told that it takes too long.
    pub patience: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(2),
            factor: 1.5,
            cap: Duration::from_secs(30),
            jitter: 0.15,
            max_retries: 12,
            patience: Duration::from_secs(180),
        }
    }
}

impl Backoff {
    /// The longest delay before retry `retry` (0 is the first), by the schedule alone.
    pub fn longest(&self, retry: u32) -> Duration {
        let exponent = i32::try_from(retry).unwrap_or(i32::MAX);
        let seconds = self.first.as_secs_f64() * self.factor.powi(exponent);
        if seconds < self.cap.as_secs_f64() { Duration::from_secs_f64(seconds) } else { self.cap }
    }

    /// The shortest delay before retry `retry` (0 is the first), by the schedule alone.
    pub fn shortest(&self, retry: u32) -> Duration {
        self.longest(retry).mul_f64(1.0 - self.jitter)
    }

    /// The delay before retry `retry` (0 is the first), or `None` when all are used up.
    ///
    /// `waited` is how long the listener has waited so far; `random` is uniform in `0.0..=1.0`.
    pub fn delay(
        &self,
        retry: u32,
        waited: Duration,
        retry_after: Duration,
        random: f64,
    ) -> Option<Duration> {
        if retry >= self.max_retries {
            return None;
        }
        let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 1.0 };
        let scheduled = self.longest(retry).mul_f64(1.0 - self.jitter * random);
        Some(scheduled.max(self.owed(retry, waited)).max(retry_after))
    }

    /// What retry `retry` has to make up for, should all later ones be as short as they can be.
    fn owed(&self, retry: u32, waited: Duration) -> Duration {
        let later: Duration = (retry + 1..self.max_retries).map(|n| self.shortest(n)).sum();
        self.patience.saturating_sub(waited).saturating_sub(later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn milliseconds(max: u64) -> impl Strategy<Value = Duration> {
        (0..=max).prop_map(Duration::from_millis)
    }

    proptest! {
        #[test]
        fn a_delay_is_within_its_bounds_and_never_under_retry_after(
            retry in 0u32..12,
            waited in milliseconds(600_000),
            retry_after in milliseconds(120_000),
            random in 0.0f64..=1.0,
        ) {
            let backoff = Backoff::default();
            let delay = backoff.delay(retry, waited, retry_after, random).unwrap();
            prop_assert!(delay >= retry_after);
            prop_assert!(delay >= backoff.shortest(retry));
            let most = backoff.longest(retry).max(retry_after).max(backoff.patience.saturating_sub(waited));
            prop_assert!(delay <= most, "{delay:?} > {most:?}");
        }

        /// Whatever the dice say, and however early a held request is answered.
        #[test]
        fn at_most_twelve_retries_and_at_least_180_seconds(
            dice in prop::collection::vec((0.0f64..=1.0, 0.0f64..=1.0), 12),
            cut_short in 0usize..12,
        ) {
            let backoff = Backoff::default();
            let mut waited = Duration::ZERO;
            let mut retries = 0;
            for (random, part) in dice {
                let delay = backoff.delay(retries, waited, Duration::from_secs(2), random).unwrap();
                // The last one waits in full: a held request that is answered early there is final.
                let early = (retries as usize) < cut_short.min(11);
                waited += if early { delay.mul_f64(part) } else { delay };
                retries += 1;
            }
            prop_assert_eq!(backoff.delay(retries, waited, Duration::ZERO, 0.0), None);
            prop_assert!(waited >= Duration::from_secs(180), "{:?}", waited);
        }

        #[test]
        fn rubbish_for_randomness_is_harmless(random in prop::num::f64::ANY) {
            let backoff = Backoff::default();
            let delay = backoff.delay(3, backoff.patience, Duration::ZERO, random).unwrap();
            prop_assert!(delay >= backoff.shortest(3) && delay <= backoff.longest(3));
        }
    }

    #[test]
    fn delays_grow_to_the_cap() {
        let backoff = Backoff::default();
        let longest: Vec<_> = (0..12).map(|n| backoff.longest(n)).collect();
        assert!(longest.is_sorted());
        assert_eq!(longest[0], Duration::from_secs(2));
        assert_eq!(longest[11], Duration::from_secs(30));
    }
}
