//! The way of one claimed run: download, check, store, publish; or whatever comes in between.
//! Whatever happens in one, the others and the worker go on.

use std::{io, sync::Arc};

use tokio::{
    select,
    time::{Instant, sleep, timeout_at},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::error;

use super::{
    Core, FAREWELL,
    download::{download, not_stored},
    held::Hold,
    intake::Taken,
    persist::{FIRST_PAUSE, Patience},
};
use crate::{
    audio::{self, AudioType},
    model::{Failure, FailureKind, ObjectKey, Run},
    recording_url::RecordingUrl,
    storage::Upload,
    store::Claimed,
};

/// A run and what its way needs.
pub(super) struct Job {
    pub(super) core: Arc<Core>,
    /// As it was claimed.
    pub(super) run: Run,
    pub(super) url: Option<RecordingUrl>,
    /// Where this claim writes; no other one does.
    pub(super) key: ObjectKey,
    /// When it was claimed, or a little before.
    pub(super) began: Instant,
    /// When it gives up by itself.
    pub(super) deadline: Instant,
    hold: Hold,
}

/// How it ended, before that is written down.
enum End {
    Whole(Taken, AudioType),
    Failed(Failure),
    /// Somebody else decides on it now.
    Lost,
    /// The worker shuts down.
    OutOfGrace,
}

/// Does one run to its end.
pub(super) async fn work(core: Arc<Core>, claimed: Claimed, hold: Hold, began: Instant) {
    let Claimed { run, url } = claimed;
    let key = ObjectKey::new(&run.call_sid, run.id, run.fence);
    let deadline = began + core.limits.run_deadline;
    let job = Arc::new(Job { core, run, url, key, began, deadline, hold });
    let way = Arc::clone(&job);
    let task = AbortOnDropHandle::new(tokio::spawn(async move { way.go().await }));
    if let Err(error) = task.await
        && error.is_panic()
    {
        error!(call_sid = %job.run.call_sid, run = %job.run.id, %error, "a run panicked");
        job.fail(internal()).await;
    }
}

impl Job {
    async fn go(&self) {
        let end = select! {
            biased;
            () = self.hold.lost().cancelled() => End::Lost,
            () = self.core.grace_is_over.cancelled() => End::OutOfGrace,
            downloaded = download(self) => match downloaded {
                Ok((taken, kind)) => End::Whole(taken, kind),
                Err(failure) => End::Failed(failure),
            },
        };
        // From here on nothing is cut short: it is only a little, and the fence decides.
        match end {
            End::Whole(taken, kind) => self.store(taken, kind).await,
            End::Failed(failure) => self.fail(failure).await,
            End::Lost => self.lost().await,
            End::OutOfGrace => self.give_back().await,
        }
    }

    /// Makes the object durable, then tells the database.
    async fn store(&self, taken: Taken, kind: AudioType) {
        let Taken { upload, sha256, head, bytes } = taken;
        if let Err(error) = self.finish(upload).await {
            let failure = not_stored(self, &error);
            return if self.core.grace_is_over.is_cancelled() {
                self.give_back().await;
            } else {
                self.fail(failure).await;
            };
        }
        let facts = audio::facts(kind, &head, bytes);
        self.publish(kind, facts, bytes, sha256).await;
    }

    /// A storage that is away must hold up neither the run for ever nor a process that has to end.
    async fn finish(&self, upload: Upload) -> io::Result<()> {
        let must_end = async {
            self.core.grace_is_over.cancelled().await;
            sleep(FAREWELL).await;
        };
        select! {
            finished = timeout_at(self.deadline, upload.finish()) => {
                finished.map_err(io::Error::from).flatten()
            }
            () = must_end => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// How long it is worth telling the database: until others call the run stuck.
    pub(super) fn patience(&self) -> Patience {
        let until = self.began + self.core.parts.policy.job_timeout;
        Patience { until, first_pause: FIRST_PAUSE, hurry: self.core.grace_is_over.clone() }
    }

    /// Somebody said that a write was overtaken: looks, and stops if the run is lost.
    pub(super) async fn stop_if_lost(&self) {
        let run = self.core.parts.store.run(self.run.id).await;
        if run.is_ok_and(|run| run.is_none_or(|run| !self.holds(&run))) {
            self.hold.lost().cancel();
        }
    }

    /// Whether the run as it stands now is still this claim's.
    pub(super) fn holds(&self, now: &Run) -> bool {
        now.fence == self.run.fence && now.status == shared::RecordingStatus::Running
    }
}

pub(super) fn internal() -> Failure {
    Failure::new(FailureKind::Transient, "internal error while preparing")
}
