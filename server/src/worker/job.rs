//! The way of one claimed run: download, store, decode, publish; or whatever comes in between.
//! Whatever happens in one, the others and the worker go on.

use std::{future::Future, io, sync::Arc};

use jiff::Timestamp;
use tokio::{
    join, select,
    time::{Instant, sleep, timeout_at},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::error;

use super::{
    Core, SHUTDOWN_TIMEOUT,
    active_runs::ActiveRun,
    describe::describe,
    download::{download, not_stored},
    hashing_sink::Received,
    prepare::{Playable, Sound, Source, decode, store_outputs},
    write_retry::{FIRST_PAUSE, WriteRetry},
};
use crate::{
    clock::later,
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
    hold: ActiveRun,
}

/// How it ended without a recording, before that is written down.
pub(super) enum End {
    Failed(Failure),
    /// Somebody else decides on it now.
    Revoked,
    /// The worker shuts down.
    OutOfGrace,
}

/// Does one run to its end.
pub(super) async fn work(core: Arc<Core>, claimed: Claimed, hold: ActiveRun, began: Instant) {
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
    /// The database's clock: what it showed at the claim, and the time since.
    pub(super) fn now(&self) -> Timestamp {
        later(self.run.started_at.unwrap_or(self.run.queued_at), self.began.elapsed())
    }

    async fn go(&self) {
        match self.make().await {
            Ok(playable) => self.publish(&playable).await,
            Err(End::Failed(failure)) => self.fail(failure).await,
            Err(End::Revoked) => self.revoked().await,
            Err(End::OutOfGrace) => self.give_back().await,
        }
    }

    /// Fetches, stores and decodes. The long parts are cut short; what becomes visible in the
    /// storage is not, because what is lost is removed then.
    async fn make(&self) -> Result<Playable, End> {
        let (received, media_type) = self.unless_stopped(download(self)).await?;
        let is_short = received.is_short();
        let Received { upload, sha256, head, bytes } = received;
        let source = Source { bytes, sha256, media_type };
        let stored = self.finish(upload);
        let decoded = if is_short {
            let decoding = self.unless_stopped(decode(self, &source, Sound::Kept(head)));
            let (stored, decoded) = join!(stored, decoding);
            stored?;
            decoded?
        } else {
            drop(head);
            stored.await?;
            self.unless_stopped(decode(self, &source, Sound::Stored)).await?
        };
        let playable = store_outputs(self, source, decoded).await?;
        describe(self, &playable).await?;
        Ok(playable)
    }

    /// Does it to its end, unless the run is lost or the worker has to end.
    async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, End> {
        select! {
            biased;
            () = self.hold.revoked().cancelled() => Err(End::Revoked),
            () = self.core.grace_is_over.cancelled() => Err(End::OutOfGrace),
            done = work => done.map_err(End::Failed),
        }
    }

    /// Makes an object durable.
    pub(super) async fn finish(&self, upload: Upload) -> Result<(), End> {
        let finished = self.in_time(upload.finish()).await;
        finished.map_err(|error| self.storage_failed(&error))
    }

    /// How the run ends when the storage fails.
    pub(super) fn storage_failed(&self, error: &io::Error) -> End {
        let failure = not_stored(self, error);
        if self.core.grace_is_over.is_cancelled() { End::OutOfGrace } else { End::Failed(failure) }
    }

    /// A storage that is away must hold up neither the run for ever nor a process that has to end.
    pub(super) async fn in_time(
        &self,
        stored: impl Future<Output = io::Result<()>>,
    ) -> io::Result<()> {
        let must_end = async {
            self.core.grace_is_over.cancelled().await;
            sleep(SHUTDOWN_TIMEOUT).await;
        };
        select! {
            stored = timeout_at(self.deadline, stored) => stored.map_err(io::Error::from).flatten(),
            () = must_end => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// How long it is worth telling the database: until others call the run stuck.
    pub(super) fn write_retry(&self) -> WriteRetry {
        let until = self.began + self.core.deps.policy.job_timeout;
        WriteRetry { until, first_pause: FIRST_PAUSE, hurry: self.core.grace_is_over.clone() }
    }

    /// Somebody said that a write was overtaken: looks, and stops if the run is lost.
    pub(super) async fn stop_if_revoked(&self) {
        let run = self.core.deps.store.run(self.run.id).await;
        if run.is_ok_and(|run| run.is_none_or(|run| !self.holds(&run))) {
            self.hold.revoked().cancel();
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
