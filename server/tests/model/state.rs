//! One call as the database, Redis, the workers and the listeners have it, with every time as an
//! age in ticks. Ages that make no difference any more are capped, so that there are finitely many
//! states, and "every reachable state" means every one.

use server::model::FailureKind;
use shared::RecordingStatus;

/// Ticks since something happened.
pub(crate) type Age = u8;

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// The call's last run. Those before it matter to nobody.
    pub(crate) run: Option<RunRow>,
    pub(crate) recording: Held,
    /// Since the last half-open run was made.
    pub(crate) half_open: Option<Age>,
    /// Redis: the number, and since when.
    pub(crate) counter: Option<(u32, Age)>,
    pub(crate) worker: Process,
    /// The claim of a process that stands still, or that everybody takes for dead.
    pub(crate) sleeper: Option<Claim>,
    pub(crate) listener: Listener,
    /// Another tab, or the sweep, that has looked and decided, and not yet written.
    pub(crate) other: Option<Pending>,
    /// What must never happen, and did.
    pub(crate) broken: Option<&'static str>,
}

/// The row in `recordings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Held {
    Nothing,
    Ready,
    Gone,
}

/// A row of `recording_runs`, as far as decisions depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RunRow {
    pub(crate) status: RecordingStatus,
    pub(crate) attempt: u32,
    pub(crate) queued: Age,
    pub(crate) wanted: Option<Age>,
    pub(crate) asked: Option<Age>,
    pub(crate) series: Option<Age>,
    pub(crate) started: Option<Age>,
    /// Ticks that the lease still has; below zero it has run out.
    pub(crate) lease: Option<i8>,
    pub(crate) finished: Option<Age>,
    pub(crate) refused: Option<Age>,
    pub(crate) failure: Option<FailureKind>,
    pub(crate) half_open: bool,
    pub(crate) requeues: u32,
}

/// A worker process that is there, and its row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Process {
    pub(crate) seen: Option<Age>,
    pub(crate) polled: Option<Age>,
    pub(crate) claimed: Option<Age>,
    pub(crate) claim: Option<Claim>,
}

/// Whether the fence of a claim still stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Claim {
    Current,
    Stale,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Listener {
    /// Ticks without a final answer; `None` while nothing was asked since the last one.
    pub(crate) waits: Option<Age>,
    /// Ticks since the last question.
    pub(crate) asked: Age,
    /// No worker has lived since it began to wait.
    pub(crate) is_alone: bool,
}

/// A write that was decided on, with what its WHERE repeats. `delay`: ticks since the look.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pending {
    pub(crate) write: Write,
    pub(crate) delay: Age,
    /// No other run was made since.
    pub(crate) same_run: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Write {
    /// The row as it was diagnosed.
    MarkStuck(RunRow),
    Create(NewRow),
    Refuse,
    Touch {
        starts_series: bool,
    },
}

/// A run to be made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NewRow {
    pub(crate) row: RunRow,
    pub(crate) replaces: bool,
    /// The ages of `none_since` and `polled_after`.
    pub(crate) half_open: Option<(Age, Age)>,
}

/// How old things can get before it makes no difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    pub(crate) timeout: Age,
    pub(crate) window: Age,
    pub(crate) series: Age,
    pub(crate) lease: Age,
    /// More than any bound.
    pub(crate) patience: Age,
}

impl RunRow {
    /// One tick later.
    pub(crate) fn age(&mut self, caps: Caps) {
        older(&mut self.queued, caps.timeout);
        for (age, cap) in [
            (&mut self.wanted, caps.timeout),
            (&mut self.asked, caps.window),
            (&mut self.series, caps.series),
            (&mut self.started, caps.timeout),
            (&mut self.finished, caps.window),
            (&mut self.refused, caps.window),
        ] {
            older_opt(age, cap);
        }
        if let Some(lease) = &mut self.lease {
            *lease = (*lease - 1).max(-1);
        }
    }
}

impl State {
    /// One tick later.
    pub(crate) fn age(&mut self, caps: Caps) {
        if let Some(run) = &mut self.run {
            run.age(caps);
        }
        older_opt(&mut self.half_open, caps.window);
        if let Some((_, age)) = &mut self.counter {
            *age += 1;
        }
        // The time to live is one window.
        self.counter = self.counter.filter(|(_, age)| *age < caps.window - 1);
        older_opt(&mut self.worker.seen, caps.lease);
        older_opt(&mut self.worker.polled, caps.window);
        older_opt(&mut self.worker.claimed, caps.timeout);
        older_opt(&mut self.listener.waits, caps.patience);
        // Only one that waits is bound to ask again.
        self.listener.asked =
            if self.listener.waits.is_some() { self.listener.asked + 1 } else { 0 };
        if let Some(pending) = &mut self.other {
            pending.delay += 1;
            match &mut pending.write {
                Write::MarkStuck(row) => row.age(caps),
                Write::Create(new) => {
                    new.row.age(caps);
                    if let Some((none_since, polled_after)) = &mut new.half_open {
                        older(none_since, caps.window);
                        older(polled_after, caps.window);
                    }
                }
                Write::Refuse | Write::Touch { .. } => {}
            }
        }
    }

    /// The claims on the run, if there is one, are worth nothing any more.
    pub(crate) fn void_claims(&mut self) {
        for claim in [&mut self.worker.claim, &mut self.sleeper].into_iter().flatten() {
            *claim = Claim::Stale;
        }
    }
}

fn older(age: &mut Age, cap: Age) {
    *age = (*age + 1).min(cap);
}

fn older_opt(age: &mut Option<Age>, cap: Age) {
    if let Some(age) = age {
        older(age, cap);
    }
}
