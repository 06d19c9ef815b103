//! When the next try starts, and when the fetch ends. Pure: time and randomness are passed in.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Limits, Timing,
    failure::{FailureKind, FetchFailure},
    verdict::Verdict,
};

/// The tries of one fetch so far.
#[derive(Debug)]
pub(super) struct Schedule {
    timing: Timing,
    limits: Limits,
    failures: u32,
    missing_since: Option<Instant>,
    last_reason: Option<String>,
}

impl Schedule {
    pub(super) fn new(timing: Timing, limits: Limits) -> Self {
        Self { timing, limits, failures: 0, missing_since: None, last_reason: None }
    }

    /// A try added bytes before it broke off: the next one starts soon.
    pub(super) fn progressed(&mut self) {
        self.failures = 0;
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
        let left = self.limits.deadline.saturating_duration_since(now);
        let pause = self.pause(random);
        self.failures = self.failures.saturating_add(1);
        if let Verdict::Again { reason, .. } | Verdict::TooSlow(reason) = &verdict {
            self.last_reason = Some(reason.clone());
        }
        let longest = self.limits.longest_pause.unwrap_or(Duration::MAX);
        match verdict {
            Verdict::Final(failure) => Err(failure),
            Verdict::Missing if self.limits.is_young => Err(not_yet("404")),
            Verdict::Hidden if self.limits.is_young => Err(not_yet("403")),
            Verdict::Hidden => Err(FetchFailure::rejected("provider answered 403")),
            Verdict::Again { retry_after: Some(asked), reason } if asked > longest => {
                Err(FetchFailure::new(FailureKind::Wait(asked), reason))
            }
            Verdict::Again { retry_after: None, reason } | Verdict::TooSlow(reason)
                if pause > longest =>
            {
                Err(FetchFailure::new(FailureKind::Wait(pause), reason))
            }
            Verdict::TooSlow(reason) if pause >= left => Err(FetchFailure::transient(reason)),
            Verdict::TooSlow(_) => Ok(pause),
            Verdict::Again { retry_after: Some(asked), reason } if asked >= left => {
                let seconds = asked.as_secs();
                Err(FetchFailure::transient(format!(
                    "{reason} and asked for a longer wait than a run has ({seconds} s)"
                )))
            }
            Verdict::Again { retry_after, reason } => {
                match pause.max(retry_after.unwrap_or_default()) {
                    pause if pause < left => Ok(pause),
                    // The provider's own wait still fits before the deadline; only the backoff does not.
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

fn not_yet(status: &str) -> FetchFailure {
    FetchFailure::new(FailureKind::NotYet, format!("provider answered {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limits(deadline: Instant) -> Limits {
        Limits { max_bytes: 1, deadline, is_young: false, longest_pause: None }
    }

    fn schedule(deadline: Instant) -> Schedule {
        Schedule::new(Timing::default(), limits(deadline))
    }

    fn again() -> Verdict {
        Verdict::again("provider answered 503")
    }

    fn again_after(seconds: u64) -> Verdict {
        let retry_after = Some(Duration::from_secs(seconds));
        Verdict::Again { reason: "provider answered 503".to_owned(), retry_after }
    }

    /// Fails until the schedule ends the fetch; the times of the tries, and the failure.
    fn play(deadline: Duration, verdict: &Verdict, random: f64) -> (Vec<Duration>, FetchFailure) {
        let start = Instant::now();
        let mut schedule = schedule(start + deadline);
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
        let mut schedule = schedule(Instant::now() + 60 * SECOND);
        assert_eq!(schedule.after(again(), Instant::now(), 0.0), Ok(SECOND / 4));
        assert_eq!(schedule.after(again(), Instant::now(), 0.5), Ok(SECOND * 3 / 4));
    }

    #[test]
    fn a_provider_is_never_asked_sooner_than_it_wants() {
        let now = Instant::now();
        let mut schedule = schedule(now + 60 * SECOND);
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
        let mut schedule = schedule(now + 60 * SECOND);
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
        let mut schedule = schedule(now + 240 * SECOND);
        schedule.after(again(), now, 1.0).unwrap();
        assert!(schedule.after(Verdict::Missing, now + 60 * SECOND, 1.0).is_ok());
        assert!(schedule.after(Verdict::Missing, now + 74 * SECOND, 1.0).is_ok());
        let end = schedule.after(Verdict::Missing, now + 75 * SECOND, 1.0).unwrap_err();
        assert_eq!(end.kind, FailureKind::Gone);
    }

    #[test]
    fn a_young_recording_that_is_missing_goes_back_at_once() {
        let now = Instant::now();
        let young = Limits { is_young: true, ..limits(now + 60 * SECOND) };
        for (verdict, reason) in [
            (Verdict::Missing, "provider answered 404"),
            (Verdict::Hidden, "provider answered 403"),
        ] {
            let mut schedule = Schedule::new(Timing::default(), young);
            let failure = schedule.after(verdict, now, 1.0).unwrap_err();
            assert_eq!(failure, FetchFailure::new(FailureKind::NotYet, reason));
        }
        let hidden = schedule(now + 60 * SECOND).after(Verdict::Hidden, now, 1.0).unwrap_err();
        assert_eq!(hidden, FetchFailure::rejected("provider answered 403"), "young no more");
    }

    #[test]
    fn a_pause_that_is_too_long_to_hold_a_place_for_ends_the_fetch() {
        let now = Instant::now();
        let limits = Limits { longest_pause: Some(3 * SECOND), ..limits(now + 600 * SECOND) };
        let kind = |verdict| {
            let mut schedule = Schedule::new(Timing::default(), limits);
            schedule.after(verdict, now, 1.0).map_err(|failure| failure.kind)
        };
        assert_eq!(kind(again_after(3)), Ok(3 * SECOND));
        assert_eq!(kind(again_after(4)), Err(FailureKind::Wait(4 * SECOND)));
        assert_eq!(kind(again_after(3_600)), Err(FailureKind::Wait(3_600 * SECOND)));
        let mut schedule = Schedule::new(Timing::default(), limits);
        for pause in [500, 1_000, 2_000] {
            assert_eq!(schedule.after(again(), now, 1.0), Ok(Duration::from_millis(pause)));
        }
        let failure = schedule.after(again(), now, 1.0).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Wait(4 * SECOND));
    }

    #[test]
    fn progress_makes_the_next_pause_short_but_slowness_does_not() {
        let now = Instant::now();
        let mut schedule = schedule(now + 600 * SECOND);
        for _ in 0..5 {
            schedule.after(Verdict::TooSlow("slow".to_owned()), now, 1.0).unwrap();
        }
        assert_eq!(schedule.after(again(), now, 1.0), Ok(16 * SECOND));
        schedule.progressed();
        assert_eq!(schedule.after(again(), now, 1.0), Ok(SECOND / 2));
    }
}
