//! What becomes of a run whose worker shuts down in an orderly way.

use jiff::Timestamp;

use super::{Policy, diagnose::series_age};
use crate::model::Run;

/// How often a run is put back before it fails instead.
const MOST_REQUEUES: u32 = 2;

/// What to do with the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequeueVerdict {
    /// `running → queued`; no attempt is spent.
    Requeue,
    /// It has been put back too often, or its series is too old: it fails as stuck.
    Fail,
}

/// Decides for one running run.
pub fn requeue(run: &Run, now: Timestamp, policy: &Policy) -> RequeueVerdict {
    let too_old = series_age(run, now, policy).is_some_and(|age| age > policy.longest_series());
    if run.requeues >= MOST_REQUEUES || too_old {
        RequeueVerdict::Fail
    } else {
        RequeueVerdict::Requeue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rules::testing::{RunBuilder, T0, at, policy};

    #[test]
    fn the_third_time_it_fails_instead() {
        let verdict = |times| {
            let run = RunBuilder::queued(T0).wanted(T0).running(T0, at(30)).requeued(times);
            requeue(&run.build(), at(1), &policy())
        };
        assert_eq!(
            [0, 1, 2].map(verdict),
            [RequeueVerdict::Requeue, RequeueVerdict::Requeue, RequeueVerdict::Fail]
        );
    }

    #[test]
    fn a_series_past_its_bound_is_not_put_back() {
        let run = RunBuilder::queued(T0).wanted(T0).asked(at(1_801)).running(at(1_700), at(1_900));
        assert_eq!(requeue(&run.build(), at(1_801), &policy()), RequeueVerdict::Fail);
    }
}
