//! The interface to systemd: readiness, watchdog and stopping notifications, credentials.
//! Without systemd nothing here does anything.

use std::{ffi::OsString, fs, path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{store::Store, worker::Rounds};

/// Settings from the files of `$CREDENTIALS_DIRECTORY` (`LoadCredential=` in a unit): a file
/// `TAPEDECK_ADMIN_TOKEN` there is that setting. The newline at the end of a file is not part of it.
pub fn credentials() -> Result<Vec<(OsString, OsString)>> {
    match std::env::var_os("CREDENTIALS_DIRECTORY") {
        Some(folder) => read_credentials(Path::new(&folder)),
        None => Ok(Vec::new()),
    }
}

fn read_credentials(folder: &Path) -> Result<Vec<(OsString, OsString)>> {
    let failed = || format!("CREDENTIALS_DIRECTORY={}", folder.display());
    let mut settings = Vec::new();
    for entry in fs::read_dir(folder).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let is_setting =
            entry.file_name().to_str().is_some_and(|name| name.starts_with("TAPEDECK_"));
        if is_setting {
            let value = fs::read_to_string(entry.path())
                .with_context(|| format!("the credential {}", entry.path().display()))?;
            settings.push((entry.file_name(), value.trim_end_matches('\n').into()));
        }
    }
    Ok(settings)
}

/// Reports that the process is ready, then keeps its watchdog fed until `shutdown`, which it reports too.
///
/// The watchdog is fed when the database has answered and, in a worker, the claim loop has completed a round
/// since it was last fed. An error is an answer: a process must outlive its database's absence. What hangs
/// feeds no more, and systemd starts the process again.
pub(super) async fn supervise(
    store: Arc<dyn Store>,
    worker: Option<Rounds>,
    shutdown: CancellationToken,
) {
    notify(NotifyState::Ready);
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = feed_watchdog(&*store, worker) => {}
    }
    notify(NotifyState::Stopping);
}

async fn feed_watchdog(store: &dyn Store, worker: Option<Rounds>) {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut ticks = interval(limit / 4);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut fed_at = None;
    loop {
        ticks.tick().await;
        let _ = store.ping().await;
        let rounds = worker.as_ref().map(Rounds::completed);
        if has_moved(fed_at, rounds) {
            notify(NotifyState::Watchdog);
            fed_at = rounds;
        }
    }
}

/// Whether the worker, if there is one, has completed a round since the watchdog was last fed.
fn has_moved(fed_at: Option<u64>, rounds: Option<u64>) -> bool {
    rounds.is_none_or(|rounds| Some(rounds) != fed_at)
}

fn notify(state: NotifyState) {
    if let Err(error) = sd_notify::notify(&[state]) {
        warn!(%error, "systemd can't be notified");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_completes_no_round_feeds_no_watchdog() {
        assert!(has_moved(None, Some(0)), "it has just started");
        assert!(has_moved(Some(3), Some(4)));
        assert!(!has_moved(Some(4), Some(4)));
        assert!(has_moved(None, None), "without a worker the database alone counts");
    }

    #[test]
    fn credentials_are_settings_and_other_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("TAPEDECK_ADMIN_TOKEN", "sixteen characters\n");
        write("certificate", "of another program");
        let read = read_credentials(folder.path()).unwrap();
        assert_eq!(read, [("TAPEDECK_ADMIN_TOKEN".into(), "sixteen characters".into())]);
        let error = read_credentials(Path::new("/nowhere")).unwrap_err();
        assert_eq!(error.to_string(), "CREDENTIALS_DIRECTORY=/nowhere");
    }
}
