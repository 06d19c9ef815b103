//! The mirror against a real `redis-server`, and without one.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

#[path = "support/redis.rs"]
mod redis_server;

use std::time::Duration;

use server::{engine::AttemptCounter, redis::RedisAttemptCounter};
use shared::CallSid;

use redis_server::Redis;

const KEY: &str = "recording_retry_attempts:CA1";

fn call() -> CallSid {
    "CA1".parse().unwrap()
}

#[tokio::test]
async fn the_number_is_plain_and_lives_for_one_window() {
    let Some(redis) = Redis::start() else { return };
    let attempt_counter = RedisAttemptCounter::new(&redis.url()).unwrap();
    assert_eq!(attempt_counter.read(&call()).await, None);
    attempt_counter.set(&call(), 2, Duration::from_mins(10)).await;
    assert_eq!(redis.tell::<String>(&["GET", KEY]).await, "2");
    let seconds = redis.tell::<u64>(&["TTL", KEY]).await;
    assert!((1..=600).contains(&seconds), "{seconds}");
    assert_eq!(attempt_counter.read(&call()).await, Some(2));
    attempt_counter.clear(&call()).await;
    assert_eq!(redis.tell::<Option<String>>(&["GET", KEY]).await, None);
}

#[tokio::test]
async fn rubbish_in_redis_counts_as_nothing() {
    let Some(redis) = Redis::start() else { return };
    let attempt_counter = RedisAttemptCounter::new(&redis.url()).unwrap();
    for rubbish in ["", "many", "-1", "99999999999"] {
        redis.tell::<()>(&["SET", KEY, rubbish]).await;
        assert_eq!(attempt_counter.read(&call()).await, None, "{rubbish:?}");
    }
}

#[tokio::test]
async fn without_redis_nothing_fails() {
    let attempt_counter = RedisAttemptCounter::new("redis+unix:///nonexistent/redis.sock").unwrap();
    attempt_counter.set(&call(), 1, Duration::from_mins(10)).await;
    assert_eq!(attempt_counter.read(&call()).await, None);
    attempt_counter.clear(&call()).await;
}
