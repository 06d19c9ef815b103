//! What the player does next: pure. An event goes in, the state changes, effects come out.
//!
//! It asks nothing, waits for nothing and plays nothing itself: `browser` does. Whether to retry is
//! `shared`'s decision; this adds only how the delay is spent (held, or by a timer) and who may end it.

use std::time::Duration;

use shared::decision::{Answer, Decision, ErrorType, Policy, Tries, decide};

/// The longest that the server holds a request (contract.md: `N` capped at 30).
const LONGEST_HOLD: Duration = Duration::from_secs(30);

/// What is known at the moment of an event. Time is that of a clock that only goes forward.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) time: Duration,
    /// Uniform in `0.0..=1.0`.
    pub(crate) random: f64,
    /// Whether one more request of this page may be held.
    pub(crate) may_hold: bool,
    /// Whether nobody looks at the tab.
    pub(crate) hidden: bool,
    /// Whether this is the player on which Play was pressed last.
    pub(crate) is_latest: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// The listener pressed Play (also: Try again, Keep waiting; the state says which).
    Play,
    Pause,
    CheckNow,
    Cancel,
    /// An answer to the ask of that number.
    Answered {
        generation: u32,
        heard: Heard,
    },
    /// The timer of that number rang.
    Rang {
        generation: u32,
    },
    /// The tab is looked at again.
    Seen,
    /// The page is left.
    Left,
    /// The audio element reports.
    Playing,
    /// It has run out of bytes for the moment.
    Buffering,
    Paused,
    Ended,
    /// It wants a tap before it plays.
    Refused,
    /// It gave up; `is_format` where the bytes came and could not be decoded.
    Broke {
        is_format: bool,
    },
}

/// An answer, and what came with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) answer: Answer,
    /// Whether the server held the request (`Preference-Applied`).
    pub(crate) was_held: bool,
    /// The body of a 202.
    pub(crate) progress: Option<Progress>,
}

impl Heard {
    /// No answer at all, or none that could be read.
    #[cfg(feature = "hydrate")]
    pub(crate) fn nothing() -> Self {
        Self { answer: Answer::Foreign, was_held: false, progress: None }
    }
}

/// What a 202 tells the listener; the part of [`shared::body::Progress`] that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    pub(crate) attempt: u32,
    pub(crate) max_attempts: u32,
    pub(crate) is_running: bool,
    pub(crate) bytes_done: u64,
    pub(crate) bytes_total: Option<u64>,
    pub(crate) ahead: u64,
    pub(crate) workers_online: Option<u64>,
}

/// What `browser` is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Ask for the recording; `hold` is how long the server may hold the request.
    Ask { generation: u32, hold: Option<Duration> },
    /// Ring after so long.
    Sleep { generation: u32, delay: Duration },
    /// End the request and the timer that are under way, if any.
    Stop,
    /// Give the audio element its source.
    Load,
    /// Play; `Load` came before.
    Start,
    /// Pause the audio.
    Hush,
}

/// Where the player stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    /// Nobody has pressed Play.
    Idle,
    /// The first answer is awaited.
    Checking,
    /// The server prepares the recording, or can't be reached for the moment.
    Waiting(Waiting),
    /// The audio element has its source.
    Ready(Sound),
    /// Nothing more is asked.
    Stopped(Fault),
}

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Waiting {
    /// What the last 202 said; none came yet where the server can't be reached.
    pub(crate) progress: Option<Progress>,
    /// When the next ask goes out, or the held one comes back at the latest.
    pub(crate) next: Duration,
    /// Whether the last answer was not ours.
    pub(crate) trouble: bool,
}

/// What the audio does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Asked to play, not heard yet.
    Loading,
    Playing,
    Paused,
    /// The browser wants a tap first.
    Refused,
}

/// Why the player stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The decision said so.
    Answer(ErrorType),
    /// The bytes are there, and the browser can't play them.
    Unplayable,
}

/// The player of one call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Machine {
    pub(crate) state: State,
    /// When Play was pressed; what the listener's wait is counted from.
    pub(crate) pressed: Duration,
    /// When the retries began: with Play, Try again or Keep waiting.
    series: Duration,
    tries: Tries,
    policy: Policy,
    /// The number of the ask or timer that counts. Older ones are not listened to.
    generation: u32,
    /// Whether the ask under way is a scheduled retry, and whether it offered to be held.
    is_scheduled: bool,
    offered: bool,
    /// Whether the server declined the last offer. Then a timer waits, and only scheduled retries
    /// offer again.
    declined: bool,
    /// How often the audio broke since it last played, and whether over bytes that it had.
    breaks: u32,
    bad_format: bool,
}

impl Machine {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            state: State::Idle,
            pressed: Duration::ZERO,
            series: Duration::ZERO,
            tries: Tries::default(),
            policy,
            generation: 0,
            is_scheduled: false,
            offered: false,
            declined: false,
            breaks: 0,
            bad_format: false,
        }
    }

    /// Takes an event in, and says what is to be done, in order.
    pub(crate) fn step(&mut self, event: &Event, now: Now) -> Vec<Effect> {
        match (event, self.state) {
            (Event::Play, State::Ready(_)) => vec![Effect::Start],
            (Event::Play, State::Idle | State::Stopped(_)) => self.begin(now),
            (Event::Pause, State::Ready(_)) => vec![Effect::Hush],
            (Event::Cancel | Event::Left, State::Checking | State::Waiting(_)) => {
                self.generation += 1;
                self.state = State::Idle;
                vec![Effect::Stop]
            }
            (Event::CheckNow | Event::Seen, State::Waiting(waiting))
                if *event == Event::CheckNow || !self.offered =>
            {
                // What it cuts short has not been a retry.
                self.tries.scheduled -= u32::from(self.is_scheduled);
                self.state = State::Waiting(Waiting { next: now.time, ..waiting });
                self.ask(None)
            }
            (Event::Rang { generation }, State::Waiting(waiting))
                if *generation == self.generation =>
            {
                self.rang(waiting, now)
            }
            (Event::Answered { generation, heard }, State::Checking | State::Waiting(_))
                if *generation == self.generation =>
            {
                self.answered(heard, now)
            }
            (Event::Broke { is_format }, State::Ready(_)) => self.broke(*is_format, now),
            (event, State::Ready(_)) => {
                self.sound(event);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Play was pressed, or the listener wants to go on after a stop.
    fn begin(&mut self, now: Now) -> Vec<Effect> {
        // Who keeps waiting has waited since Play; anyone else starts anew.
        if self.state != State::Stopped(Fault::Answer(ErrorType::TimedOut)) {
            self.pressed = now.time;
        }
        self.series = now.time;
        self.tries = Tries::default();
        self.declined = false;
        self.breaks = 0;
        self.state = State::Checking;
        self.ask(None)
    }

    /// Ends what is under way and asks.
    fn ask(&mut self, hold: Option<Duration>) -> Vec<Effect> {
        self.generation += 1;
        self.offered = hold.is_some();
        self.is_scheduled = false;
        vec![Effect::Stop, Effect::Ask { generation: self.generation, hold }]
    }

    fn answered(&mut self, heard: &Heard, now: Now) -> Vec<Effect> {
        if heard.answer != Answer::Foreign {
            self.tries.foreign = 0;
            if self.offered {
                self.declined = !heard.was_held;
            }
        }
        let waited = now.time.saturating_sub(self.series);
        match decide(heard.answer, self.tries, waited, now.random, &self.policy) {
            Decision::Play if self.breaks > 1 && self.bad_format => self.stop(Fault::Unplayable),
            Decision::Play => {
                let starts = now.is_latest;
                self.state = State::Ready(if starts { Sound::Loading } else { Sound::Paused });
                let mut effects = vec![Effect::Stop, Effect::Load];
                effects.extend(starts.then_some(Effect::Start));
                effects
            }
            Decision::Retry(delay) => self.wait(heard, delay, now),
            Decision::Stop(ErrorType::TimedOut | ErrorType::WorkerOffline)
                if matches!(heard.answer, Answer::Preparing { .. })
                    && waited < self.policy.backoff.patience =>
            {
                // The last held request came back early, with news: the patience is still owed.
                let rest = self.policy.backoff.patience - waited;
                self.waiting(heard, rest, now);
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
    fn wait(&mut self, heard: &Heard, delay: Duration, now: Now) -> Vec<Effect> {
        let is_ours = heard.answer != Answer::Foreign;
        if is_ours && !self.declined && now.may_hold && !now.hidden {
            self.waiting(heard, delay, now);
            return self.retry(Some(delay.min(LONGEST_HOLD)));
        }
        // Nobody looks: nothing is lost by asking less often.
        let delay = if is_ours && now.hidden { delay.max(self.policy.backoff.cap) } else { delay };
        self.waiting(heard, delay, now);
        self.sleep(delay)
    }

    fn sleep(&mut self, delay: Duration) -> Vec<Effect> {
        self.generation += 1;
        self.offered = false;
        self.is_scheduled = false;
        vec![Effect::Stop, Effect::Sleep { generation: self.generation, delay }]
    }

    /// The scheduled ask. It offers to be held too: a server that declined may take it now, and
    /// one that declines again answers at once. Not the last one, whose delay is spent.
    fn rang(&mut self, waiting: Waiting, now: Now) -> Vec<Effect> {
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
        self.is_scheduled = true;
        self.tries.scheduled += 1;
        effects
    }

    fn waiting(&mut self, heard: &Heard, delay: Duration, now: Now) {
        let before = match self.state {
            State::Waiting(waiting) => waiting.progress,
            _ => None,
        };
        self.state = State::Waiting(Waiting {
            progress: heard.progress.or(before),
            next: now.time + delay,
            trouble: heard.answer == Answer::Foreign,
        });
    }

    /// The audio gave up: asks what has become of the recording. One that is ready is loaded anew,
    /// once.
    fn broke(&mut self, is_format: bool, now: Now) -> Vec<Effect> {
        self.breaks += 1;
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
