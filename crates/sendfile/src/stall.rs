//! Notices a peer that takes nothing for a long time, at the cost of one timer that is seldom
//! touched: progress is only noted, and looked at when the timer fires.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Fails a write that waits for longer than `limit`, and before twice that.
#[derive(Debug)]
pub(super) struct Stall {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    progressed: bool,
}

impl Stall {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, timer: None, progressed: false }
    }

    /// The peer took something.
    pub(super) fn progressed(&mut self) {
        self.progressed = true;
    }

    /// The peer takes nothing now; wakes the task again when it has been so for too long.
    pub(super) fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        while timer.as_mut().poll(cx) == Poll::Ready(()) {
            if !std::mem::take(&mut self.progressed) {
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

    /// Waits as a write that gets nowhere does, until it is given up; says how often it looked.
    async fn looks_until_given_up(stall: &mut Stall) -> usize {
        let mut looks = 0;
        poll_fn(|cx| {
            looks += 1;
            stall.check(cx).map_or(Poll::Ready(()), |()| Poll::Pending)
        })
        .await;
        looks
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_is_given_up_when_the_timer_fires() {
        assert_eq!(looks_until_given_up(&mut Stall::new(LIMIT)).await, 2);
    }

    #[tokio::test]
    async fn a_peer_that_took_something_meanwhile_is_given_another_limit() {
        let mut stall = Stall::new(LIMIT);
        stall.progressed();
        assert_eq!(looks_until_given_up(&mut stall).await, 3);
    }
}
