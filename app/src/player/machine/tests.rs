//! The machine in a harness: a clock that jumps, and a server played by a closure.

use proptest::prelude::*;
use shared::{ErrorCode, decision::Policy};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// The server's handling of a request.
struct Served {
    /// The time until the answer.
    after: Duration,
    reply: Reply,
}

fn reply(answer: Answer) -> Served {
    Served { after: Duration::ZERO, reply: Reply { answer, was_held: false, progress: None } }
}

fn preparing(attempt: u32) -> Reply {
    let answer = Answer::Preparing { retry_after: 2 * SECOND, worker_online: true };
    let progress = Progress { attempt, max_attempts: 3, ..Progress::default() };
    Reply { answer, was_held: false, progress: Some(progress) }
}

/// A 202 from a server that holds as long as allowed.
fn held(hold: Option<Duration>) -> Served {
    let was_held = hold.is_some();
    Served { after: hold.unwrap_or_default(), reply: Reply { was_held, ..preparing(0) } }
}

/// A 202 from a server that never holds.
fn declined() -> Served {
    Served { after: Duration::ZERO, reply: preparing(0) }
}

struct Harness {
    machine: Machine,
    now: Now,
    /// When each request was sent, and its hold.
    asks: Vec<(Duration, Option<Duration>)>,
    /// All effects but requests and timers.
    done: Vec<Effect>,
    /// The pending request and timer.
    ask: Option<(u32, Option<Duration>)>,
    timer: Option<(u32, Duration)>,
}

impl Harness {
    fn new() -> Self {
        let now =
            Now { time: 100 * SECOND, random: 0.5, may_hold: true, hidden: false, is_latest: true };
        let machine = Machine::new(Policy::default(), State::Idle, false);
        Self { machine, now, asks: Vec::new(), done: Vec::new(), ask: None, timer: None }
    }

    /// A player whose page was sent with the element's source.
    fn with_source() -> Self {
        let machine = Machine::new(Policy::default(), State::Idle, true);
        Self { machine, ..Self::new() }
    }

    fn given(change: impl FnOnce(&mut Now)) -> Self {
        let mut player = Self::new();
        change(&mut player.now);
        player
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

    /// Lets the server answer one request; first fires the timer before it.
    fn answer(&mut self, mut serve: impl FnMut(Option<Duration>) -> Served) -> &mut Self {
        if let Some((generation, at)) = self.timer.take() {
            self.now.time = at;
            self.event(&Event::TimerFired { generation });
        }
        let (generation, hold) = self.ask.take().expect("a request is pending");
        let Served { after, reply } = serve(hold);
        self.now.time += after;
        self.event(&Event::Answered { generation, reply })
    }

    /// Lets the server answer until no request is pending.
    fn until_settled(&mut self, mut serve: impl FnMut(Option<Duration>) -> Served) -> &mut Self {
        for _ in 0..100 {
            if self.ask.is_none() && self.timer.is_none() {
                return self;
            }
            self.answer(&mut serve);
        }
        panic!("still pending after a hundred answers: {:?}", self.machine.state);
    }

    fn waited(&self) -> Duration {
        self.now.time.saturating_sub(100 * SECOND)
    }

    fn is_settled(&self) -> bool {
        self.ask.is_none() && self.timer.is_none()
    }
}

fn stopped(error: ErrorType) -> State {
    State::Stopped(Fault::Answer(error))
}

#[test]
fn no_request_is_sent_before_play_is_pressed() {
    let mut player = Harness::new();
    for event in
        [Event::Visible, Event::CheckNow, Event::TimerFired { generation: 0 }, Event::PageHidden]
    {
        player.event(&event);
    }
    assert_eq!(player.machine.state, State::Idle);
    assert!(player.asks.is_empty());
}

#[test]
fn a_ready_recording_plays_after_one_request() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(|_| reply(Answer::Ready)).event(&Event::Playing);
    assert_eq!(player.machine.state, State::Ready(Sound::Playing));
    assert_eq!(player.asks, [(100 * SECOND, None)]);
    assert_eq!(player.done, [Effect::Load, Effect::Start]);
}

#[test]
fn a_page_sent_with_the_source_plays_without_a_request() {
    let mut player = Harness::with_source();
    player.event(&Event::Play);
    assert_eq!(player.machine.state, State::Ready(Sound::Loading));
    assert_eq!((player.asks.len(), &player.done[..]), (0, &[Effect::Start][..]));
    player.event(&Event::Broke { is_format: false });
    assert_eq!(player.machine.state, State::Checking, "the recording's state is requested now");
}

#[test]
fn audio_that_plays_already_is_adopted() {
    for (event, sound) in [
        (Event::Playing, Sound::Playing),
        (Event::Buffering, Sound::Loading),
        (Event::Paused, Sound::Paused),
    ] {
        let mut player = Harness::with_source();
        player.event(&event);
        assert_eq!(player.machine.state, State::Ready(sound));
        assert!(player.asks.is_empty() && player.done.is_empty());
    }
}

#[test]
fn a_final_answer_is_the_last_request() {
    for code in ErrorCode::ALL {
        let mut player = Harness::new();
        player.event(&Event::Play).answer(|_| reply(Answer::Problem(*code)));
        assert!(matches!(player.machine.state, State::Stopped(_)), "{code}");
        assert!(player.is_settled() && player.asks.len() == 1, "{code}");
    }
}

#[test]
fn the_first_request_is_not_held_and_the_delay_is() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(held);
    let [(_, None), (at, Some(hold))] = player.asks[..] else { panic!("{:?}", player.asks) };
    assert_eq!(at, 100 * SECOND);
    assert!(hold > SECOND && hold <= 2 * SECOND, "{hold:?}");
}

#[test]
fn ready_ends_a_held_request_early() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(held);
    player.answer(|_| Served { after: SECOND / 2, reply: reply(Answer::Ready).reply });
    assert_eq!(player.machine.state, State::Ready(Sound::Loading));
    assert_eq!(player.waited(), SECOND / 2);
}

#[test]
fn a_holding_server_gets_thirteen_requests_in_three_minutes() {
    let mut player = Harness::new();
    player.event(&Event::Play).until_settled(held);
    assert_eq!(player.machine.state, stopped(ErrorType::TimedOut));
    assert_eq!(player.asks.len(), 13);
    assert!(player.waited() >= 180 * SECOND, "{:?}", player.waited());
}

#[test]
fn a_server_that_declines_to_hold_gets_no_more_and_no_earlier_requests() {
    let mut player = Harness::new();
    player.event(&Event::Play).until_settled(|_| declined());
    assert_eq!(player.machine.state, stopped(ErrorType::TimedOut));
    assert_eq!(player.asks.len(), 13);
    assert!(player.waited() >= 180 * SECOND, "{:?}", player.waited());
    // The first two go together: the second is the offer to be held.
    let gaps = player.asks.windows(2).skip(1).map(|pair| pair[1].0.saturating_sub(pair[0].0));
    assert!(gaps.min() >= Some(2 * SECOND));
}

#[test]
fn a_third_player_of_the_page_waits_by_timer() {
    let mut player = Harness::given(|now| now.may_hold = false);
    player.event(&Event::Play).until_settled(held);
    assert!(player.asks.iter().all(|(_, hold)| hold.is_none()));
    assert_eq!(player.asks.len(), 13);
}

#[test]
fn a_hidden_tab_waits_longer_and_requests_at_once_when_visible() {
    let mut player = Harness::given(|now| now.hidden = true);
    player.event(&Event::Play).answer(held);
    let (_, rings) = player.timer.expect("it waits by timer");
    assert!(rings.saturating_sub(player.now.time) >= 30 * SECOND);
    player.now.time += 3 * SECOND;
    player.now.hidden = false;
    player.event(&Event::Visible);
    assert_eq!(player.asks.len(), 2);
    assert_eq!(player.timer, None);
}

#[test]
fn a_visible_tab_leaves_a_held_request_alone() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(held).event(&Event::Visible);
    assert_eq!(player.asks.len(), 2);
}

#[test]
fn check_now_requests_at_once_and_is_no_scheduled_retry() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(|_| declined()).answer(|_| declined());
    for _ in 0..30 {
        player.event(&Event::CheckNow).answer(|_| declined());
    }
    player.until_settled(|_| declined());
    assert_eq!(player.asks.len(), 13 + 30);
    assert!(player.waited() >= 180 * SECOND);
}

#[test]
fn check_now_in_a_hold_costs_no_retry() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(held);
    for _ in 0..30 {
        player.event(&Event::CheckNow).answer(held);
    }
    let cut_short = player.asks.len() - 1;
    player.until_settled(held);
    assert_eq!(player.asks.len() - cut_short, 12);
    assert!(player.waited() >= 180 * SECOND);
}

#[test]
fn a_server_that_declined_may_hold_again_later() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(held).answer(|_| declined()).answer(held);
    assert!(player.timer.is_none(), "the delay is spent held again");
}

#[test]
fn cancel_ends_everything_and_a_late_answer_is_ignored() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(held);
    let (generation, _) = player.ask.expect("a held request");
    for event in [Event::Cancel, Event::PageHidden] {
        let mut player = Harness { machine: player.machine.clone(), ..Harness::new() };
        player.event(&event);
        assert_eq!(player.machine.state, State::Idle);
        assert!(player.is_settled());
        let reply = reply(Answer::Ready).reply;
        player.event(&Event::Answered { generation, reply });
        player.event(&Event::TimerFired { generation });
        assert_eq!(player.machine.state, State::Idle);
        assert!(player.asks.is_empty() && player.done.is_empty());
    }
}

#[test]
fn no_worker_online_at_the_end_blames_the_worker() {
    let mut player = Harness::new();
    player.event(&Event::Play).until_settled(|hold| {
        let mut reply = held(hold);
        reply.reply.answer = Answer::Preparing { retry_after: SECOND, worker_online: false };
        reply
    });
    assert_eq!(player.machine.state, stopped(ErrorType::WorkerOffline));
}

#[test]
fn an_unreachable_server_gets_three_more_requests() {
    let mut player = Harness::new();
    player.event(&Event::Play).until_settled(|_| reply(Answer::Foreign));
    assert_eq!(player.machine.state, stopped(ErrorType::Unreachable));
    assert_eq!(player.waited(), 7 * SECOND);
    assert_eq!(player.asks.len(), 4);
}

#[test]
fn a_network_error_in_between_does_not_shorten_the_wait() {
    let mut player = Harness::new();
    let mut n = 0;
    player.event(&Event::Play).until_settled(|hold| {
        n += 1;
        if n % 3 == 0 { reply(Answer::Foreign) } else { held(hold) }
    });
    assert_eq!(player.machine.state, stopped(ErrorType::TimedOut));
    assert!(player.waited() >= 180 * SECOND);
}

#[test]
fn keep_waiting_restarts_the_retries_and_keeps_the_displayed_wait() {
    let mut player = Harness::new();
    player.event(&Event::Play).until_settled(held);
    player.event(&Event::Play);
    assert_eq!(player.machine.pressed, 100 * SECOND);
    player.until_settled(held);
    assert_eq!(player.asks.len(), 26);
    assert!(player.waited() >= 360 * SECOND);
}

#[test]
fn try_again_restarts_the_wait() {
    let mut player = Harness::new();
    let refused = ErrorCode::WorkerNotProcessingQueue;
    player.event(&Event::Play).answer(|_| reply(Answer::Problem(refused)));
    player.now.time += 60 * SECOND;
    player.event(&Event::Play);
    assert_eq!(player.machine.pressed, 160 * SECOND);
    assert_eq!(player.machine.state, State::Checking);
}

#[test]
fn a_player_started_later_is_not_interrupted() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(held);
    player.now.is_latest = false;
    player.answer(|_| reply(Answer::Ready));
    assert_eq!(player.machine.state, State::Ready(Sound::Paused));
    assert_eq!(player.done, [Effect::Load]);
}

#[test]
fn failing_audio_is_loaded_once_more_and_then_offered_for_download() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(|_| reply(Answer::Ready));
    player.event(&Event::Broke { is_format: true }).answer(|_| reply(Answer::Ready));
    assert_eq!(player.machine.state, State::Ready(Sound::Loading));
    player.event(&Event::Broke { is_format: true }).answer(|_| reply(Answer::Ready));
    assert_eq!(player.machine.state, State::Stopped(Fault::Unplayable));
}

#[test]
fn failing_audio_of_a_lost_recording_waits_for_the_new_one() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(|_| reply(Answer::Ready)).event(&Event::Playing);
    player.event(&Event::Broke { is_format: true }).answer(held);
    assert!(matches!(player.machine.state, State::Waiting(_)));
}

#[test]
fn audio_that_fails_while_paused_stays_paused() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(|_| reply(Answer::Ready)).event(&Event::Playing);
    player.event(&Event::Paused);
    player.done.clear();
    player.event(&Event::Broke { is_format: false }).answer(|_| reply(Answer::Ready));
    assert_eq!(player.machine.state, State::Ready(Sound::Paused));
    assert_eq!(player.done, [Effect::Load]);
}

#[test]
fn a_repeatedly_failing_connection_stops() {
    let mut player = Harness::new();
    player.event(&Event::Play).answer(|_| reply(Answer::Ready));
    for _ in 0..2 {
        player.event(&Event::Broke { is_format: false }).answer(|_| reply(Answer::Ready));
    }
    player.event(&Event::Broke { is_format: false });
    assert_eq!(player.machine.state, stopped(ErrorType::Unreachable));
}

proptest! {
    /// However the server holds, declines or comes back early: no more than twelve scheduled
    /// retries (and one ask for what was cut off the last), and no verdict before 180 seconds.
    #[test]
    fn the_listener_gets_the_promised_patience_whatever_the_server_does(
        whims in prop::collection::vec((any::<bool>(), 0.0f64..=1.0), 14),
        random in 0.0f64..=1.0,
    ) {
        let mut player = Harness::given(|now| now.random = random);
        let mut whims = whims.into_iter();
        player.event(&Event::Play).until_settled(|hold| {
            let (holds, part) = whims.next().expect("no more than fourteen asks");
            if !holds {
                return declined();
            }
            let mut reply = held(hold);
            reply.after = reply.after.mul_f64(part);
            reply
        });
        prop_assert_eq!(player.machine.state, stopped(ErrorType::TimedOut));
        prop_assert!(player.waited() >= 180 * SECOND, "{:?}", player.waited());
        prop_assert!(player.waited() <= 400 * SECOND, "{:?}", player.waited());
    }
}
