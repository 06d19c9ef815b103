//! The player's state machine: pure. It takes an event, changes its state and returns effects.
//!
//! `driver` performs the effects. `shared::decision` decides whether to retry; the machine decides how the delay is
//! spent (as a held request or by a timer) and which events end it.

mod types;

use std::time::Duration;

use shared::decision::{Answer, Decision, ErrorType, Policy, Tries, decide};

pub(crate) use self::types::{Effect, Event, Fault, Now, Progress, Reply, Sound, State, Waiting};

/// The longest that the server holds a request (contract.md: `N` capped at 30).
const LONGEST_HOLD: Duration = Duration::from_secs(30);

/// The kind of the pending request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    /// None, or one caused by the listener.
    Plain,
    /// A scheduled retry.
    Retry,
    /// A scheduled retry that the server may hold.
    Offer,
}

/// The state machine of one player.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts: no two of them make one state"
)]
pub(crate) struct Machine {
    pub(crate) state: State,
    /// When Play was pressed: the start of the displayed wait.
    pub(crate) pressed: Duration,
    /// When the retries began: at Play, Try again or Keep waiting.
    series: Duration,
    tries: Tries,
    policy: Policy,
    /// The number of the current request or timer. Events of older ones are ignored.
    generation: u32,
    pending: Pending,
    /// Whether the server declined to hold the last request. Then a timer spends the delay, and only scheduled
    /// retries may be held again.
    declined: bool,
    /// Whether to play once the recording is ready: a paused recording stays paused.
    resumes: bool,
    /// Failures of the audio element since it last played, and whether the last one was a decoding error.
    breaks: u32,
    bad_format: bool,
    /// Whether the page was sent with the element's source: the first press plays without a request.
    has_source: bool,
}

impl Machine {
    /// A machine in its first state: [`State::Idle`], or [`State::Stopped`] where the page knows why.
    pub(crate) fn new(policy: Policy, state: State, has_source: bool) -> Self {
        Self {
            state,
            pressed: Duration::ZERO,
            series: Duration::ZERO,
            tries: Tries::default(),
            policy,
            generation: 0,
            pending: Pending::Plain,
            declined: false,
            resumes: true,
            breaks: 0,
            bad_format: false,
            has_source,
        }
    }

    /// Takes an event, and returns the effects in order.
    pub(crate) fn step(&mut self, event: &Event, now: Now) -> Vec<Effect> {
        match (event, self.state) {
            (Event::Play, State::Ready(_)) => vec![Effect::Start],
            (Event::Play, State::Idle) if self.has_source => {
                self.resumes = true;
                self.state = State::Ready(Sound::Loading);
                vec![Effect::Start]
            }
            (Event::Play, State::Idle | State::Stopped(_)) => self.begin(now),
            (Event::Pause, State::Ready(_)) => vec![Effect::Pause],
            (Event::Cancel | Event::PageHidden, State::Checking | State::Waiting(_)) => {
                self.generation += 1;
                self.state = State::Idle;
                vec![Effect::Stop]
            }
            (Event::CheckNow | Event::Visible, State::Waiting(waiting))
                if *event == Event::CheckNow || self.pending != Pending::Offer =>
            {
                // The interrupted retry does not count.
                self.tries.scheduled -= u32::from(self.pending != Pending::Plain);
                self.state = State::Waiting(Waiting { next: now.time, ..waiting });
                self.ask(None)
            }
            (Event::TimerFired { generation }, State::Waiting(waiting))
                if *generation == self.generation =>
            {
                self.timer_fired(waiting, now)
            }
            (Event::Answered { generation, reply }, State::Checking | State::Waiting(_))
                if *generation == self.generation =>
            {
                self.answered(reply, now)
            }
            (Event::Broke { is_format }, State::Ready(_)) => self.broke(*is_format, now),
            // The element of an idle player sounds where the page's script started it before.
            (event, State::Ready(_) | State::Idle) => {
                self.sound(event);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Play was pressed, or the listener continues after a stop.
    fn begin(&mut self, now: Now) -> Vec<Effect> {
        // Keep waiting continues the displayed wait; everything else restarts it.
        if self.state != State::Stopped(Fault::Answer(ErrorType::TimedOut)) {
            self.pressed = now.time;
        }
        self.series = now.time;
        self.tries = Tries::default();
        self.declined = false;
        self.resumes = true;
        self.breaks = 0;
        self.state = State::Checking;
        self.ask(None)
    }

    /// Ends the pending request or timer, and sends a request.
    fn ask(&mut self, hold: Option<Duration>) -> Vec<Effect> {
        self.generation += 1;
        self.pending = Pending::Plain;
        vec![Effect::Stop, Effect::Ask { generation: self.generation, hold }]
    }

    fn answered(&mut self, reply: &Reply, now: Now) -> Vec<Effect> {
        if reply.answer != Answer::Foreign {
            self.tries.foreign = 0;
            if self.pending == Pending::Offer {
                self.declined = !reply.was_held;
            }
        }
        let waited = now.time.saturating_sub(self.series);
        match decide(reply.answer, self.tries, waited, now.random, &self.policy) {
            Decision::Play if self.breaks > 1 && self.bad_format => self.stop(Fault::Unplayable),
            Decision::Play => {
                let starts = now.is_latest && self.resumes;
                self.state = State::Ready(if starts { Sound::Loading } else { Sound::Paused });
                let mut effects = vec![Effect::Stop, Effect::Load];
                effects.extend(starts.then_some(Effect::Start));
                effects
            }
            Decision::Retry(delay) => self.wait(reply, delay, now),
            Decision::Stop(ErrorType::TimedOut | ErrorType::WorkerOffline)
                if matches!(reply.answer, Answer::Preparing { .. })
                    && waited < self.policy.backoff.patience =>
            {
                // The last held request ended early: the rest of the promised patience remains.
                let rest = self.policy.backoff.patience.saturating_sub(waited);
                self.waiting(reply, rest, now);
                self.sleep(rest)
            }
            Decision::Stop(error) => self.stop(Fault::Answer(error)),
        }
    }

    fn stop(&mut self, fault: Fault) -> Vec<Effect> {
        self.generation += 1;
        self.state = State::Stopped(fault);
        vec![Effect::Stop]
    }

    /// Spends the delay: as a held request where the server does that, else by a timer.
    fn wait(&mut self, reply: &Reply, delay: Duration, now: Now) -> Vec<Effect> {
        let is_ours = reply.answer != Answer::Foreign;
        if is_ours && !self.declined && now.may_hold && !now.hidden {
            self.waiting(reply, delay, now);
            return self.retry(Some(delay.min(LONGEST_HOLD)));
        }
        // A hidden tab needs fewer requests.
        let delay = if is_ours && now.hidden { delay.max(self.policy.backoff.cap) } else { delay };
        self.waiting(reply, delay, now);
        self.sleep(delay)
    }

    fn sleep(&mut self, delay: Duration) -> Vec<Effect> {
        self.generation += 1;
        self.pending = Pending::Plain;
        vec![Effect::Stop, Effect::Sleep { generation: self.generation, delay }]
    }

    /// The scheduled retry. It may be held, too: a server that declined before may accept now, and one that declines
    /// again answers at once. The last one may not: its delay is spent.
    fn timer_fired(&mut self, waiting: Waiting, now: Now) -> Vec<Effect> {
        if waiting.trouble {
            self.tries.foreign += 1;
            return self.ask(None);
        }
        let following = self.tries.scheduled + 1;
        let is_last = following >= self.policy.backoff.max_retries;
        let hold = (!is_last && now.may_hold && !now.hidden)
            .then(|| self.policy.backoff.longest(following).min(LONGEST_HOLD));
        let next = now.time + hold.unwrap_or_default();
        self.state = State::Waiting(Waiting { next, ..waiting });
        self.retry(hold)
    }

    /// A scheduled retry.
    fn retry(&mut self, hold: Option<Duration>) -> Vec<Effect> {
        let effects = self.ask(hold);
        self.pending = if hold.is_some() { Pending::Offer } else { Pending::Retry };
        self.tries.scheduled += 1;
        effects
    }

    fn waiting(&mut self, reply: &Reply, delay: Duration, now: Now) {
        let before = match self.state {
            State::Waiting(waiting) => waiting.progress,
            _ => None,
        };
        self.state = State::Waiting(Waiting {
            progress: reply.progress.or(before),
            next: now.time + delay,
            trouble: reply.answer == Answer::Foreign,
        });
    }

    /// The audio element failed: requests the recording's state. A ready recording is loaded again, once.
    fn broke(&mut self, is_format: bool, now: Now) -> Vec<Effect> {
        self.breaks += 1;
        self.resumes = matches!(self.state, State::Ready(Sound::Playing | Sound::Loading));
        self.bad_format = is_format;
        if self.breaks > 2 {
            return self.stop(Fault::Answer(ErrorType::Unreachable));
        }
        self.pressed = now.time;
        self.series = now.time;
        self.tries = Tries::default();
        self.state = State::Checking;
        self.ask(None)
    }

    fn sound(&mut self, event: &Event) {
        let sound = match event {
            Event::Playing => {
                self.breaks = 0;
                Sound::Playing
            }
            Event::Buffering => Sound::Loading,
            Event::Paused | Event::Ended => Sound::Paused,
            Event::Refused => Sound::Refused,
            _ => return,
        };
        self.state = State::Ready(sound);
    }
}

#[cfg(test)]
mod tests;
