//! Who does what to a call: a listener that keeps asking, another tab or the sweep, a worker that
//! may stop, die, shut down or sleep at any moment, and Redis, which may forget. Decisions are the
//! program's own; each write repeats in its guard what the WHERE of the store's statement repeats.

use std::time::Duration;

use server::{
    engine::rules::{
        Counter, Policy, Purpose, RequeueVerdict, RetryStep, Step, ask, requeue, retry,
    },
    model::FailureKind,
};
use shared::RecordingStatus;
use stateright::{Model, Property};

use crate::{
    rows::{Fixed, TICK, new_row},
    state::{Age, Caps, Claim, Held, Listener, NewRow, Pending, Process, RunRow, State, Write},
};

/// A rule that is broken on purpose, to see that it is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    None,
    /// A worker publishes without the fence in the WHERE.
    UnfencedPublication,
    /// A new run has the clocks of the one that it replaces.
    OldClocks,
    /// The sweep forgets the attempts of what it marks.
    SweepResetsAttempts,
    /// A run is claimed however old its series is.
    ClaimsTheTooOld,
    /// A half-open run may be made as often as a worker polls.
    HalfOpenAtWill,
}

pub(crate) struct System {
    pub(crate) policy: Policy,
    pub(crate) scope: Scope,
    pub(crate) mutant: Mutant,
    fixed: Fixed,
}

/// Who takes part. All of them at once are too many states for a test of every day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// The longest gap between two questions, in ticks.
    pub(crate) gap: Age,
    /// Another tab.
    pub(crate) other: bool,
    /// A worker that sleeps with its claim.
    pub(crate) sleeper: bool,
    /// An operator who retries; then the bound starts anew.
    pub(crate) operator: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Tick,
    /// The listener asks; Redis may not answer.
    Ask {
        redis: bool,
    },
    OtherLooks {
        redis: bool,
    },
    OtherWrites {
        redis: bool,
    },
    /// The process that looked is killed before it writes.
    OtherDies,
    Sweep,
    Retry,
    Beat,
    Poll,
    Claim,
    /// By the worker, or by the one that slept.
    Publish(Who),
    Fail(Who, FailureKind),
    RequeueVerdict,
    Kill,
    /// SIGSTOP: it keeps its claim, another process comes.
    FallAsleep,
    SleeperBeats,
    RedisForgets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    Worker,
    Sleeper,
}

/// No write is delayed for longer: a server whose write hangs is told so by its database.
const LONGEST_DELAY: Age = 1;
/// Looks of one request; each but the last is followed by a write.
const MAX_ITERATIONS: u32 = 16;

impl System {
    pub(crate) fn new(policy: Policy, scope: Scope, mutant: Mutant) -> Self {
        Self { policy, scope, mutant, fixed: Fixed::new() }
    }

    fn caps(&self) -> Caps {
        Caps {
            timeout: ticks(self.policy.job_timeout) + 1,
            // A write that is delayed compares ages that have grown by so much.
            window: ticks(self.policy.retry_window) + 1 + LONGEST_DELAY,
            series: ticks(self.policy.longest_series()) + 1,
            lease: ticks(self.policy.lease) + 1,
            patience: self.bound().max(self.bound_alone()) + 1,
        }
    }

    fn lease(&self) -> i8 {
        i8::try_from(self.policy.lease.as_secs() / TICK.as_secs()).unwrap()
    }

    /// C + T + g of engine.md, in ticks.
    pub(crate) fn bound(&self) -> Age {
        ticks(self.policy.longest_series()) + ticks(self.policy.job_timeout) + self.scope.gap
    }

    /// (M + 1)·(T + g) of engine.md, in ticks.
    pub(crate) fn bound_alone(&self) -> Age {
        let tries = Age::try_from(self.policy.max_attempts).unwrap() + 1;
        tries * (ticks(self.policy.job_timeout) + self.scope.gap)
    }

    fn look(&self, state: &State, counter: Counter) -> Step {
        let mut view = self.fixed.view(state, &self.policy);
        if self.mutant == Mutant::HalfOpenAtWill {
            view.last_half_open_at = None;
        }
        ask(&view, Purpose::Listen, counter, &self.policy)
    }

    /// The listener's whole request: looks and writes until it is answered.
    fn ask(&self, state: &mut State, redis: bool) {
        let began = Listener {
            waits: Some(0),
            asked: 0,
            is_alone: state.worker == Process::default() && state.sleeper.is_none(),
        };
        let mut counter = Counter::NotRead;
        for _ in 0..MAX_ITERATIONS {
            match self.look(state, counter) {
                Step::Serve(_) | Step::Finish(_) => return state.listener = Listener::default(),
                Step::Wait { touch } => {
                    if let Some(touch) = touch {
                        Self::touch(state, touch.starts_series);
                    }
                    if state.listener.waits.is_none() {
                        state.listener = began;
                    }
                    state.listener.asked = 0;
                    return;
                }
                Step::ReadCounter => {
                    counter = Counter::Read(state.counter.filter(|_| redis).map(|(n, _)| n));
                }
                Step::Create(new) => {
                    self.create(state, &new_row(&new), true, redis);
                    counter = Counter::NotRead;
                    if let Step::MarkStuck(_) = self.look(state, counter) {
                        return state.broken = Some("a new run that is stuck at once");
                    }
                }
                Step::MarkStuck(_) => {
                    let row = state.run.clone().unwrap();
                    Self::mark_stuck(state, &row);
                }
                Step::Refuse(_) => {
                    Self::refuse(state, true);
                    return state.listener = Listener::default();
                }
            }
        }
        state.broken = Some("a request that looks for ever");
    }

    fn other_looks(&self, state: &State, redis: bool) -> Option<Write> {
        let step = match self.look(state, Counter::NotRead) {
            Step::ReadCounter => {
                let read = state.counter.filter(|_| redis).map(|(n, _)| n);
                self.look(state, Counter::Read(read))
            }
            step => step,
        };
        match step {
            Step::MarkStuck(_) => Some(Write::MarkStuck(state.run.clone().unwrap())),
            Step::Create(new) => Some(Write::Create(new_row(&new))),
            Step::Refuse(_) => Some(Write::Refuse),
            Step::Wait { touch: Some(touch) } => {
                Some(Write::Touch { starts_series: touch.starts_series })
            }
            _ => None,
        }
    }

    fn other_writes(&self, state: &mut State, redis: bool) {
        let Some(Pending { write, same_run, .. }) = state.other.take() else { return };
        match write {
            Write::MarkStuck(row) if same_run => Self::mark_stuck(state, &row),
            Write::Create(new) => self.create(state, &new, same_run, redis),
            Write::Refuse => Self::refuse(state, same_run),
            Write::Touch { starts_series } if same_run => Self::touch(state, starts_series),
            Write::MarkStuck(_) | Write::Touch { .. } => {}
        }
    }

    /// `Runs::create_run`: the last run is the one that was seen, there is no recording; for a
    /// half-open run none in the window, and a worker that is back; at most one active.
    fn create(&self, state: &mut State, new: &NewRow, same_run: bool, redis: bool) {
        let is_active = state.run.as_ref().is_some_and(|run| run.status.is_active());
        if !same_run || is_active || state.recording != Held::Nothing {
            return;
        }
        if let Some((none_since, polled_after)) = new.half_open {
            let lease = self.caps().lease;
            let worker = &state.worker;
            let is_back = worker.seen.is_some_and(|seen| seen < lease)
                && worker.polled.is_some_and(|polled| polled < polled_after);
            let at_will = self.mutant == Mutant::HalfOpenAtWill;
            if !is_back || state.half_open.is_some_and(|age| age < none_since) && !at_will {
                return;
            }
            let window = self.caps().window - 1 - LONGEST_DELAY;
            if state.half_open.is_some_and(|age| age < window) {
                state.broken = Some("two half-open runs in a window");
            }
            state.half_open = Some(0);
            // Somebody was told the final answer, if not this listener, and then a worker came back:
            // the bound begins anew.
            if let Some(waits) = &mut state.listener.waits {
                *waits = 0;
            }
        }
        let mut row = RunRow { queued: 0, ..new.row.clone() };
        if self.mutant == Mutant::OldClocks
            && let Some(old) = &state.run
        {
            row.queued = old.queued;
        }
        if new.replaces && new.half_open.is_none() && row.attempt > 0 && redis {
            state.counter = Some((row.attempt, 0));
        }
        state.run = Some(row);
        state.void_claims();
        if let Some(pending) = &mut state.other {
            pending.same_run = false;
        }
    }

    /// `Runs::fail_stuck`: the row is still as it was diagnosed.
    fn mark_stuck(state: &mut State, diagnosed: &RunRow) {
        let Some(run) = &mut state.run else { return };
        let same = |a: &RunRow, b: &RunRow| {
            (a.status, a.queued, a.wanted, a.started, a.lease)
                == (b.status, b.queued, b.wanted, b.started, b.lease)
        };
        if !run.status.may_become(RecordingStatus::Failed) || !same(run, diagnosed) {
            return;
        }
        end(run, RecordingStatus::Failed, Some(FailureKind::Stuck));
        state.void_claims();
    }

    /// `Runs::refuse`.
    fn refuse(state: &mut State, same_run: bool) {
        if let Some(run) = &mut state.run
            && same_run
            && run.status == RecordingStatus::Failed
        {
            run.refused.get_or_insert(0);
        }
    }

    /// `Runs::touch`.
    fn touch(state: &mut State, starts_series: bool) {
        let Some(run) = &mut state.run else { return };
        if run.status.is_active() {
            run.asked = Some(0);
            run.wanted.get_or_insert(0);
            if starts_series {
                run.series = Some(0);
            }
        }
    }

    fn sweep(&self, state: &mut State) {
        if let Step::MarkStuck(_) = self.look(state, Counter::NotRead) {
            let row = state.run.clone().unwrap();
            Self::mark_stuck(state, &row);
            if self.mutant == Mutant::SweepResetsAttempts
                && let Some(run) = &mut state.run
            {
                run.attempt = 0;
                run.series = None;
                state.counter = None;
            }
        }
    }

    /// `Work::publish` and `Work::fail`: under the fence, and a recording never over a tombstone.
    fn end_by(&self, state: &mut State, who: Who, failure: Option<FailureKind>) {
        let claim = match who {
            Who::Worker => state.worker.claim.take(),
            Who::Sleeper => state.sleeper.take(),
        };
        let Some(run) = &mut state.run else { return };
        let is_running = run.status == RecordingStatus::Running;
        let is_fenced = self.mutant != Mutant::UnfencedPublication;
        if !is_running || (claim == Some(Claim::Stale) && is_fenced) {
            return; // it has lost the run
        }
        if claim == Some(Claim::Stale) {
            state.broken = Some("published or failed by a stale fence");
        }
        match failure {
            None => {
                end(run, RecordingStatus::Ready, None);
                state.recording = Held::Ready;
                state.counter = None;
            }
            Some(kind) => {
                end(run, RecordingStatus::Failed, Some(kind));
                if kind == FailureKind::Gone {
                    state.recording = Held::Gone;
                }
            }
        }
        state.void_claims();
    }

    /// `Work::claim`: not once its series is too old, while somebody asks about it.
    fn claim(&self, state: &mut State) {
        let Some(run) = &mut state.run else { return };
        let lease_policy = self.policy.lease_policy();
        let is_too_old = run.series.is_some_and(|age| age > ticks(lease_policy.longest_series));
        let is_asked_for = run.asked.is_some_and(|age| age <= ticks(lease_policy.retry_window));
        if is_too_old && is_asked_for && self.mutant != Mutant::ClaimsTheTooOld {
            return;
        }
        run.status = RecordingStatus::Running;
        run.started = Some(0);
        run.lease = Some(self.lease());
        let worker = &mut state.worker;
        (worker.seen, worker.polled, worker.claimed) = (Some(0), Some(0), Some(0));
        worker.claim = Some(Claim::Current);
        state.listener.is_alone = false;
    }

    fn give_back(&self, state: &mut State) {
        let Some(row) = state.run.clone() else { return };
        let verdict = requeue(&self.fixed.run(&row), crate::rows::now(), &self.policy);
        if let Some(run) = &mut state.run {
            match verdict {
                RequeueVerdict::Requeue => {
                    run.status = RecordingStatus::Queued;
                    (run.queued, run.started, run.lease) = (0, None, None);
                    run.requeues += 1;
                }
                RequeueVerdict::Fail => end(run, RecordingStatus::Failed, Some(FailureKind::Stuck)),
            }
        }
        state.worker = Process::default();
    }

    fn retry(&self, state: &mut State) {
        match retry(&self.fixed.view(state, &self.policy), Purpose::Listen, &self.policy) {
            RetryStep::Create(new) => {
                state.recording = Held::Nothing;
                self.create(state, &new_row(&new), true, false);
                state.counter = None;
                state.listener = Listener::default();
            }
            RetryStep::MarkStuck(_) => {
                let row = state.run.clone().unwrap();
                Self::mark_stuck(state, &row);
            }
            RetryStep::AlreadyReady | RetryStep::Finish(_) | RetryStep::Active => {}
        }
    }
}

fn ticks(time: Duration) -> Age {
    Age::try_from(time.as_secs() / TICK.as_secs()).unwrap()
}

fn end(run: &mut RunRow, status: RecordingStatus, failure: Option<FailureKind>) {
    run.status = status;
    run.finished = Some(0);
    run.failure = failure;
    run.lease = None;
}

impl Model for System {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            run: None,
            recording: Held::Nothing,
            half_open: None,
            counter: None,
            worker: Process::default(),
            sleeper: None,
            listener: Listener::default(),
            other: None,
            broken: None,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.recording == Held::Ready || state.broken.is_some() {
            return; // it plays: all is said
        }
        // A listener that keeps asking has asked by now, or asks before time goes on.
        let asks_in_time = state.listener.waits.is_none() || state.listener.asked < self.scope.gap;
        let writes_in_time = state.other.as_ref().is_none_or(|p| p.delay < LONGEST_DELAY);
        if asks_in_time && writes_in_time {
            actions.push(Action::Tick);
        }
        // Whether Redis answers matters only while it has something to say.
        let may_answer: &[bool] = if state.counter.is_some() { &[true, false] } else { &[true] };
        for &redis in may_answer {
            actions.push(Action::Ask { redis });
            match state.other {
                Some(_) => actions.push(Action::OtherWrites { redis }),
                None if self.scope.other => actions.push(Action::OtherLooks { redis }),
                None => {}
            }
        }
        if state.other.is_some() {
            actions.push(Action::OtherDies);
        }
        if state.counter.is_some() {
            actions.push(Action::RedisForgets);
        }
        if self.scope.operator {
            actions.push(Action::Retry);
        }
        actions.extend([Action::Sweep, Action::Beat]);
        let is_queued = state.run.as_ref().is_some_and(|run| run.status == RecordingStatus::Queued);
        match state.worker.claim {
            None if is_queued => actions.push(Action::Claim),
            None => actions.push(Action::Poll),
            Some(claim) => {
                ends(actions, Who::Worker);
                if claim == Claim::Current {
                    actions.push(Action::RequeueVerdict);
                }
                if self.scope.sleeper && state.sleeper.is_none() {
                    actions.push(Action::FallAsleep);
                }
            }
        }
        if state.worker != Process::default() {
            actions.push(Action::Kill);
        }
        if state.sleeper.is_some() {
            ends(actions, Who::Sleeper);
            actions.push(Action::SleeperBeats);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Tick => state.age(self.caps()),
            Action::Ask { redis } => self.ask(&mut state, redis),
            Action::OtherLooks { redis } => {
                let write = self.other_looks(&state, redis)?;
                state.other = Some(Pending { write, delay: 0, same_run: true });
            }
            Action::OtherWrites { redis } => self.other_writes(&mut state, redis),
            Action::OtherDies => state.other = None,
            Action::Sweep => self.sweep(&mut state),
            Action::Retry => self.retry(&mut state),
            Action::Beat => {
                state.worker.seen = Some(0);
                state.listener.is_alone = false;
                renew(&mut state, Who::Worker, self.lease());
            }
            Action::Poll => {
                (state.worker.seen, state.worker.polled) = (Some(0), Some(0));
                state.listener.is_alone = false;
            }
            Action::Claim => self.claim(&mut state),
            Action::Publish(who) => self.end_by(&mut state, who, None),
            Action::Fail(who, kind) => self.end_by(&mut state, who, Some(kind)),
            Action::RequeueVerdict => self.give_back(&mut state),
            Action::Kill => state.worker = Process::default(),
            Action::FallAsleep => {
                state.sleeper = state.worker.claim;
                state.worker = Process::default();
            }
            Action::SleeperBeats => renew(&mut state, Who::Sleeper, self.lease()),
            Action::RedisForgets => state.counter = None,
        }
        Some(state).filter(|state| state != last)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("nothing that must never happen", |_, state: &State| {
                state.broken.is_none()
            }),
            Property::always("attempts are bounded", |system: &Self, state: &State| {
                state.run.as_ref().is_none_or(|run| run.attempt <= system.policy.max_attempts)
            }),
            Property::always("a final answer in bounded time", |system: &Self, state: &State| {
                state.listener.waits.is_none_or(|waits| waits <= system.bound())
            }),
            Property::always("sooner where no worker lives", |system: &Self, state: &State| {
                let listener = &state.listener;
                !listener.is_alone || listener.waits.is_none_or(|t| t <= system.bound_alone())
            }),
            Property::sometimes("it is played", |_, state: &State| state.recording == Held::Ready),
            Property::sometimes("it is refused", |_, state: &State| {
                state.run.as_ref().is_some_and(|run| run.refused.is_some())
            }),
            Property::sometimes("a worker that is back earns a run", |_, state: &State| {
                state.half_open.is_some()
            }),
        ]
    }
}

fn ends(actions: &mut Vec<Action>, who: Who) {
    actions.push(Action::Publish(who));
    for kind in [FailureKind::Transient, FailureKind::Rejected, FailureKind::Gone] {
        actions.push(Action::Fail(who, kind));
    }
}

/// `Work::heartbeat`: whoever has lost its run learns it.
fn renew(state: &mut State, who: Who, lease: i8) {
    let claim = match who {
        Who::Worker => &mut state.worker.claim,
        Who::Sleeper => &mut state.sleeper,
    };
    match claim {
        Some(Claim::Current) => {
            if let Some(run) = &mut state.run {
                run.lease = Some(lease);
            }
        }
        Some(Claim::Stale) => *claim = None,
        None => {}
    }
}
