//! The sweep removes what is proven to be useless, and nothing else.

use std::{
    fs::File,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use server::{
    clock::{Clock, TestClock},
    engine::{
        Availability, ChangeNotifier, NoAttemptCounter, Quarantine, RecordingService,
        rules::{Policy, Purpose},
    },
    model::{
        CallFields, Description, Failure, FailureKind, Fence, ObjectKey, ReadyRecording, Run,
        RunId, Sha256Hex, WorkerId,
    },
    storage::{FileStorage, Storage},
    store::{Calls, Objects, SqliteStore, Upkeep, Work, Write},
    worker::{Sweeper, Swept},
};
use sha2::{Digest as _, Sha256};
use shared::CallSid;
use tokio_util::sync::CancellationToken;

/// A store and a storage in a folder of their own, with a clock that the tests move.
struct SweepHarness {
    clock: Arc<TestClock>,
    store: Arc<SqliteStore>,
    storage: FileStorage,
    service: Arc<RecordingService>,
    notifier: Arc<ChangeNotifier>,
    folder: tempfile::TempDir,
}

impl SweepHarness {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::new());
        let told: Arc<dyn Clock> = clock.clone();
        let policy = Policy::default();
        let store =
            SqliteStore::open(&folder.path().join("tapedeck.db"), told, policy.lease_policy())
                .await;
        let store = Arc::new(store.unwrap());
        let storage = FileStorage::open(&folder.path().join("recordings")).unwrap();
        storage.assign_id("ours").unwrap();
        let notifier = Arc::new(ChangeNotifier::new());
        let attempt_counter = Arc::new(NoAttemptCounter);
        let service = Arc::new(RecordingService::new(
            store.clone(),
            attempt_counter,
            policy,
            notifier.clone(),
        ));
        Self { clock, store, storage, service, notifier, folder }
    }

    fn sweeper(&self) -> Sweeper {
        Sweeper::new(self.service.clone(), self.store.clone(), self.storage.clone().into())
    }

    /// A run that a worker has claimed, and its object.
    async fn running(&self, call: &str, worker: WorkerId) -> (Run, ObjectKey) {
        let call: CallSid = call.parse().unwrap();
        let recording_url = Some("https://example.com/a.wav".parse().unwrap());
        let fields = CallFields { recording_url, ..CallFields::default() };
        self.store.put_call(&call, &fields).await.unwrap();
        self.service.ask(&call, Purpose::Listen).await.unwrap();
        let run = self.store.claim(worker, 1).await.unwrap().pop().unwrap().run;
        let key = self.object(&call, run.id, run.fence).await;
        (run, key)
    }

    /// An object that lies there for long.
    async fn object(&self, call: &CallSid, run: RunId, fence: Fence) -> ObjectKey {
        self.written(ObjectKey::new(call, run, fence)).await
    }

    async fn written(&self, key: ObjectKey) -> ObjectKey {
        let mut upload = self.storage.create(&key).await.unwrap();
        upload.write(Bytes::from_static(b"audio")).await.unwrap();
        upload.finish().await.unwrap();
        self.written_at(&key, Duration::ZERO);
        key
    }

    /// Moves the time of an object's file.
    fn written_at(&self, key: &ObjectKey, since_1970: Duration) {
        let file = File::options().write(true).open(self.storage.path(key)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + since_1970).unwrap();
    }

    fn is_there(&self, key: &ObjectKey) -> bool {
        self.storage.path(key).exists()
    }

    async fn fail(&self, run: &Run) {
        let failure = Failure::new(FailureKind::Transient, "provider answered 503");
        assert_eq!(self.store.fail(run, &failure).await.unwrap(), Write::Done);
    }
}

#[tokio::test]
async fn the_sweep_removes_what_is_proven_useless_and_quarantines_what_is_unknown() {
    let harness = SweepHarness::new().await;
    let worker = WorkerId::new();
    let (failed, failed_key) = harness.running("CA1", worker).await;
    harness.fail(&failed).await;
    let (published, source_key) = harness.running("CA2", worker).await;
    let published_key = harness.written(source_key.converted()).await;
    let recording = ReadyRecording {
        run: published.id,
        key: published_key.clone(),
        content_type: "audio/wav".into(),
        bytes: 5,
        sha256: Sha256Hex::from_digest(&[1; 32]),
        source_sha256: Sha256Hex::from_digest(&[1; 32]),
        duration_seconds: None,
        channels: None,
        peaks_key: Some(published_key.peaks()),
        published_at: harness.clock.now(),
    };
    assert_eq!(harness.store.publish(&published, &recording).await.unwrap(), Write::Done);
    // As if the worker had died before it could remove what the provider sent.
    let peaks_key = harness.written(published_key.peaks()).await;
    let stale_key = harness.object(&published.call_sid, published.id, Fence(0)).await;
    let unknown_key = harness.object(&"CA9".parse().unwrap(), RunId::new(), Fence(1)).await;
    let new_key = harness.object(&"CA9".parse().unwrap(), RunId::new(), Fence(1)).await;
    harness.written_at(&new_key, Duration::from_hours(24 * 365 * 200));
    harness.clock.advance(Policy::default().job_timeout * 2 + Duration::from_secs(1));
    let (_running, running_key) = harness.running("CA3", worker).await;
    let (just_failed, just_failed_key) = harness.running("CA4", worker).await;
    harness.fail(&just_failed).await;

    let swept = harness.sweeper().sweep_storage().await.unwrap();

    for gone in [failed_key, stale_key, source_key] {
        assert!(!harness.is_there(&gone), "{gone}");
    }
    for kept in [&published_key, &peaks_key, &new_key, &running_key, &just_failed_key, &unknown_key]
    {
        assert!(harness.is_there(kept), "{kept}");
    }
    assert_eq!(swept, Swept { objects: 3, temporaries: 0, quarantined: 1 });
    let quarantined = harness.store.quarantined(None, 10).await.unwrap();
    assert_eq!(quarantined.len(), 1);
    assert_eq!((&quarantined[0].key, quarantined[0].bytes), (&unknown_key, 5));

    // As an older program wrote it, the recording had no description.
    let storage: Storage = harness.storage.clone().into();
    let description = storage.description(&published_key).await.unwrap().unwrap().unwrap();
    assert_eq!((&description.key, &description.sha256), (&published_key, &recording.sha256));

    let again = harness.sweeper().sweep_storage().await.unwrap();
    assert_eq!(again, Swept::default(), "what is in quarantine is not new, and stays");
    assert!(harness.is_there(&unknown_key));
    harness.storage.delete(&unknown_key).await.unwrap();
    harness.sweeper().sweep_storage().await.unwrap();
    assert_eq!(harness.store.quarantine_size().await.unwrap().objects, 0);
}

#[tokio::test]
async fn a_worker_that_was_not_seen_for_a_day_is_forgotten() {
    let harness = SweepHarness::new().await;
    let (old, new) = (WorkerId::new(), WorkerId::new());
    harness.store.heartbeat(old).await.unwrap();
    harness.clock.advance(Duration::from_hours(25));
    harness.store.heartbeat(new).await.unwrap();
    harness.sweeper().forget_workers().await.unwrap();
    // By a clock that stands still both would be alive.
    let path = harness.folder.path().join("tapedeck.db");
    let then =
        SqliteStore::open(&path, Arc::new(TestClock::new()), Policy::default().lease_policy());
    let known = then.await.unwrap().queue().await.unwrap().workers;
    assert_eq!(known.iter().map(|worker| worker.id).collect::<Vec<_>>(), [new]);
}

#[tokio::test]
async fn a_stuck_run_is_marked_by_the_first_sweep_and_told() {
    let harness = SweepHarness::new().await;
    let (run, key) = harness.running("CA1", WorkerId::new()).await;
    harness.clock.advance(Policy::default().job_timeout * 3);
    let mut watch = harness.notifier.watch(&run.call_sid);
    let shutdown = CancellationToken::new();
    let sweeps = harness.sweeper().run(Duration::from_hours(1), shutdown.clone());
    let sweeps = tokio::spawn(sweeps);
    watch.changed().await.unwrap();
    shutdown.cancel();
    sweeps.await.unwrap();
    let run = harness.store.run(run.id).await.unwrap().unwrap();
    assert_eq!(run.failure.unwrap().kind, FailureKind::Stuck);
    assert!(harness.is_there(&key), "its run has only just ended");
}

#[tokio::test]
async fn an_object_that_was_published_after_a_restored_backup_is_kept_and_adopted() {
    let harness = SweepHarness::new().await;
    let (run, key) = harness.running("CA1", WorkerId::new()).await;
    // Published, and then the database of a moment before came back.
    let bytes = Sha256Hex::from_digest(&Sha256::digest(b"audio"));
    let description = Description {
        key: key.clone(),
        call_sid: run.call_sid.clone(),
        recording_id: None,
        part: 1,
        source: None,
        account: None,
        provider_id: None,
        content_type: "audio/wav".to_owned(),
        bytes: 5,
        sha256: bytes.clone(),
        source_sha256: bytes,
        duration_seconds: Some(1.0),
        channels: Some(1),
        stored_at: harness.clock.now(),
    };
    let storage: Storage = harness.storage.clone().into();
    storage.describe(&description).await.unwrap();
    harness.written_at(&key.description(), Duration::ZERO);
    harness.clock.advance(Policy::default().job_timeout * 2);
    harness.service.sweep().await.unwrap(); // the run is stuck
    harness.clock.advance(Policy::default().job_timeout * 3);
    let swept = harness.sweeper().sweep_storage().await.unwrap();
    assert_eq!(swept, Swept { quarantined: 1, ..Swept::default() });

    let quarantine = Quarantine::new(harness.store.clone(), storage);
    let mut adopted = Vec::new();
    quarantine.adopt(&[], &mut |object| adopted.push(object.result.map(|_| ()))).await.unwrap();
    assert_eq!(adopted, [Ok(())]);
    let answer = harness.service.ask(&run.call_sid, Purpose::Listen).await.unwrap();
    let Availability::Ready(recording) = answer else { panic!("{answer:?}") };
    assert_eq!((recording.key, recording.bytes), (key, 5));
    assert_eq!(harness.store.quarantine_size().await.unwrap().objects, 0);
    assert_eq!(harness.sweeper().sweep_storage().await.unwrap(), Swept::default());
}
