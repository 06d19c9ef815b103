//! The mirror of attempts in Redis: a plain integer that `redis-cli GET` prints. Redis may be
//! emptied or vanish; then a warning, and the rows decide.

use std::{fmt::Display, sync::Arc, time::Duration};

use async_trait::async_trait;
use redis::{
    Client, FromRedisValue, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use shared::CallSid;
use tracing::warn;

use crate::{
    engine::{AttemptCounter, CounterState},
    metrics::Metrics,
};

/// No request waits longer than this for Redis, reconnecting included.
const PATIENCE: Duration = Duration::from_millis(500);

/// See the module.
pub struct RedisAttemptCounter {
    manager: ConnectionManager,
    metrics: Arc<Metrics>,
}

impl RedisAttemptCounter {
    /// A mirror at this URL (`redis://…`). Connects when it is first used, so it does not matter
    /// whether Redis is there yet. Must be called on a Tokio runtime.
    ///
    /// # Errors
    /// If the URL is not one of Redis.
    pub fn new(url: &str) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        let manager = ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?;
        Ok(Self { manager, metrics: Arc::default() })
    }

    /// Counts there when Redis does not answer.
    #[must_use]
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics, ..self }
    }

    async fn query<T: FromRedisValue>(&self, command: redis::Cmd) -> Option<T> {
        let mut connection = self.manager.clone();
        match tokio::time::timeout(PATIENCE, command.query_async(&mut connection)).await {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => self.unavailable(&error),
            Err(elapsed) => self.unavailable(&elapsed),
        }
    }

    fn unavailable<T>(&self, error: &dyn Display) -> Option<T> {
        warn!(%error, "Redis does not answer; the attempts in the database decide");
        self.metrics.redis_failed();
        None
    }
}

fn key(call_sid: &CallSid) -> String {
    format!("recording_retry_attempts:{call_sid}")
}

#[async_trait]
impl AttemptCounter for RedisAttemptCounter {
    async fn read(&self, call_sid: &CallSid) -> Option<u32> {
        let mut get = redis::cmd("GET");
        get.arg(key(call_sid));
        let text = self.query::<Option<String>>(get).await??;
        let number = text.parse().ok();
        if number.is_none() {
            warn!(%call_sid, "the attempts in Redis are not a number; the database decides");
        }
        number
    }

    async fn set(&self, call_sid: &CallSid, attempt: u32, window: Duration) {
        // Number and time to live in one command: a crash in between can't leave one without end.
        let mut set = redis::cmd("SET");
        set.arg(key(call_sid)).arg(attempt).arg("PX");
        set.arg(u64::try_from(window.as_millis()).unwrap_or(u64::MAX));
        let _: Option<()> = self.query(set).await;
    }

    async fn clear(&self, call_sid: &CallSid) {
        let mut del = redis::cmd("DEL");
        del.arg(key(call_sid));
        let _: Option<()> = self.query(del).await;
    }

    async fn state(&self) -> CounterState {
        match self.query::<()>(redis::cmd("PING")).await {
            Some(()) => CounterState::Reachable,
            None => CounterState::Unreachable,
        }
    }
}
