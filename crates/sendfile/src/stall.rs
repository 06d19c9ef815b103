//! Notices a peer that does not read its response, at the cost of one timer that is seldom touched:
//! progress is only counted, and compared when the timer fires.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Fails a write that waits for longer than `limit`, and before twice that, unless the peer took
/// `least` bytes meanwhile.
#[derive(Debug)]
pub(super) struct Stall {
    limit: Duration,
    least: usize,
    timer: Option<Pin<Box<Sleep>>>,
    taken: usize,
    /// The peer has not taken all that it was offered.
    waiting: bool,
}

impl Stall {
    pub(super) fn new(limit: Duration, least: usize) -> Self {
        Self { limit, least, timer: None, taken: 0, waiting: false }
    }

    /// The peer took bytes; `all`: everything that was offered.
    pub(super) fn progressed(&mut self, bytes: usize, all: bool) {
        self.taken = self.taken.saturating_add(bytes);
        self.waiting &= !all;
    }

    /// The peer takes nothing now. Wakes the task again when that has lasted too long.
    pub(super) fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !self.waiting {
            self.waiting = true;
            self.taken = 0;
            timer.as_mut().reset(Instant::now() + limit);
        }
        while timer.as_mut().poll(cx) == Poll::Ready(()) {
            if std::mem::take(&mut self.taken) < self.least {
                return Err(io::ErrorKind::TimedOut.into());
            }
            timer.as_mut().reset(Instant::now() + limit);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(100);
    const LEAST: usize = 1_000;

    /// Waits as a write without progress does, until it fails; the number of checks.
    async fn checks_until_failure(stall: &mut Stall) -> usize {
        let mut checks = 0;
        poll_fn(|cx| {
            checks += 1;
            stall.check(cx).map_or(Poll::Ready(()), |()| Poll::Pending)
        })
        .await;
        checks
    }

    /// A write that waits already.
    async fn waiting() -> Stall {
        let mut stall = Stall::new(LIMIT, LEAST);
        poll_fn(|cx| Poll::Ready(stall.check(cx))).await.unwrap();
        stall
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_fails_when_the_timer_fires() {
        assert_eq!(checks_until_failure(&mut Stall::new(LIMIT, LEAST)).await, 2);
    }

    #[tokio::test]
    async fn a_peer_that_took_enough_meanwhile_has_another_limit() {
        let mut stall = waiting().await;
        stall.progressed(LEAST, false);
        assert_eq!(checks_until_failure(&mut stall).await, 3);
    }

    #[tokio::test]
    async fn a_peer_that_takes_a_little_now_and_then_fails_too() {
        let mut stall = waiting().await;
        stall.progressed(LEAST - 1, false);
        assert_eq!(checks_until_failure(&mut stall).await, 2);
    }

    #[tokio::test]
    async fn a_peer_that_took_everything_begins_anew() {
        let mut stall = waiting().await;
        let armed = |stall: &Stall| stall.timer.as_ref().unwrap().deadline();
        let before = armed(&stall);
        stall.progressed(1, true);
        poll_fn(|cx| Poll::Ready(stall.check(cx))).await.unwrap();
        assert!(armed(&stall) > before);
    }
}
