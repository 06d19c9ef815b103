//! A store that does what it is told to do wrong, once each, and else is the real one.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use server::{
    model::{
        Adoption, AdoptionRefusal, AdoptionTarget, CallFields, Description, Failure, Fence,
        KnownObject, NewRun, ObjectKey, Quarantined, ReadyRecording, Run, RunId, View, WorkerId,
    },
    store::{
        Adoptable, CallDetail, CallListed, CallQuery, Calls, Claimed, Connections, Downloaded,
        FailedCall, FailedCursor, Hint, Hints, Objects, Put, QuarantineSize, Queue, Result, Runs,
        SqliteStore, StatusChange, StoreError, Upkeep, Work, Write,
    },
};
use shared::{CallSid, RecordingStatus};
use tokio::sync::{mpsc, watch};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The database does not answer, and does nothing.
    Away,
    /// It does what it should, but the answer is lost.
    AnswerLost,
    /// The caller comes to harm.
    Panic,
    /// Somebody calls the run stuck just before.
    CalledStuck,
}

/// See the module.
pub(crate) struct FaultyStore {
    inner: SqliteStore,
    claims: Mutex<VecDeque<Fault>>,
    publications: Mutex<VecDeque<Fault>>,
    failures: Mutex<VecDeque<Fault>>,
    heartbeats: watch::Sender<u32>,
}

impl FaultyStore {
    pub(crate) fn new(inner: SqliteStore) -> Self {
        let (claims, publications, failures, heartbeats) = Default::default();
        Self { inner, claims, publications, failures, heartbeats }
    }

    /// The next claims go wrong so.
    pub(crate) fn on_claim(&self, faults: impl IntoIterator<Item = Fault>) {
        self.claims.lock().unwrap().extend(faults);
    }

    /// The next publications go wrong so.
    pub(crate) fn on_publish(&self, faults: impl IntoIterator<Item = Fault>) {
        self.publications.lock().unwrap().extend(faults);
    }

    /// The next failures that are written go wrong so.
    pub(crate) fn on_fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.failures.lock().unwrap().extend(faults);
    }

    /// So many heartbeats find the database away; waits until they did.
    pub(crate) async fn miss_heartbeats(&self, count: u32) {
        self.heartbeats.send_replace(count);
        self.heartbeats.subscribe().wait_for(|left| *left == 0).await.unwrap();
    }

    /// Fails a running run as stuck. A heartbeat in between changes it: then once more.
    pub(crate) async fn call_stuck(&self, run: RunId) -> Result<()> {
        loop {
            let run = self.inner.run(run).await?.unwrap();
            assert_eq!(run.status, RecordingStatus::Running);
            if self.inner.fail_stuck(&run, "a test said so").await? == Write::Done {
                return Ok(());
            }
        }
    }
}

fn away<T>() -> Result<T> {
    Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut))
}

#[async_trait]
impl Work for FaultyStore {
    async fn claim(&self, worker: WorkerId, limit: u32) -> Result<Vec<Claimed>> {
        let fault = self.claims.lock().unwrap().pop_front();
        if fault == Some(Fault::Away) {
            return away();
        }
        let claimed = self.inner.claim(worker, limit).await?;
        match fault {
            // There is nothing to be lost yet.
            Some(fault) if claimed.is_empty() => self.on_claim([fault]),
            Some(_) => return away(),
            None => {}
        }
        Ok(claimed)
    }
    async fn publish(&self, run: &Run, recording: &ReadyRecording) -> Result<Write> {
        let fault = self.publications.lock().unwrap().pop_front();
        match fault {
            Some(Fault::Away) => return away(),
            Some(Fault::Panic) => panic!("a fault that a test wanted"),
            Some(Fault::CalledStuck) => {
                self.call_stuck(run.id).await?;
            }
            _ => {}
        }
        let write = self.inner.publish(run, recording).await?;
        if fault == Some(Fault::AnswerLost) { away() } else { Ok(write) }
    }
    async fn heartbeat(&self, worker: WorkerId) -> Result<Vec<RunId>> {
        let is_away = self.heartbeats.send_if_modified(|left| {
            let is_away = *left > 0;
            *left = left.saturating_sub(1);
            is_away
        });
        if is_away { away() } else { self.inner.heartbeat(worker).await }
    }
    async fn introduce(&self, worker: WorkerId, place: &str) -> Result<()> {
        self.inner.introduce(worker, place).await
    }
    async fn retire(&self, worker: WorkerId) -> Result<()> {
        self.inner.retire(worker).await
    }
    async fn progress(&self, run: RunId, fence: Fence, downloaded: Downloaded) -> Result<Write> {
        self.inner.progress(run, fence, downloaded).await
    }
    async fn fail(&self, run: &Run, failure: &Failure) -> Result<Write> {
        let fault = self.failures.lock().unwrap().pop_front();
        if fault == Some(Fault::Away) {
            return away();
        }
        let write = self.inner.fail(run, failure).await?;
        if fault == Some(Fault::AnswerLost) { away() } else { Ok(write) }
    }
    async fn requeue(&self, run: &Run) -> Result<Write> {
        self.inner.requeue(run).await
    }
    async fn run(&self, run: RunId) -> Result<Option<Run>> {
        self.inner.run(run).await
    }
}

#[async_trait]
impl Calls for FaultyStore {
    async fn put_call(&self, call_sid: &CallSid, fields: &CallFields) -> Result<Put> {
        self.inner.put_call(call_sid, fields).await
    }
    async fn put_calls(&self, calls: &[(CallSid, CallFields)]) -> Result<Vec<Put>> {
        self.inner.put_calls(calls).await
    }
    async fn list_calls(&self, query: &CallQuery) -> Result<Vec<CallListed>> {
        self.inner.list_calls(query).await
    }
    async fn call(&self, call_sid: &CallSid) -> Result<Option<CallDetail>> {
        self.inner.call(call_sid).await
    }
    async fn delete_recording(&self, call_sid: &CallSid) -> Result<Option<Option<ObjectKey>>> {
        self.inner.delete_recording(call_sid).await
    }
}

#[async_trait]
impl Runs for FaultyStore {
    async fn view(&self, call_sid: &CallSid) -> Result<View> {
        self.inner.view(call_sid).await
    }
    async fn create_run(
        &self,
        call_sid: &CallSid,
        run: &NewRun,
        gone: bool,
    ) -> Result<Option<RunId>> {
        self.inner.create_run(call_sid, run, gone).await
    }
    async fn touch(&self, run: RunId, starts_series: bool) -> Result<Write> {
        self.inner.touch(run, starts_series).await
    }
    async fn fail_stuck(&self, run: &Run, reason: &str) -> Result<Write> {
        self.inner.fail_stuck(run, reason).await
    }
    async fn refuse(&self, run: RunId) -> Result<Write> {
        self.inner.refuse(run).await
    }
    async fn suspects(&self, job_timeout: Duration) -> Result<Vec<CallSid>> {
        self.inner.suspects(job_timeout).await
    }
    async fn forget_recording(&self, call_sid: &CallSid, key: &ObjectKey) -> Result<Write> {
        self.inner.forget_recording(call_sid, key).await
    }
    async fn changed_since(&self, since: Timestamp) -> Result<(Vec<StatusChange>, Timestamp)> {
        self.inner.changed_since(since).await
    }
}

#[async_trait]
impl Upkeep for FaultyStore {
    async fn now(&self) -> Result<Timestamp> {
        self.inner.now().await
    }
    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
    async fn queue(&self) -> Result<Queue> {
        self.inner.queue().await
    }
    async fn failed_calls(&self, after: FailedCursor, limit: u32) -> Result<Vec<FailedCall>> {
        self.inner.failed_calls(after, limit).await
    }
    fn connections(&self) -> Connections {
        self.inner.connections()
    }
    async fn forget_workers(&self, last_seen_before: Timestamp) -> Result<()> {
        self.inner.forget_workers(last_seen_before).await
    }
    async fn has_recordings(&self) -> Result<bool> {
        self.inner.has_recordings().await
    }
    async fn storage_id(&self) -> Result<Option<String>> {
        self.inner.storage_id().await
    }
    async fn adopt_storage(&self, candidate: &str) -> Result<String> {
        self.inner.adopt_storage(candidate).await
    }
}

#[async_trait]
impl Objects for FaultyStore {
    async fn known_objects(&self, keys: &[ObjectKey]) -> Result<Vec<KnownObject>> {
        self.inner.known_objects(keys).await
    }

    async fn description_of(&self, key: &ObjectKey) -> Result<Option<Description>> {
        self.inner.description_of(key).await
    }

    async fn quarantine(&self, objects: &[Quarantined]) -> Result<u64> {
        self.inner.quarantine(objects).await
    }

    async fn quarantined(&self, after: Option<&ObjectKey>, limit: u32) -> Result<Vec<Quarantined>> {
        self.inner.quarantined(after, limit).await
    }

    async fn quarantine_size(&self) -> Result<QuarantineSize> {
        self.inner.quarantine_size().await
    }

    async fn release(&self, keys: &[ObjectKey]) -> Result<()> {
        self.inner.release(keys).await
    }

    async fn adopt(
        &self,
        object: Adoptable<'_>,
        decide: fn(AdoptionTarget) -> Adoption,
    ) -> Result<std::result::Result<(), AdoptionRefusal>> {
        self.inner.adopt(object, decide).await
    }
}

#[async_trait]
impl Hints for FaultyStore {
    fn poll_every(&self) -> Duration {
        self.inner.poll_every()
    }

    async fn relay(&self, ours: mpsc::Receiver<Hint>, theirs: &(dyn Fn(Hint) + Send + Sync)) {
        self.inner.relay(ours, theirs).await;
    }
}
