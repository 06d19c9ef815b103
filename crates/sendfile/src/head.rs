//! Times the wait for a request's head: one timer for a connection, touched only while a read waits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// How far a connection's requests have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Requests {
    /// How many heads have arrived in full.
    pub(super) started: u32,
    /// Whether the last of them is being answered.
    pub(super) answering: bool,
}

/// The peer was too slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooSlow {
    /// Without a byte of a request: nothing to answer.
    Silent,
    /// With a part of a head.
    Partial,
}

/// What a connection waits for. Pure.
#[derive(Debug)]
struct Wait {
    /// For a whole head.
    head: Duration,
    /// For the first byte of the next one.
    idle: Duration,
    /// The requests that had started when the state was last changed.
    seen: u32,
    state: State,
    since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The connection is new.
    New,
    /// The connection has had a request.
    Idle,
    /// A part of a head has arrived.
    Partial,
}

impl Wait {
    fn new(head: Duration, idle: Duration) -> Self {
        Self { head, idle, seen: 0, state: State::New, since: None }
    }

    fn update(&mut self, requests: Requests) {
        if requests.answering || requests.started != self.seen {
            self.seen = requests.started;
            self.state = State::Idle;
            self.since = None;
        }
    }

    /// A read brought bytes.
    fn heard(&mut self, requests: Requests) {
        self.update(requests);
        if requests.answering {
            return;
        }
        if self.state == State::Idle {
            self.since = None;
        }
        self.state = State::Partial;
    }

    /// A read waits: until when it may.
    fn until(
        &mut self,
        requests: Requests,
        now: impl FnOnce() -> Instant,
    ) -> Option<(Instant, TooSlow)> {
        self.update(requests);
        if requests.answering {
            return None;
        }
        let since = *self.since.get_or_insert_with(now);
        Some(match self.state {
            State::New => (since + self.head, TooSlow::Silent),
            State::Idle => (since + self.idle, TooSlow::Silent),
            State::Partial => (since + self.head, TooSlow::Partial),
        })
    }
}

/// A connection's wait, and its timer.
#[derive(Debug)]
pub(super) struct HeadTimer {
    wait: Wait,
    timer: Option<Pin<Box<Sleep>>>,
}

impl HeadTimer {
    pub(super) fn new(head: Duration, idle: Duration) -> Self {
        Self { wait: Wait::new(head, idle), timer: None }
    }

    /// A read brought bytes.
    pub(super) fn heard(&mut self, requests: Requests) {
        self.wait.heard(requests);
    }

    /// A read waits.
    pub(super) fn poll_too_slow(
        &mut self,
        cx: &mut Context<'_>,
        requests: Requests,
    ) -> Poll<TooSlow> {
        let Some((deadline, outcome)) = self.wait.until(requests, Instant::now) else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        // A timer that is set too early fires and is set again: cheaper than with every request.
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= deadline {
                return Poll::Ready(outcome);
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const HEAD: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(30);

    fn waiting(started: u32) -> Requests {
        Requests { started, answering: false }
    }

    fn answering(started: u32) -> Requests {
        Requests { started, answering: true }
    }

    /// A wait, and when it ends if asked at these seconds.
    struct Play(Wait, Instant);

    impl Play {
        fn new() -> Self {
            Self(Wait::new(HEAD, IDLE), Instant::now())
        }

        fn at(&mut self, second: u64, requests: Requests) -> Option<(u64, TooSlow)> {
            let (start, now) = (self.1, self.1 + Duration::from_secs(second));
            self.0
                .until(requests, || now)
                .map(|(until, outcome)| ((until - start).as_secs(), outcome))
        }
    }

    #[test]
    fn a_connection_that_sends_nothing_has_as_long_as_a_head() {
        assert_eq!(Play::new().at(0, waiting(0)), Some((10, TooSlow::Silent)));
    }

    #[test]
    fn bytes_of_the_first_head_do_not_extend_its_time() {
        let mut play = Play::new();
        play.at(0, waiting(0));
        for second in [3, 6, 9] {
            play.0.heard(waiting(0));
            assert_eq!(play.at(second, waiting(0)), Some((10, TooSlow::Partial)));
        }
    }

    #[test]
    fn a_request_that_is_being_answered_is_not_timed() {
        let mut play = Play::new();
        play.at(0, waiting(0));
        play.0.heard(waiting(0));
        assert_eq!(play.at(1, answering(1)), None);
        play.0.heard(answering(1));
        assert_eq!(play.at(99, answering(1)), None);
    }

    #[test]
    fn an_idle_connection_has_longer_and_the_next_head_its_own_time() {
        let mut play = Play::new();
        play.0.heard(waiting(0));
        assert_eq!(play.at(5, waiting(1)), Some((35, TooSlow::Silent)), "answered unseen");
        assert_eq!(play.at(25, waiting(1)), Some((35, TooSlow::Silent)));
        play.0.heard(waiting(1));
        assert_eq!(play.at(26, waiting(1)), Some((36, TooSlow::Partial)));
        play.0.heard(waiting(1));
        assert_eq!(play.at(30, waiting(1)), Some((36, TooSlow::Partial)));
    }

    #[tokio::test]
    async fn the_timer_fires_when_the_wait_is_over() {
        let soon = Duration::from_millis(10);
        let mut timer = HeadTimer::new(soon, IDLE);
        let outcome = poll_fn(|cx| timer.poll_too_slow(cx, waiting(0))).await;
        assert_eq!(outcome, TooSlow::Silent);
        timer.heard(waiting(1));
        let outcome = poll_fn(|cx| timer.poll_too_slow(cx, waiting(1))).await;
        assert_eq!(outcome, TooSlow::Partial);
    }
}
