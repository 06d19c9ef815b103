//! The machine in a world of its own: a clock that jumps, and a server that a closure plays.

use proptest::prelude::*;
use shared::{ErrorCode, decision::Policy};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// What the server does with an ask.
struct Reply {
    /// How long it takes to answer.
    after: Duration,
    reply: Reply,
}

fn reply(answer: Answer) -> Reply {
    Reply { after: Duration::ZERO, reply: Reply { answer, was_held: false, progress: None } }
}

fn preparing(attempt: u32) -> Reply {
    let answer = Answer::Preparing { retry_after: 2 * SECOND, worker_online: true };
    let progress = Progress { attempt, max_attempts: 3, ..Progress::default() };
    Reply { answer, was_held: false, progress: Some(progress) }
}

/// A 202 from a server that holds for as long as it was offered.
fn held(hold: Option<Duration>) -> Reply {
    let was_held = hold.is_some();
    Reply { after: hold.unwrap_or_default(), reply: Reply { was_held, ..preparing(0) } }
}

/// A 202 from a server that never holds.
fn declined() -> Reply {
    Reply { after: Duration::ZERO, reply: preparing(0) }
}

struct World {
    machine: Machine,
    now: Now,
    /// When each ask went out, and the hold that it offered.
    asks: Vec<(Duration, Option<Duration>)>,
    /// Anything but asking and waiting.
    done: Vec<Effect>,
    /// What is under way.
    ask: Option<(u32, Option<Duration>)>,
    timer: Option<(u32, Duration)>,
}

impl World {
    fn new() -> Self {
        let now =
            Now { time: 100 * SECOND, random: 0.5, may_hold: true, hidden: false, is_latest: true };
        let machine = Machine::new(Policy::default());
        Self { machine, now, asks: Vec::new(), done: Vec::new(), ask: None, timer: None }
    }

    fn given(change: impl FnOnce(&mut Now)) -> Self {
        let mut world = Self::new();
        change(&mut world.now);
        world
    }

    fn event(&mut self, event: &Event) -> &mut Self {
        for effect in self.machine.step(event, self.now) {
            match effect {
                Effect::Ask { generation, hold } => {
                    self.asks.push((self.now.time, hold));
                    self.ask = Some((generation, hold));
                }
                Effect::Sleep { generation, delay } => {
                    self.timer = Some((generation, self.now.time + delay));
                }
                Effect::Stop => {
                    self.ask = None;
                    self.timer = None;
                }
                other => self.done.push(other),
            }
        }
        self
    }

    /// Lets the server answer one ask; first waits until there is one.
    fn answer(&mut self, mut serve: impl FnMut(Option<Duration>) -> Reply) -> &mut Self {
        if let Some((generation, at)) = self.timer.take() {
            self.now.time = at;
            self.event(&Event::TimerFired { generation });
        }
        let (generation, hold) = self.ask.take().expect("something is asked");
        let Reply { after, reply } = serve(hold);
        self.now.time += after;
        self.event(&Event::Answered { generation, reply })
    }

    /// Lets the server answer until nothing more is asked.
    fn until_settled(&mut self, mut serve: impl FnMut(Option<Duration>) -> Reply) -> &mut Self {
        for _ in 0..100 {
            if self.ask.is_none() && self.timer.is_none() {
                return self;
            }
            self.answer(&mut serve);
        }
        panic!("still asking after a hundred answers: {:?}", self.machine.state);
    }

    fn waited(&self) -> Duration {
        self.now.time.saturating_sub(100 * SECOND)
    }

    fn is_at_rest(&self) -> bool {
        self.ask.is_none() && self.timer.is_none()
    }
}

fn stopped(error: ErrorType) -> State {
    State::Stopped(Fault::Answer(error))
}

#[test]
fn nothing_is_asked_until_play_is_pressed() {
    let mut world = World::new();
    for event in
        [Event::Visible, Event::CheckNow, Event::TimerFired { generation: 0 }, Event::PageHidden]
    {
        world.event(&event);
    }
    assert_eq!(world.machine.state, State::Idle);
    assert!(world.asks.is_empty());
}

#[test]
fn a_ready_recording_plays_after_one_ask() {
    let mut world = World::new();
    world.event(&Event::Play).answer(|_| reply(Answer::Ready)).event(&Event::Playing);
    assert_eq!(world.machine.state, State::Ready(Sound::Playing));
    assert_eq!(world.asks, [(100 * SECOND, None)]);
    assert_eq!(world.done, [Effect::Load, Effect::Start]);
}

#[test]
fn a_final_answer_is_the_last_request() {
    for code in ErrorCode::ALL {
        let mut world = World::new();
        world.event(&Event::Play).answer(|_| reply(Answer::Problem(*code)));
        assert!(matches!(world.machine.state, State::Stopped(_)), "{code}");
        assert!(world.is_at_rest() && world.asks.len() == 1, "{code}");
    }
}

#[test]
fn the_first_ask_is_answered_at_once_and_the_delay_is_spent_held() {
    let mut world = World::new();
    world.event(&Event::Play).answer(held);
    let [(_, None), (at, Some(hold))] = world.asks[..] else { panic!("{:?}", world.asks) };
    assert_eq!(at, 100 * SECOND);
    assert!(hold > SECOND && hold <= 2 * SECOND, "{hold:?}");
}

#[test]
fn ready_is_heard_in_the_middle_of_a_hold() {
    let mut world = World::new();
    world.event(&Event::Play).answer(held);
    world.answer(|_| Reply { after: SECOND / 2, reply: reply(Answer::Ready).reply });
    assert_eq!(world.machine.state, State::Ready(Sound::Loading));
    assert_eq!(world.waited(), SECOND / 2);
}

#[test]
fn a_server_that_holds_is_asked_thirteen_times_in_three_minutes() {
    let mut world = World::new();
    world.event(&Event::Play).until_settled(held);
    assert_eq!(world.machine.state, stopped(ErrorType::TimedOut));
    assert_eq!(world.asks.len(), 13);
    assert!(world.waited() >= 180 * SECOND, "{:?}", world.waited());
}

#[test]
fn a_server_that_declines_to_hold_is_asked_no_oftener_and_no_sooner() {
    let mut world = World::new();
    world.event(&Event::Play).until_settled(|_| declined());
    assert_eq!(world.machine.state, stopped(ErrorType::TimedOut));
    assert_eq!(world.asks.len(), 13);
    assert!(world.waited() >= 180 * SECOND, "{:?}", world.waited());
    // The first two go together: the second is the offer to be held.
    let gaps = world.asks.windows(2).skip(1).map(|pair| pair[1].0.saturating_sub(pair[0].0));
    assert!(gaps.min() >= Some(2 * SECOND));
}

#[test]
fn a_third_player_of_the_page_waits_by_timer() {
    let mut world = World::given(|now| now.may_hold = false);
    world.event(&Event::Play).until_settled(held);
    assert!(world.asks.iter().all(|(_, hold)| hold.is_none()));
    assert_eq!(world.asks.len(), 13);
}

#[test]
fn a_hidden_tab_waits_slower_and_asks_at_once_when_seen() {
    let mut world = World::given(|now| now.hidden = true);
    world.event(&Event::Play).answer(held);
    let (_, rings) = world.timer.expect("it waits by timer");
    assert!(rings.saturating_sub(world.now.time) >= 30 * SECOND);
    world.now.time += 3 * SECOND;
    world.now.hidden = false;
    world.event(&Event::Visible);
    assert_eq!(world.asks.len(), 2);
    assert_eq!(world.timer, None);
}

#[test]
fn a_held_request_is_left_alone_when_the_tab_is_seen() {
    let mut world = World::new();
    world.event(&Event::Play).answer(held).event(&Event::Visible);
    assert_eq!(world.asks.len(), 2);
}

#[test]
fn check_now_asks_at_once_and_is_no_scheduled_retry() {
    let mut world = World::new();
    world.event(&Event::Play).answer(|_| declined()).answer(|_| declined());
    for _ in 0..30 {
        world.event(&Event::CheckNow).answer(|_| declined());
    }
    world.until_settled(|_| declined());
    assert_eq!(world.asks.len(), 13 + 30);
    assert!(world.waited() >= 180 * SECOND);
}

#[test]
fn check_now_in_a_hold_costs_no_retry() {
    let mut world = World::new();
    world.event(&Event::Play).answer(held);
    for _ in 0..30 {
        world.event(&Event::CheckNow).answer(held);
    }
    let cut_short = world.asks.len() - 1;
    world.until_settled(held);
    assert_eq!(world.asks.len() - cut_short, 12);
    assert!(world.waited() >= 180 * SECOND);
}

#[test]
fn a_server_that_declined_may_hold_again_later() {
    let mut world = World::new();
    world.event(&Event::Play).answer(held).answer(|_| declined()).answer(held);
    assert!(world.timer.is_none(), "the delay is spent held again");
}

#[test]
fn cancel_ends_everything_and_a_late_answer_is_not_heard() {
    let mut world = World::new();
    world.event(&Event::Play).answer(held);
    let (generation, _) = world.ask.expect("a held request");
    for event in [Event::Cancel, Event::PageHidden] {
        let mut world = World { machine: world.machine.clone(), ..World::new() };
        world.event(&event);
        assert_eq!(world.machine.state, State::Idle);
        assert!(world.is_at_rest());
        let reply = reply(Answer::Ready).reply;
        world.event(&Event::Answered { generation, reply });
        world.event(&Event::TimerFired { generation });
        assert_eq!(world.machine.state, State::Idle);
        assert!(world.asks.is_empty() && world.done.is_empty());
    }
}

#[test]
fn no_worker_online_at_the_end_blames_the_worker() {
    let mut world = World::new();
    world.event(&Event::Play).until_settled(|hold| {
        let mut reply = held(hold);
        reply.reply.answer = Answer::Preparing { retry_after: SECOND, worker_online: false };
        reply
    });
    assert_eq!(world.machine.state, stopped(ErrorType::WorkerOffline));
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_three_times_more() {
    let mut world = World::new();
    world.event(&Event::Play).until_settled(|_| reply(Answer::Foreign));
    assert_eq!(world.machine.state, stopped(ErrorType::Unreachable));
    assert_eq!(world.waited(), 7 * SECOND);
    assert_eq!(world.asks.len(), 4);
}

#[test]
fn a_hiccup_of_the_network_in_the_middle_costs_no_patience() {
    let mut world = World::new();
    let mut n = 0;
    world.event(&Event::Play).until_settled(|hold| {
        n += 1;
        if n % 3 == 0 { reply(Answer::Foreign) } else { held(hold) }
    });
    assert_eq!(world.machine.state, stopped(ErrorType::TimedOut));
    assert!(world.waited() >= 180 * SECOND);
}

#[test]
fn keep_waiting_starts_the_retries_anew_and_remembers_the_wait() {
    let mut world = World::new();
    world.event(&Event::Play).until_settled(held);
    world.event(&Event::Play);
    assert_eq!(world.machine.pressed, 100 * SECOND);
    world.until_settled(held);
    assert_eq!(world.asks.len(), 26);
    assert!(world.waited() >= 360 * SECOND);
}

#[test]
fn try_again_starts_the_wait_anew() {
    let mut world = World::new();
    let refused = ErrorCode::WorkerNotProcessingQueue;
    world.event(&Event::Play).answer(|_| reply(Answer::Problem(refused)));
    world.now.time += 60 * SECOND;
    world.event(&Event::Play);
    assert_eq!(world.machine.pressed, 160 * SECOND);
    assert_eq!(world.machine.state, State::Checking);
}

#[test]
fn who_pressed_play_elsewhere_since_is_not_interrupted() {
    let mut world = World::new();
    world.event(&Event::Play).answer(held);
    world.now.is_latest = false;
    world.answer(|_| reply(Answer::Ready));
    assert_eq!(world.machine.state, State::Ready(Sound::Paused));
    assert_eq!(world.done, [Effect::Load]);
}

#[test]
fn audio_that_breaks_is_loaded_once_more_and_then_offered_for_download() {
    let mut world = World::new();
    world.event(&Event::Play).answer(|_| reply(Answer::Ready));
    world.event(&Event::Broke { is_format: true }).answer(|_| reply(Answer::Ready));
    assert_eq!(world.machine.state, State::Ready(Sound::Loading));
    world.event(&Event::Broke { is_format: true }).answer(|_| reply(Answer::Ready));
    assert_eq!(world.machine.state, State::Stopped(Fault::Unplayable));
}

#[test]
fn audio_that_breaks_because_the_recording_was_lost_waits_for_the_new_one() {
    let mut world = World::new();
    world.event(&Event::Play).answer(|_| reply(Answer::Ready)).event(&Event::Playing);
    world.event(&Event::Broke { is_format: true }).answer(held);
    assert!(matches!(world.machine.state, State::Waiting(_)));
}

#[test]
fn audio_that_breaks_while_it_is_paused_stays_silent() {
    let mut world = World::new();
    world.event(&Event::Play).answer(|_| reply(Answer::Ready)).event(&Event::Playing);
    world.event(&Event::Paused);
    world.done.clear();
    world.event(&Event::Broke { is_format: false }).answer(|_| reply(Answer::Ready));
    assert_eq!(world.machine.state, State::Ready(Sound::Paused));
    assert_eq!(world.done, [Effect::Load]);
}

#[test]
fn a_connection_that_keeps_breaking_is_given_up() {
    let mut world = World::new();
    world.event(&Event::Play).answer(|_| reply(Answer::Ready));
    for _ in 0..2 {
        world.event(&Event::Broke { is_format: false }).answer(|_| reply(Answer::Ready));
    }
    world.event(&Event::Broke { is_format: false });
    assert_eq!(world.machine.state, stopped(ErrorType::Unreachable));
}

proptest! {
    /// However the server holds, declines or comes back early: no more than twelve scheduled
    /// retries (and one ask for what was cut off the last), and no verdict before 180 seconds.
    #[test]
    fn the_promise_of_patience_holds_whatever_the_server_does(
        whims in prop::collection::vec((any::<bool>(), 0.0f64..=1.0), 14),
        random in 0.0f64..=1.0,
    ) {
        let mut world = World::given(|now| now.random = random);
        let mut whims = whims.into_iter();
        world.event(&Event::Play).until_settled(|hold| {
            let (holds, part) = whims.next().expect("no more than fourteen asks");
            if !holds {
                return declined();
            }
            let mut reply = held(hold);
            reply.after = reply.after.mul_f64(part);
            reply
        });
        prop_assert_eq!(world.machine.state, stopped(ErrorType::TimedOut));
        prop_assert!(world.waited() >= 180 * SECOND, "{:?}", world.waited());
        prop_assert!(world.waited() <= 400 * SECOND, "{:?}", world.waited());
    }
}
