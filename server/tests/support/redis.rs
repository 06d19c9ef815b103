//! A real `redis-server` for one test.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A `redis-server` of its own on a socket in a temporary folder; ends with the test.
pub(crate) struct Redis {
    process: Child,
    folder: tempfile::TempDir,
}

impl Redis {
    /// `None` where no `redis-server` is installed, unless `TAPEDECK_TEST_REDIS_SERVER` names one.
    pub(crate) fn start() -> Option<Self> {
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

    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("redis.sock").display())
    }

    /// What a person would see with `redis-cli`.
    pub(crate) async fn tell<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
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
