//! A real `redis-server` for one test.

#![allow(dead_code)] // no test uses all of it

#[allow(clippy::duplicate_mod)] // each helper brings it
mod skip;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Mutex,
    thread,
};

/// A `redis-server` of its own on a socket in a temporary folder; ends with the test.
pub(crate) struct Redis {
    process: Mutex<Child>,
    folder: tempfile::TempDir,
}

impl Redis {
    /// `None` where no `redis-server` is installed, unless `TAPEDECK_TEST_REDIS_SERVER` names one.
    pub(crate) fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let process = Mutex::new(serve(folder.path())?);
        Some(Self { process, folder })
    }

    /// Ends it at once. It keeps nothing.
    pub(crate) fn stop(&self) {
        let mut process = self.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Empty, at the same place.
    pub(crate) fn start_again(&self) {
        *self.process.lock().unwrap() = serve(self.folder.path()).unwrap();
    }

    /// Lets it hang: connections stay open, and nothing is answered.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.lock().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
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
        let process = self.process.get_mut().unwrap();
        let _ = process.kill();
        let _ = process.wait();
    }
}

fn serve(folder: &Path) -> Option<Child> {
    let named = std::env::var_os("TAPEDECK_TEST_REDIS_SERVER");
    let program = named.clone().unwrap_or_else(|| "redis-server".into());
    let started = Command::new(program)
        .args(["--port", "0", "--save", "", "--unixsocket"])
        .arg(folder.join("redis.sock"))
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn();
    let mut process = match started {
        Ok(process) => process,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            skip::report("redis-server");
            return None;
        }
        Err(error) => panic!("redis-server can't be started: {error}"),
    };
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let ready = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.to_lowercase().contains("ready to accept"));
    assert!(ready, "redis-server ended before it was ready");
    // What it goes on to say must not fill the pipe.
    thread::spawn(move || lines.for_each(drop));
    Some(process)
}
