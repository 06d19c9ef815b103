//! "May I hear this call?": what one request for the file leads to.

use super::{
    Diagnosis, Policy, StuckReason,
    attempts::{Allowance, allow, counts},
    diagnose,
    diagnose::series_age,
};
use crate::{
    clock::elapsed,
    model::{FailureKind, NewRun, ReadyRecording, Recording, Run, Tombstone, View},
};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody wants to hear it.
    Listen,
    /// A caller of the API wants it to be there some day.
    Prefetch,
}

/// `recording_retry_attempts:{call_sid}`, as far as it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Not yet. Most decisions don't need it.
    NotRead,
    /// This is what is there; nothing, if Redis is not.
    Read(Option<u32>),
}

/// A final answer that is not the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Final {
    /// No such call.
    CallNotFound,
    /// It has no recording URL.
    NoRecordingUrl,
    /// Deleted here, or gone at the provider.
    Deleted(Tombstone),
    /// Attempts or time used up, and no worker took or finished the job.
    WorkerNotProcessing {
        /// Attempts used.
        attempt: u32,
    },
    /// Workers are fine, this recording fails.
    RecordingFailed {
        /// Attempts used.
        attempt: u32,
        /// Why, for people.
        reason: String,
    },
}

/// What to do next. A step that writes is followed by another look: it may have been overtaken.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Send it.
    Serve(ReadyRecording),
    /// Say so.
    Finish(Final),
    /// 202. Where `touch` is set, write down first that a listener asks.
    Wait {
        /// The write that is due.
        touch: Option<Touch>,
    },
    /// Make this run, then wait.
    Create(NewRun),
    /// Mark the last run as stuck, then look again.
    MarkStuck(StuckReason),
    /// Read Redis' counter, then ask again with it.
    ReadCounter,
    /// Write down that the last run is refused another, then answer.
    Refuse(Final),
}

/// A listener asks for an active run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// A series begins now: nobody wanted it so far, or nobody asked for a window.
    pub starts_series: bool,
}

/// Decides on one request.
pub fn ask(view: &View, purpose: Purpose, counter: Counter, policy: &Policy) -> Step {
    match &view.recording {
        Some(Recording::Ready(recording)) => return Step::Serve(recording.clone()),
        Some(Recording::Tombstone(tombstone)) => return Step::Finish(Final::Deleted(*tombstone)),
        None => {}
    }
    let Some(call) = &view.call else {
        return Step::Finish(Final::CallNotFound);
    };
    if call.fields.recording_url.is_none() {
        return Step::Finish(Final::NoRecordingUrl);
    }
    let first_run = || Step::Create(first_run(view, purpose, call.url_version));
    match &view.last_run {
        Some(run) if run.status.is_active() => ask_active(run, view, purpose, policy),
        Some(run) if run.url_version == call.url_version => {
            let Some(failure) = &run.failure else {
                return first_run(); // it was ready, and its recording is lost
            };
            match failure.kind {
                FailureKind::Rejected if counts(run, view.now, policy) => {
                    Step::Finish(final_answer(run, failure.kind, &failure.reason))
                }
                FailureKind::Rejected | FailureKind::Gone | FailureKind::Superseded => first_run(),
                kind @ (FailureKind::Stuck | FailureKind::Transient) => {
                    let wanted = purpose == Purpose::Listen;
                    match allow(run, view, call.url_version, wanted, counter, policy) {
                        Allowance::ReadCounter => Step::ReadCounter,
                        Allowance::Run(new) => Step::Create(new),
                        Allowance::Refused { first } => {
                            let answer = final_answer(run, kind, &failure.reason);
                            if first { Step::Refuse(answer) } else { Step::Finish(answer) }
                        }
                    }
                }
            }
        }
        Some(_) | None => first_run(),
    }
}

fn ask_active(run: &Run, view: &View, purpose: Purpose, policy: &Policy) -> Step {
    match diagnose(run, view.now, &view.workers, view.database_back_at, policy) {
        Diagnosis::Stuck(reason) => Step::MarkStuck(reason),
        Diagnosis::Healthy if purpose == Purpose::Prefetch => Step::Wait { touch: None },
        Diagnosis::Healthy => {
            let starts_series = series_age(run, view.now, policy).is_none();
            // Once a minute is often enough to know that somebody still asks.
            let noted_lately = run.asked_at.is_some_and(|at| {
                elapsed(at, view.now) < (policy.retry_window / 10).min(ASK_NOTED_EVERY)
            });
            let due = starts_series || !noted_lately;
            Step::Wait { touch: due.then_some(Touch { starts_series }) }
        }
    }
}

const ASK_NOTED_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

/// The first run of a series.
pub(super) fn first_run(view: &View, purpose: Purpose, url_version: i64) -> NewRun {
    let wanted = (purpose == Purpose::Listen).then_some(view.now);
    NewRun {
        after: view.last_run.as_ref().map(|run| run.id),
        replaces: None,
        attempt: 0,
        wanted_at: wanted,
        asked_at: wanted,
        series_started_at: wanted,
        not_before: None,
        half_open: None,
        url_version,
    }
}

fn final_answer(run: &Run, kind: FailureKind, reason: &str) -> Final {
    match kind {
        FailureKind::Stuck => Final::WorkerNotProcessing { attempt: run.attempt },
        _ => Final::RecordingFailed { attempt: run.attempt, reason: reason.to_owned() },
    }
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
