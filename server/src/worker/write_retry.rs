//! Writes to a database that may be away for a while: again, with pauses, as long as it can still
//! matter. Decides nothing about what is written.

use std::{future::Future, time::Duration};

use tokio::{
    select,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::store::{Result, StoreError};

pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause is so many times the first.
const LONGEST: u32 = 20;
/// A process that has to end tries so often more.
const LAST_TRIES: u32 = 3;

/// How long it is worth trying.
#[derive(Clone, Debug)]
pub(super) struct WriteRetry {
    /// Then others may have decided.
    pub(super) until: Instant,
    /// Between the first try and the second; it doubles with each.
    pub(super) first_pause: Duration,
    /// Cancelled when the process has to end.
    pub(super) hurry: CancellationToken,
}

impl WriteRetry {
    /// Does `call` until the database answers, or there is no more time.
    pub(super) async fn run<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut pause = self.first_pause;
        let mut tries_left = LAST_TRIES;
        loop {
            let error = match call().await {
                Err(error @ StoreError::Unavailable(_)) => error,
                answer => return answer,
            };
            if self.hurry.is_cancelled() {
                tries_left -= 1;
            }
            if tries_left == 0 || Instant::now() + pause >= self.until {
                return Err(error);
            }
            select! {
                () = sleep(pause) => {}
                // Only the pause in which the hurry begins is cut short.
                () = self.hurry.cancelled(), if tries_left == LAST_TRIES => {}
            }
            let longest = if self.hurry.is_cancelled() { 1 } else { LONGEST };
            pause = (pause * 2).min(self.first_pause * longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    fn write_retry(time: Duration) -> WriteRetry {
        let until = Instant::now() + time;
        WriteRetry { until, first_pause: MOMENT, hurry: CancellationToken::new() }
    }

    /// How often a database that answers at the `back`th try is asked, and whether that was enough.
    async fn tries(write_retry: &WriteRetry, back: u32) -> (u32, bool) {
        let mut tries = 0;
        let answer = write_retry.run(|| {
            tries += 1;
            let is_back = tries >= back;
            async move { if is_back { Ok(()) } else { Err(away()) } }
        });
        let is_answered = answer.await.is_ok();
        (tries, is_answered)
    }

    fn away() -> StoreError {
        StoreError::Unavailable(sqlx::Error::PoolTimedOut)
    }

    #[tokio::test]
    async fn it_goes_on_until_the_database_is_back_or_the_time_is_up() {
        assert_eq!(tries(&write_retry(60_000 * MOMENT), 8).await, (8, true));
        let (tried, is_answered) = tries(&write_retry(20 * MOMENT), 100).await;
        assert!(tried > 1 && !is_answered);
        assert_eq!(
            tries(&write_retry(Duration::ZERO), 20).await,
            (1, false),
            "it is tried once in any case"
        );
    }

    #[tokio::test]
    async fn in_a_hurry_a_few_tries_are_enough() {
        let write_retry = write_retry(60_000 * MOMENT);
        write_retry.hurry.cancel();
        assert_eq!(tries(&write_retry, 20).await, (3, false));
    }

    #[tokio::test]
    async fn a_fault_is_not_tried_again() {
        let mut tries = 0;
        let answer: Result<()> = write_retry(60_000 * MOMENT)
            .run(|| {
                tries += 1;
                async { Err(StoreError::Fault("ours".into())) }
            })
            .await;
        assert!(answer.is_err());
        assert_eq!(tries, 1);
    }
}
