//! The mirror against a real `redis-server`, and without one.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in their helpers

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use server::{engine::AttemptsMirror, redis::RedisMirror};
use shared::CallSid;

/// A `redis-server` of its own on a socket in a temporary folder; ends with the test.
struct Redis {
    process: Child,
    folder: tempfile::TempDir,
}

impl Redis {
    /// `None` where no `redis-server` is installed, unless `TAPEDECK_TEST_REDIS_SERVER` names one.
    fn start() -> Option<Self> {
        let named = std::env::var_os("TAPEDECK_TEST_REDIS_SERVER");
        let program = named.clone().unwrap_or_else(|| "redis-server".into());
        let folder = tempfile::tempdir().unwrap();
        let started = Command::new(program)
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(folder.path().join("redis.sock"))
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                eprintln!("not run: no redis-server is installed");
                return None;
            }
            Err(error) => panic!("redis-server can't be started: {error}"),
        };
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready =
            lines.map_while(Result::ok).any(|line| line.to_lowercase().contains("ready to accept"));
        assert!(ready, "redis-server ended before it was ready");
        Some(Self { process, folder })
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("redis.sock").display())
    }

    /// What a person would see with `redis-cli`.
    async fn tell<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut told = redis::cmd(command[0]);
        told.arg(&command[1..]);
        told.query_async(&mut connection).await.unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const KEY: &str = "recording_retry_attempts:CA1";

fn call() -> CallSid {
    "CA1".parse().unwrap()
}

#[tokio::test]
async fn the_number_is_plain_and_lives_for_one_window() {
    let Some(redis) = Redis::start() else { return };
    let mirror = RedisMirror::new(&redis.url()).unwrap();
    assert_eq!(mirror.read(&call()).await, None);
    mirror.set(&call(), 2, Duration::from_mins(10)).await;
    assert_eq!(redis.tell::<String>(&["GET", KEY]).await, "2");
    let seconds = redis.tell::<u64>(&["TTL", KEY]).await;
    assert!((1..=600).contains(&seconds), "{seconds}");
    assert_eq!(mirror.read(&call()).await, Some(2));
    mirror.clear(&call()).await;
    assert_eq!(redis.tell::<Option<String>>(&["GET", KEY]).await, None);
}

#[tokio::test]
async fn rubbish_in_redis_counts_as_nothing() {
    let Some(redis) = Redis::start() else { return };
    let mirror = RedisMirror::new(&redis.url()).unwrap();
    for rubbish in ["", "many", "-1", "99999999999"] {
        redis.tell::<()>(&["SET", KEY, rubbish]).await;
        assert_eq!(mirror.read(&call()).await, None, "{rubbish:?}");
    }
}

#[tokio::test]
async fn without_redis_nothing_fails() {
    let mirror = RedisMirror::new("redis+unix:///nonexistent/redis.sock").unwrap();
    mirror.set(&call(), 1, Duration::from_mins(10)).await;
    assert_eq!(mirror.read(&call()).await, None);
    mirror.clear(&call()).await;
}
