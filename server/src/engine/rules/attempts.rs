//! May a failed run be made again? Counts attempts on the row, so that neither the sweep, nor
//! Redis, nor forty tabs can reset or burn the count.

use jiff::Timestamp;

use super::{Policy, ask::Counter};
use crate::{
    clock::{earlier, elapsed, later},
    model::{FailureKind, HalfOpen, NewRun, Run, View},
};

/// What may follow a run that failed as `stuck` or `transient`.
#[derive(Debug, PartialEq)]
pub(super) enum Allowance {
    /// Redis' counter decides too, and was not read yet.
    ReadCounter,
    /// A new run.
    Run(NewRun),
    /// No new run. `first` is for the one who finds that out: it is to be written down.
    Refused { first: bool },
}

/// Whether the failed run still counts: it ended less than a window ago.
pub(super) fn counts(run: &Run, now: Timestamp, policy: &Policy) -> bool {
    run.finished_at.is_some_and(|at| elapsed(at, now) < policy.retry_window)
}

/// Decides on what follows `failed`. `wanted` says that a listener asks.
pub(super) fn allow(
    failed: &Run,
    view: &View,
    url_version: i64,
    wanted: bool,
    counter: Counter,
    policy: &Policy,
) -> Allowance {
    let now = view.now;
    let counts = counts(failed, now, policy);
    if let Some(refused_at) = failed.refused_at.filter(|_| counts) {
        return match half_open(failed, refused_at, view, url_version, wanted, policy) {
            Some(run) => Allowance::Run(run),
            None => Allowance::Refused { first: false },
        };
    }
    let Counter::Read(mirrored) = counter else {
        return Allowance::ReadCounter;
    };
    let by_row = if counts { failed.attempt.saturating_add(1) } else { 0 };
    let attempt = by_row.max(mirrored.unwrap_or(0));
    let series = failed.series_started_at.filter(|_| counts);
    let over_age = series.is_some_and(|at| elapsed(at, now) > policy.longest_series());
    if attempt > policy.max_attempts || over_age {
        return Allowance::Refused { first: true };
    }
    let place = failed.wanted_at.filter(|_| counts);
    let asked = wanted.then_some(now);
    Allowance::Run(NewRun {
        after: Some(failed.id),
        replaces: Some(failed.id),
        attempt,
        wanted_at: place.or(asked),
        asked_at: asked.or(failed.asked_at),
        series_started_at: series.or(asked),
        not_before: rests_until(failed, attempt, policy),
        half_open: None,
        url_version,
    })
}

/// A provider that just failed is left in peace for a while; a stuck run was not its fault.
fn rests_until(failed: &Run, attempt: u32, policy: &Policy) -> Option<Timestamp> {
    let transient = failed.failure.as_ref().is_some_and(|f| f.kind == FailureKind::Transient);
    failed
        .finished_at
        .filter(|_| transient && attempt > 0)
        .map(|finished_at| later(finished_at, policy.rest(attempt)))
}

/// After a refusal because of the workers, one that has asked the queue for work since earns the
/// call one new run, at most once in a window. It costs no attempt.
fn half_open(
    refused: &Run,
    refused_at: Timestamp,
    view: &View,
    url_version: i64,
    wanted: bool,
    policy: &Policy,
) -> Option<NewRun> {
    let now = view.now;
    let stuck = refused.failure.as_ref().is_some_and(|f| f.kind == FailureKind::Stuck);
    let worker_is_back = view.workers.last_poll_at.is_some_and(|polled| polled > refused_at);
    let not_yet = view.last_half_open_at.is_none_or(|at| elapsed(at, now) >= policy.retry_window);
    let asked = wanted.then_some(now);
    (stuck && worker_is_back && not_yet).then(|| NewRun {
        after: Some(refused.id),
        replaces: Some(refused.id),
        attempt: refused.attempt,
        wanted_at: asked,
        asked_at: asked,
        series_started_at: asked,
        not_before: None,
        half_open: Some(HalfOpen {
            none_since: earlier(now, policy.retry_window),
            polled_after: refused_at,
        }),
        url_version,
    })
}
