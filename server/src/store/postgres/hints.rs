//! Hints by `LISTEN` and `NOTIFY` (PostgreSQL 15, SQL commands), on two connections of their own.
//!
//! They are sent apart from the transactions that they tell of, and many at a time: a commit that
//! notifies takes a lock that all such commits of the server share, and would wait for the disk
//! under it.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sqlx::{
    Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{
    select,
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};
use tracing::{debug, info, warn};
use uuid::Uuid;

use super::{PostgresStore, pool::with_timeout};
use crate::store::{Hint, Hints, Result, StoreError};

/// While nothing is heard, everybody looks this often.
const POLL: Duration = Duration::from_secs(2);
const CHANNEL: &str = "tapedeck";
/// Marks a call that has work to be taken. No call id contains it.
const WORK: char = '!';
/// Calls told of in one notification: its payload must be shorter than 8,000 bytes, a call id has
/// at most 64 characters.
const AT_ONCE: usize = 100;
/// How often a process says something that it should hear itself: a connection can be dead
/// without saying so, and a pooler between may swallow what it does not understand.
const ECHO_EVERY: Duration = Duration::from_secs(10);
const DEAF_AFTER: Duration = Duration::from_secs(25);
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// Between two connections.
const PAUSE: Duration = Duration::from_secs(1);

#[async_trait]
impl Hints for PostgresStore {
    fn poll_every(&self) -> Duration {
        POLL
    }

    async fn relay(&self, mut ours: mpsc::Receiver<Hint>, theirs: &(dyn Fn(Hint) + Send + Sync)) {
        // What this process said comes back to it, and must not be passed on.
        let me = Uuid::new_v4().simple().to_string();
        let mut is_deaf = false;
        loop {
            let line = Line { me: &me, heard_at: Mutex::new(Instant::now()) };
            match line.hold(&self.options, &mut ours, theirs, &mut is_deaf).await {
                Ok(()) => return,
                Err(error) if !is_deaf => {
                    is_deaf = true;
                    warn!(%error, "no notifications from the database; looking every 2 s instead");
                }
                Err(error) => debug!(%error, "still no notifications from the database"),
            }
            sleep(PAUSE).await;
        }
    }
}

/// A connection that listens and one that tells.
struct Line<'a> {
    me: &'a str,
    heard_at: Mutex<Instant>,
}

impl Line<'_> {
    /// Until one of the connections fails, or nobody sends any more.
    async fn hold(
        &self,
        options: &PgConnectOptions,
        ours: &mut mpsc::Receiver<Hint>,
        theirs: &(dyn Fn(Hint) + Send + Sync),
        is_deaf: &mut bool,
    ) -> Result<()> {
        let (listener, teller) = with_timeout(TOLD_WITHIN, async {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .max_lifetime(None)
                .idle_timeout(None)
                .connect_lazy_with(options.clone());
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            // A notification is worth no waiting for the disk.
            let quick = options.clone().options([("synchronous_commit", "off")]);
            Ok((listener, PgConnection::connect_with(&quick).await?))
        })
        .await?;
        if std::mem::take(is_deaf) {
            info!("notifications from the database are back");
        }
        select! {
            ended = self.listen(listener, theirs) => ended,
            ended = self.tell(teller, ours) => ended,
        }
    }

    async fn listen(
        &self,
        mut listener: PgListener,
        theirs: &(dyn Fn(Hint) + Send + Sync),
    ) -> Result<()> {
        while let Some(notification) = listener.try_recv().await? {
            if let Ok(mut heard_at) = self.heard_at.lock() {
                *heard_at = Instant::now();
            }
            hints_of_others(notification.payload(), self.me).for_each(theirs);
        }
        Err(StoreError::Unavailable(sqlx::Error::WorkerCrashed))
    }

    async fn tell(&self, mut teller: PgConnection, ours: &mut mpsc::Receiver<Hint>) -> Result<()> {
        let mut echo = interval(ECHO_EVERY);
        echo.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hints = Vec::with_capacity(AT_ONCE);
        loop {
            select! {
                count = ours.recv_many(&mut hints, AT_ONCE) => if count == 0 { return Ok(()) },
                _ = echo.tick() => {
                    let heard_at = self.heard_at.lock().map_or_else(|_| Instant::now(), |at| *at);
                    if heard_at.elapsed() > DEAF_AFTER {
                        return Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut));
                    }
                }
            }
            let payload = payload(self.me, &hints);
            hints.clear();
            with_timeout(TOLD_WITHIN, async {
                sqlx::query("SELECT pg_notify($1, $2)")
                    .bind(CHANNEL)
                    .bind(payload)
                    .execute(&mut teller)
                    .await?;
                Ok(())
            })
            .await?;
        }
    }
}

/// Who says it, then the calls; with none it is an echo.
fn payload(me: &str, hints: &[Hint]) -> String {
    let mut payload = me.to_owned();
    for hint in hints {
        payload.push(' ');
        if hint.is_work {
            payload.push(WORK);
        }
        payload.push_str(hint.call_sid.as_str());
    }
    payload
}

/// What somebody else says in a payload. Rubbish in it is passed over.
fn hints_of_others<'p>(payload: &'p str, me: &str) -> impl Iterator<Item = Hint> + 'p {
    let mut words = payload.split(' ');
    let is_own = words.next() == Some(me);
    words.filter(move |_| !is_own).filter_map(|word| {
        let call = word.strip_prefix(WORK);
        let call_sid = call.unwrap_or(word).parse().ok()?;
        Some(Hint { call_sid, is_work: call.is_some() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(call: &str, is_work: bool) -> Hint {
        Hint { call_sid: call.parse().unwrap(), is_work }
    }

    #[test]
    fn what_one_process_says_another_understands_and_itself_passes_over() {
        let hints = [hint("CA1", false), hint("a.b_c-d", true)];
        let payload = payload("me", &hints);
        assert_eq!(hints_of_others(&payload, "you").collect::<Vec<_>>(), hints);
        assert_eq!(hints_of_others(&payload, "me").count(), 0);
        assert_eq!(hints_of_others("", "me").count(), 0);
        assert_eq!(
            hints_of_others("you ! .bad CA1", "me").collect::<Vec<_>>(),
            [hint("CA1", false)]
        );
    }

    #[test]
    fn the_longest_payload_is_short_enough() {
        let hints = vec![hint(&"x".repeat(64), true); AT_ONCE];
        let me = Uuid::new_v4().simple().to_string();
        assert!(payload(&me, &hints).len() < 8_000);
    }
}
