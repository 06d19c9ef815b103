//! The real program, release build, on a free port and an empty folder of the disk that is measured.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use super::{
    Bench,
    http::{Answer, Connection},
};
use crate::checkout::Outcome;

pub(super) struct Tapedeck {
    child: Child,
    pub(super) address: SocketAddr,
    folder: PathBuf,
}

impl Tapedeck {
    /// Starts `tapedeck serve` with more arguments and settings, and waits until it can work.
    pub(super) fn start(
        bench: &Bench,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> Outcome<Self> {
        let folder = bench.scratch.folder()?;
        let address = free_address()?;
        let log = folder.join("log");
        let out = File::create(&log).map_err(|why| format!("{}: {why}", log.display()))?;
        let program = bench.checkout.target().join("release/tapedeck");
        let child = Command::new(&program)
            .arg("serve")
            .args(arguments)
            .current_dir(&folder)
            // The environment of the measurement may hold other settings.
            .env_clear()
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .env("LEPTOS_SITE_ROOT", bench.checkout.root.join("target/site"))
            .env("TAPEDECK_DATABASE_URL", format!("sqlite://{}/tapedeck.db", folder.display()))
            .env("TAPEDECK_STORAGE_URL", format!("file://{}/recordings", folder.display()))
            .env("TAPEDECK_PROVIDER_ALLOW", bench.provider.host())
            .envs(settings.iter().copied())
            .stdout(out.try_clone().map_err(|why| format!("{}: {why}", log.display()))?)
            .stderr(out)
            .spawn()
            .map_err(|why| format!("{}: {why}", program.display()))?;
        let mut deck = Self { child, address, folder };
        deck.wait_until_ready().map_err(|why| {
            let log = fs::read_to_string(&log).unwrap_or_default();
            format!("tapedeck did not start: {why}\n{log}")
        })?;
        Ok(deck)
    }

    fn wait_until_ready(&mut self) -> Outcome {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("{status}"));
            }
            let ready = Connection::open(self.address)
                .and_then(|mut connection| connection.get("/readyz", ""));
            if ready.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err("not ready after 30 s".to_owned())
    }

    pub(super) fn connect(&self) -> Outcome<Connection> {
        Connection::open(self.address).map_err(|why| format!("tapedeck: {why}"))
    }

    /// The most memory it has had, in bytes.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kibibytes * 1024)
    }
}

impl Drop for Tapedeck {
    /// Prints the log if the process ended by itself, which is why a measurement failed.
    fn drop(&mut self) {
        if let Ok(Some(status)) = self.child.try_wait() {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            eprintln!("-- tapedeck ended by itself: {status}\n{log}");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Registers a call whose recording is at this path of the stub provider.
pub(super) fn put(
    connection: &mut Connection,
    bench: &Bench,
    call_sid: &str,
    path: &str,
) -> Outcome {
    let body = format!("{{\"recording_url\":\"http://{}{path}\"}}", bench.provider.host());
    let answer = connection
        .ask("PUT", &format!("/api/calls/{call_sid}"), "Content-Type: application/json\r\n", &body)
        .map_err(|why| format!("PUT {call_sid}: {why}"))?;
    match answer.status {
        200 | 201 => Ok(()),
        status => Err(format!("PUT {call_sid}: {status} {}", answer.text())),
    }
}

/// Asks for a recording until the answer is no longer 202, by requests that the server holds.
pub(super) fn wait_for(connection: &mut Connection, call_sid: &str) -> Outcome<Answer> {
    let path = file(call_sid);
    let failed = |why: std::io::Error| format!("GET {path}: {why}");
    loop {
        let answer = connection.get(&path, "Prefer: wait=30\r\n").map_err(failed)?;
        match answer.status {
            200 => return Ok(answer),
            // A server that declined to hold says when to come back.
            202 if answer.header("preference-applied").is_none() => {
                let seconds = answer.header("retry-after").and_then(|after| after.parse().ok());
                thread::sleep(Duration::from_secs(seconds.unwrap_or(1)));
            }
            202 => {}
            status => return Err(format!("GET {path}: {status} {}", answer.text())),
        }
    }
}

/// The file route of a call.
pub(super) fn file(call_sid: &str) -> String {
    format!("/api/recordings/file/{call_sid}")
}

/// A free address of 127.0.0.1.
pub(crate) fn free_address() -> Outcome<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(|why| format!("no free port: {why}"))
}

/// Waits until the address accepts connections.
pub(super) fn wait_until_listening(address: SocketAddr) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_err() {
        if Instant::now() > deadline {
            return Err("does not listen after 10 s".to_owned());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
