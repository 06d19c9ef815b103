//! The program's processes: servers and workers, each with a clock of its own that is wrong in its
//! own way, killed, paused and started again.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use rustix::process::Signal;
use tokio::{sync::Mutex, time::sleep};

/// Wrong clocks, by turns. PostgreSQL's is the one that counts; S3 servers refuse to talk to one that
/// is wrong by more than a quarter of an hour.
const CLOCKS: [&str; 4] = ["+0", "+11m", "-13m", "+41s"];

pub(crate) struct Cluster {
    pub(crate) servers: Vec<Process>,
    pub(crate) workers: Vec<Process>,
    /// How often one was started again because it could not begin.
    pub(crate) revived: AtomicU64,
}

/// The exit code of a process that can't begin (contract.md); whoever runs it starts it again.
const CANNOT_BEGIN: i32 = 2;

impl Cluster {
    pub(crate) fn revived(&self) -> u64 {
        self.revived.load(Ordering::Relaxed)
    }

    /// What systemd or a container engine does: starts again what could not begin.
    pub(crate) async fn supervise(&self) {
        loop {
            for process in self.servers.iter().chain(&self.workers) {
                if process.revive().await {
                    self.revived.fetch_add(1, Ordering::Relaxed);
                }
            }
            sleep(Duration::from_millis(250)).await;
        }
    }
}

/// A place for a process, which is filled again after each death.
pub(crate) struct Process {
    pub(crate) name: String,
    arguments: Vec<String>,
    settings: Vec<(String, String)>,
    folder: PathBuf,
    /// Held for as long as something is done to it.
    child: Mutex<Child>,
}

impl Process {
    pub(crate) fn start(
        name: &str,
        arguments: &[&str],
        settings: &[(String, String)],
        folder: &Path,
        nth: usize,
    ) -> Self {
        let mut settings = settings.to_vec();
        if let Some(library) = faketime() {
            settings.push(("LD_PRELOAD".into(), library));
            settings.push(("FAKETIME".into(), CLOCKS[nth % CLOCKS.len()].into()));
            settings.push(("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()));
        }
        let arguments: Vec<_> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let child = spawn(name, &arguments, &settings, folder);
        let child = Mutex::new(child);
        Self { name: name.into(), arguments, settings, folder: folder.into(), child }
    }

    /// SIGKILL; another takes its place after a while.
    pub(crate) async fn kill(&self, down_for: Duration) {
        let mut child = self.child.lock().await;
        child.kill().unwrap();
        child.wait().unwrap();
        sleep(down_for).await;
        *child = spawn(&self.name, &self.arguments, &self.settings, &self.folder);
    }

    /// SIGSTOP, and SIGCONT after a while.
    pub(crate) async fn pause(&self, time: Duration) {
        let child = self.child.lock().await;
        signal("-STOP", child.id());
        sleep(time).await;
        signal("-CONT", child.id());
    }

    /// SIGTERM; another takes its place when it has ended, in order.
    pub(crate) async fn terminate(&self) {
        let mut child = self.child.lock().await;
        signal("-TERM", child.id());
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            sleep(Duration::from_millis(20)).await;
        };
        // The signal itself ends one that has not begun yet, and so has nothing to put in order; or it
        // could not begin.
        let has_not_begun =
            status.signal() == Some(Signal::TERM.as_raw()) || status.code() == Some(CANNOT_BEGIN);
        assert!(status.success() || has_not_begun, "{} did not end in order: {status}", self.name);
        *child = spawn(&self.name, &self.arguments, &self.settings, &self.folder);
    }

    /// Starts it again where a part that it needs was away when it started. Whether it did.
    async fn revive(&self) -> bool {
        let mut child = self.child.lock().await;
        let ended = child.try_wait().unwrap();
        let could_not_begin = ended.is_some_and(|status| status.code() == Some(CANNOT_BEGIN));
        if could_not_begin {
            *child = spawn(&self.name, &self.arguments, &self.settings, &self.folder);
        }
        could_not_begin
    }

    /// Nothing should make it end by itself. Its log says why.
    pub(crate) async fn has_ended(&self) -> Option<String> {
        let status = self.child.lock().await.try_wait().unwrap()?;
        Some(format!("{} ended by itself: {status}\n{}", self.name, self.log()))
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(log(&self.folder, &self.name)).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn spawn(name: &str, arguments: &[String], settings: &[(String, String)], folder: &Path) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(log(folder, name)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_tapedeck"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::from(File::try_clone(&log).unwrap()))
        .stderr(Stdio::from(log))
        .spawn()
        .unwrap()
}

fn log(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.log"))
}

pub(crate) fn signal(signal: &str, process: u32) {
    // A process that ended meanwhile has no need of it.
    let _ =
        Command::new("kill").args([signal, &process.to_string()]).stderr(Stdio::null()).status();
}

/// The library that shows a process another time of day (Debian's `libfaketime`).
pub(crate) fn faketime() -> Option<String> {
    let named = std::env::var("TAPEDECK_TEST_FAKETIME").ok();
    let debian = ["x86_64", "aarch64"]
        .map(|machine| format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketime.so.1"));
    named.or_else(|| debian.into_iter().find(|path| Path::new(path).exists()))
}
