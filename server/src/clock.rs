//! The only place that reads the time of day. Everything else takes the time as a parameter, so that
//! tests move the clock instead of sleeping.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime},
};

use jiff::Timestamp;

/// Tells the time to a store without a clock of its own (`PostgreSQL` has one).
pub trait Clock: Send + Sync + 'static {
    /// Now, to the microsecond.
    fn now(&self) -> Timestamp;
}

/// The machine's clock, for libraries that want the standard library's type.
#[allow(clippy::disallowed_methods)] // reads the clock, as `SystemClock` does
pub fn wall_clock() -> SystemTime {
    SystemTime::now()
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // this is the one place
    fn now(&self) -> Timestamp {
        to_microsecond(Timestamp::now())
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at noon on an ordinary day.
    pub fn new() -> Self {
        Self(AtomicI64::new(1_750_000_000_000_000))
    }

    /// Moves the clock on.
    ///
    /// # Panics
    /// If `by` is more than 292,000 years.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).expect("tests move by less than 292,000 years");
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}

/// The precision that the databases keep, so that a time read back equals the one written.
fn to_microsecond(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

/// How long ago `earlier` was at `now`; zero if it lies ahead (clocks of processes differ).
pub fn elapsed(earlier: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(earlier)).unwrap_or(Duration::ZERO)
}

/// `time` and `by` later, or the end of time.
pub fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// `time` and `by` earlier, or the beginning of time.
pub fn earlier(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::MIN)
}
