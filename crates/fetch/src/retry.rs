//! When a run asks its provider again, and when it gives up. Pure: time and chance are passed in.

use std::time::Duration;

use tokio::time::Instant;

use super::{Timing, failure::FetchFailure, verdict::Verdict};

/// Remembers how a run's tries went so far.
#[derive(Debug)]
pub(super) struct Schedule {
    timing: Timing,
    deadline: Instant,
    failures: u32,
    missing_since: Option<Instant>,
    last_reason: Option<String>,
}

impl Schedule {
    pub(super) fn new(timing: Timing, deadline: Instant) -> Self {
        Self { timing, deadline, failures: 0, missing_since: None, last_reason: None }
    }

    /// How long to wait before the next try, or what the run ends with.
    ///
    /// `random` is uniform in `0.0..1.0`. A wait that would reach the deadline is not begun.
    pub(super) fn after(
        &mut self,
        verdict: Verdict,
        now: Instant,
        random: f64,
    ) -> Result<Duration, FetchFailure> {
        let left = self.deadline.saturating_duration_since(now);
        let pause = self.pause(random);
        self.failures = self.failures.saturating_add(1);
        if let Verdict::Again { reason, .. } = &verdict {
            self.last_reason = Some(reason.clone());
        }
        match verdict {
            Verdict::Final(failure) => Err(failure),
            Verdict::Again { retry_after: Some(asked), reason } if asked >= left => {
                let seconds = asked.as_secs();
                Err(FetchFailure::transient(format!(
                    "{reason} and asked for a longer wait than a run has ({seconds} s)"
                )))
            }
            Verdict::Again { retry_after, reason } => {
                match pause.max(retry_after.unwrap_or_default()) {
                    pause if pause < left => Ok(pause),
                    // The provider's wish can be kept, only our own longer pause can't.
                    _ if retry_after.is_some() => Ok(retry_after.unwrap_or_default()),
                    _ => Err(FetchFailure::transient(reason)),
                }
            }
            Verdict::Missing => {
                let since = *self.missing_since.get_or_insert(now);
                let patience = (since + self.timing.missing).saturating_duration_since(now);
                let pause = pause.min(patience);
                if pause.is_zero() || pause >= left {
                    return Err(FetchFailure::gone("provider answered 404"));
                }
                Ok(pause)
            }
        }
    }

    /// What the run ends with if its deadline comes in the middle of a try that came `so_far`, or
    /// nowhere: then what the try before it ended with says more.
    pub(super) fn expired(&self, so_far: Option<&str>) -> FetchFailure {
        FetchFailure::transient(match (so_far, &self.last_reason) {
            (None, Some(reason)) => reason.clone(),
            (None, None) => "provider did not answer in the run's time".to_owned(),
            (Some(so_far), _) => format!("the run's time was up {so_far}"),
        })
    }

    /// Twice as long each time up to the longest, the upper half of it random ("equal jitter").
    fn pause(&self, random: f64) -> Duration {
        let doubled = self.timing.first_pause.saturating_mul(2_u32.saturating_pow(self.failures));
        doubled.min(self.timing.longest_pause).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::failure::FailureKind;

    const SECOND: Duration = Duration::from_secs(1);

    fn again() -> Verdict {
        Verdict::again("provider answered 503")
    }

    fn again_after(seconds: u64) -> Verdict {
        let retry_after = Some(Duration::from_secs(seconds));
        Verdict::Again { reason: "provider answered 503".to_owned(), retry_after }
    }

    /// Fails until the schedule gives up; the moments of the tries, and the end.
    fn play(deadline: Duration, verdict: &Verdict, random: f64) -> (Vec<Duration>, FetchFailure) {
        let start = Instant::now();
        let mut schedule = Schedule::new(Timing::default(), start + deadline);
        let mut now = start;
        let mut tries = vec![Duration::ZERO];
        loop {
            match schedule.after(verdict.clone(), now, random) {
                Ok(pause) => now += pause,
                Err(failure) => return (tries, failure),
            }
            tries.push(now - start);
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let (tries, failure) = play(120 * SECOND, &again(), 1.0);
        let pauses: Vec<_> =
            tries.windows(2).map(|pair| pair[1].abs_diff(pair[0]).as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(failure, FetchFailure::transient("provider answered 503"));
    }

    #[test]
    fn at_most_half_of_a_pause_is_random() {
        let mut schedule = Schedule::new(Timing::default(), Instant::now() + 60 * SECOND);
        assert_eq!(schedule.after(again(), Instant::now(), 0.0), Ok(SECOND / 4));
        assert_eq!(schedule.after(again(), Instant::now(), 0.5), Ok(SECOND * 3 / 4));
    }

    #[test]
    fn a_provider_is_never_asked_sooner_than_it_wants() {
        let now = Instant::now();
        let mut schedule = Schedule::new(Timing::default(), now + 60 * SECOND);
        assert_eq!(schedule.after(again_after(7), now, 1.0), Ok(7 * SECOND));
        assert_eq!(schedule.after(again_after(0), now, 1.0), Ok(SECOND));
    }

    #[test]
    fn a_wait_beyond_the_deadline_fails_the_run_at_once() {
        let (tries, failure) = play(60 * SECOND, &again_after(3_600), 0.0);
        assert_eq!(tries.len(), 1);
        assert_eq!(failure.kind, FailureKind::Transient);
        assert_eq!(
            failure.reason,
            "provider answered 503 and asked for a longer wait than a run has (3600 s)"
        );
        let (_, failure) = play(60 * SECOND, &again_after(u64::MAX), 0.0);
        assert_eq!(failure.kind, FailureKind::Transient);
    }

    #[test]
    fn a_missing_recording_is_tried_for_15_seconds_and_then_gone() {
        for random in [0.0, 0.3, 1.0] {
            let (tries, failure) = play(240 * SECOND, &Verdict::Missing, random);
            assert_eq!(tries.last(), Some(&(15 * SECOND)), "the last try is at the very end");
            assert_eq!(failure, FetchFailure::gone("provider answered 404"));
        }
    }

    #[test]
    fn a_missing_recording_is_gone_by_the_deadline_if_that_is_sooner() {
        let (tries, failure) = play(4 * SECOND, &Verdict::Missing, 1.0);
        assert!(tries.last() < Some(&(4 * SECOND)));
        assert_eq!(failure.kind, FailureKind::Gone);
    }

    #[test]
    fn a_deadline_in_the_middle_of_a_try_tells_the_most_that_is_known() {
        let now = Instant::now();
        let mut schedule = Schedule::new(Timing::default(), now + 60 * SECOND);
        let reason = |failure: FetchFailure| failure.reason;
        assert_eq!(reason(schedule.expired(None)), "provider did not answer in the run's time");
        schedule.after(again(), now, 1.0).unwrap();
        assert_eq!(reason(schedule.expired(None)), "provider answered 503");
        let so_far = Some("after 9 bytes");
        assert_eq!(reason(schedule.expired(so_far)), "the run's time was up after 9 bytes");
    }

    #[test]
    fn the_15_seconds_begin_with_the_first_404() {
        let now = Instant::now();
        let mut schedule = Schedule::new(Timing::default(), now + 240 * SECOND);
        schedule.after(again(), now, 1.0).unwrap();
        assert!(schedule.after(Verdict::Missing, now + 60 * SECOND, 1.0).is_ok());
        assert!(schedule.after(Verdict::Missing, now + 74 * SECOND, 1.0).is_ok());
        let end = schedule.after(Verdict::Missing, now + 75 * SECOND, 1.0).unwrap_err();
        assert_eq!(end.kind, FailureKind::Gone);
    }
}
