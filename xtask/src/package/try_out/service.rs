//! A service of the installed package, started as its unit says: its command, its user, its settings and its
//! credentials. This program is its service manager.

use std::{
    fs::{self, File},
    io::ErrorKind,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        net::UnixDatagram,
    },
    path::PathBuf,
    process::{Child, ExitStatus},
    time::{Duration, Instant},
};

use super::root::Root;
use crate::checkout::{Outcome, run};

/// The services send `WATCHDOG=1` a few times in this time.
const WATCHDOG: Duration = Duration::from_secs(3);

/// Ends with its owner.
pub(super) struct Service {
    unit: String,
    child: Child,
    socket: UnixDatagram,
    log: PathBuf,
}

impl Service {
    pub(super) fn start(root: &Root, unit: &str) -> Outcome<Self> {
        let text = root.read(&format!("usr/lib/systemd/system/{unit}"))?;
        let all = |key: &str| -> Vec<&str> {
            let values = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            values.collect()
        };
        let one =
            |key: &str| all(key).first().copied().ok_or_else(|| format!("{unit} has no {key}"));
        let failed = |why: std::io::Error| format!("{unit}: {why}");

        let inside = format!("run/{unit}.notify");
        let path = root.path(&inside);
        let _ = fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).map_err(failed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).map_err(failed)?;

        let user = one("User")?;
        let credentials = credentials(root, unit, one("LoadCredential")?)?;
        let mut settings: Vec<_> = all("Environment").into_iter().map(str::to_owned).collect();
        let file = root.read(one("EnvironmentFile")?.trim_start_matches(['-', '/']))?;
        settings.extend(file.lines().filter(|line| !line.starts_with('#')).map(str::to_owned));

        let log = root.checkout().target().join(format!("package-dev/{unit}.log"));
        let out = File::options().create(true).append(true).open(&log).map_err(failed)?;
        let mut command = root.checkout().command("/usr/sbin/chroot");
        command.env_clear().envs(settings.iter().filter_map(|line| line.split_once('=')));
        command.env("NOTIFY_SOCKET", format!("/{inside}"));
        command.env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
        command.env("CREDENTIALS_DIRECTORY", credentials);
        command.arg(format!("--userspec={user}:{user}")).arg(root.folder());
        command.args(["/usr/bin/env", "--chdir", one("WorkingDirectory")?]);
        command.args(one("ExecStart")?.split_whitespace());
        command.stdout(out.try_clone().map_err(failed)?).stderr(out);
        let child = command.spawn().map_err(failed)?;
        Ok(Self { unit: unit.to_owned(), child, socket, log })
    }

    /// Waits until the service sends this line.
    pub(super) fn wait_for(&self, line: &str, limit: Duration) -> Outcome {
        let deadline = Instant::now() + limit;
        let mut buffer = [0; 4096];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let late =
                || format!("{} did not send {line} within {limit:?}\n{}", self.unit, self.log());
            if left.is_zero() {
                return Err(late());
            }
            let failed = |why: std::io::Error| format!("{}: {why}", self.unit);
            self.socket.set_read_timeout(Some(left)).map_err(failed)?;
            match self.socket.recv(&mut buffer) {
                Ok(length) => {
                    let text = String::from_utf8_lossy(&buffer[..length]);
                    if text.lines().any(|it| it == line) {
                        return Ok(());
                    }
                }
                Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Err(late());
                }
                Err(why) => return Err(failed(why)),
            }
        }
    }

    /// As `systemctl stop` does.
    pub(super) fn stop(mut self) -> Outcome {
        let checkout = crate::checkout::Checkout::find()?;
        run(checkout.command("kill").args(["-TERM", &self.child.id().to_string()]))?;
        self.wait_for("STOPPING=1", Duration::from_secs(5))?;
        let status = self.wait(Duration::from_secs(30))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{}: {status}\n{}", self.unit, self.log()))
        }
    }

    fn wait(&mut self, limit: Duration) -> Outcome<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if Instant::now() > deadline => {
                    return Err(format!("{} runs {limit:?} after SIGTERM", self.unit));
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                Err(why) => return Err(format!("{}: {why}", self.unit)),
            }
        }
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hands out the credentials of `PREFIX:/folder` as systemd does: each file as `PREFIX_NAME`, for the service's
/// user alone. Gives the folder that the service reads.
fn credentials(root: &Root, unit: &str, source: &str) -> Outcome<String> {
    let failed = |why: std::io::Error| format!("{unit}'s credentials: {why}");
    let (prefix, from) = source.split_once(":/").ok_or("LoadCredential names no folder")?;
    let inside = format!("run/credentials/{unit}");
    let folder = root.path(&inside);
    fs::create_dir_all(&folder).map_err(failed)?;
    let owner = fs::metadata(root.path("var/lib/tapedeck")).map_err(failed)?;
    for entry in fs::read_dir(root.path(from)).map_err(failed)?.flatten() {
        let to = folder.join(format!("{prefix}_{}", entry.file_name().to_string_lossy()));
        fs::copy(entry.path(), &to).map_err(failed)?;
        chown(&to, Some(owner.uid()), Some(owner.gid())).map_err(failed)?;
        fs::set_permissions(&to, fs::Permissions::from_mode(0o400)).map_err(failed)?;
    }
    Ok(format!("/{inside}"))
}
