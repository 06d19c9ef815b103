//! Writes down how a run ended, under the fence of its claim. Where a write was overtaken, looks
//! again: the acknowledgement may have been lost, or the run. Never removes an object that a
//! recording may name.

use std::time::Duration;

use shared::RecordingStatus;
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::{
    Core,
    job::{Job, internal},
    prepare::Playable,
    requeue::requeue,
};
use crate::{
    model::{Failure, FailureKind, ObjectKey, ReadyRecording},
    storage::Storage,
    store::{Result, StoreError, Write},
};

/// How long the objects of a claim are being removed before the sweep has to do it.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(60);

/// What a write that was overtaken means.
enum Standing {
    /// It had been done before: the acknowledgement was lost.
    Published { bytes: u64 },
    /// The run is still this claim's.
    Held,
    /// Somebody else has decided.
    Revoked,
    /// The database does not say.
    Unknown(String),
}

impl Job {
    /// Publishes what is durably stored.
    pub(super) async fn publish(&self, playable: &Playable) {
        let store = &self.core.deps.store;
        let write_retry = self.write_retry();
        let written = write_retry.run(async || {
            let recording = ReadyRecording {
                run: self.run.id,
                key: playable.key.clone(),
                content_type: playable.kind.content_type().to_owned(),
                bytes: playable.bytes,
                sha256: playable.sha256.clone(),
                source_sha256: playable.source_sha256.clone(),
                duration_seconds: playable.facts.duration_seconds,
                channels: playable.facts.channels,
                peaks_key: playable.peaks_key.clone(),
                published_at: self.now(),
            };
            store.publish(&self.run, &recording).await
        });
        match written.await {
            Ok(Write::Done) => self.published(playable).await,
            Ok(Write::Overtaken) => match self.standing().await {
                Standing::Published { .. } => self.published(playable).await,
                // Only a tombstone refuses a run that is still held.
                Standing::Held => {
                    let reason = "the recording was deleted meanwhile";
                    self.fail(Failure::new(FailureKind::Superseded, reason)).await;
                }
                Standing::Revoked => self.revoked().await,
                Standing::Unknown(why) => self.unknown(&why),
            },
            Err(error @ StoreError::Unavailable(_)) => self.unknown(&error.to_string()),
            Err(StoreError::Fault(error)) => {
                let (call_sid, run) = (&self.run.call_sid, self.run.id);
                error!(%call_sid, %run, error, "a recording could not be published");
                self.fail(internal()).await;
            }
        }
    }

    /// Ends the run without a recording.
    pub(super) async fn fail(&self, failure: Failure) {
        let store = &self.core.deps.store;
        match self.write_retry().run(|| store.fail(&self.run, &failure)).await {
            Ok(Write::Done) => {
                let (call_sid, run) = (&self.run.call_sid, self.run.id);
                let Failure { kind, reason } = failure;
                let (worker, fence) = (self.core.id, self.run.fence.0);
                let (took, kind) = (self.began.elapsed(), kind.as_str());
                let seconds = took.as_secs_f64();
                warn!(%call_sid, %run, %worker, fence, kind, reason, seconds, "run failed");
                self.core.metrics.run_ended(kind, took);
                self.core.deps.notifier.notify(call_sid);
                self.core.discard(&self.key).await;
            }
            Ok(Write::Overtaken) => match self.standing().await {
                Standing::Published { bytes } => self.ready(bytes).await,
                Standing::Revoked => self.revoked().await,
                Standing::Held => self.unknown("refused, though the run is held"),
                Standing::Unknown(why) => self.unknown(&why),
            },
            Err(error) => self.unknown(&error.to_string()),
        }
    }

    /// Puts the run back, because the worker shuts down.
    pub(super) async fn give_back(&self) {
        let written: Result<()> = self
            .write_retry()
            .run(|| async {
                match self.core.deps.store.run(self.run.id).await? {
                    // The row knows what listeners asked meanwhile.
                    Some(run) if self.holds(&run) => requeue(&self.core, &run).await,
                    _ => {
                        self.revoked().await;
                        Ok(())
                    }
                }
            })
            .await;
        if let Err(error) = written {
            self.unknown(&error.to_string());
        }
    }

    /// Somebody else has decided on the run: its objects go.
    pub(super) async fn revoked(&self) {
        let (call_sid, run) = (&self.run.call_sid, self.run.id);
        let (worker, fence) = (self.core.id, self.run.fence.0);
        info!(%call_sid, %run, %worker, fence, "lost a run: somebody else has decided on it");
        self.core.metrics.run_revoked();
        // Or it was decided here, and the answer was lost: then nobody has told yet.
        self.core.deps.notifier.notify(call_sid);
        self.core.discard(&self.key).await;
    }

    async fn published(&self, playable: &Playable) {
        self.ready(playable.bytes).await;
        // Nobody hears what the provider sent where something else was made of it.
        if playable.key != self.key {
            self.core.remove(&self.key).await;
        }
    }

    async fn ready(&self, bytes: u64) {
        let (call_sid, run) = (&self.run.call_sid, self.run.id);
        let (worker, fence, took) = (self.core.id, self.run.fence.0, self.began.elapsed());
        let seconds = took.as_secs_f64();
        info!(%call_sid, %run, %worker, fence, bytes, seconds, "recording ready");
        self.core.metrics.run_ended("ready", took);
        self.core.deps.notifier.notify(call_sid);
        self.core.deps.attempt_counter.clear(call_sid).await;
    }

    /// The next heartbeat puts the run back if it can; else whoever finds it stuck makes it again,
    /// and the orphan sweep takes what is left of it.
    fn unknown(&self, why: &str) {
        let (call_sid, run) = (&self.run.call_sid, self.run.id);
        warn!(%call_sid, %run, why, "the database did not take a run's end");
    }

    async fn standing(&self) -> Standing {
        let store = &self.core.deps.store;
        match self.write_retry().run(|| store.run(self.run.id)).await {
            Ok(Some(now)) if self.holds(&now) => Standing::Held,
            Ok(Some(now))
                if now.fence == self.run.fence && now.status == RecordingStatus::Ready =>
            {
                Standing::Published { bytes: now.bytes_done }
            }
            Ok(Some(_)) => Standing::Revoked,
            Ok(None) => Standing::Unknown("the run is not there".to_owned()),
            Err(error) => Standing::Unknown(error.to_string()),
        }
    }
}

impl Core {
    /// Removes what a claim wrote that no recording names and none ever will.
    pub(super) async fn discard(&self, claim: &ObjectKey) {
        for key in claim.of_claim() {
            remove(&self.deps.storage, &key).await;
        }
    }

    /// As [`Core::discard`], without waiting for a storage that is away.
    pub(super) fn discard_in_background(&self, claim: ObjectKey) {
        let storage = self.deps.storage.clone();
        self.cleanup.spawn(async move {
            let discarded = async {
                for key in claim.of_claim() {
                    remove(&storage, &key).await;
                }
            };
            if timeout(DISCARD_TIMEOUT, discarded).await.is_err() {
                warn!(%claim, "cannot remove what a claim wrote in time; the sweep will");
            }
        });
    }

    async fn remove(&self, key: &ObjectKey) {
        remove(&self.deps.storage, key).await;
    }
}

async fn remove(storage: &Storage, key: &ObjectKey) {
    if let Err(error) = storage.delete(key).await {
        warn!(%key, %error, "cannot remove an object; the sweep will");
    }
}
