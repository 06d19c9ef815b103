//! Everything that a worker works with, in a folder of its own, and what tests look at.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fetch::{Fetcher, Setup, Timing};
use server::{
    clock::{Clock, SystemClock, wall_clock},
    engine::{
        AttemptCounter, Availability, ChangeNotifier, RecordingService,
        rules::{Policy, Purpose},
    },
    model::{CallFields, Failure, ReadyRecording, Recording, Run, View},
    storage::{FileStorage, Storage},
    store::{Calls, Runs, SqliteStore, Upkeep},
    worker::{Worker, WorkerDeps, WorkerLimits},
};
use shared::{CallSid, RecordingStatus};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    faulty::FaultyStore,
    stub::{Reply, Stub},
};

/// Longer than any test takes: what waits so long waits for ever.
const FOR_EVER: Duration = Duration::from_secs(30);

/// Counts how often it was cleared.
#[derive(Default)]
pub(crate) struct CountingAttemptCounter(AtomicU32);

impl CountingAttemptCounter {
    pub(crate) fn clears(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl AttemptCounter for CountingAttemptCounter {
    async fn read(&self, _: &CallSid) -> Option<u32> {
        None
    }

    async fn set(&self, _: &CallSid, _: u32, _: Duration) {}

    async fn clear(&self, _: &CallSid) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// See the module.
pub(crate) struct Harness {
    pub(crate) stub: Stub,
    pub(crate) store: Arc<FaultyStore>,
    pub(crate) service: RecordingService,
    pub(crate) attempt_counter: Arc<CountingAttemptCounter>,
    pub(crate) limits: WorkerLimits,
    pub(crate) storage: FileStorage,
    parts: WorkerDeps,
    folder: tempfile::TempDir,
}

impl Harness {
    /// With heartbeats that come soon, and leases that never run out however slow the machine is.
    pub(crate) async fn new() -> Self {
        Self::beating_every(Duration::from_millis(100)).await
    }

    pub(crate) async fn beating_every(beat: Duration) -> Self {
        Self::build(beat, None).await
    }

    /// Keeps recordings elsewhere than in its folder.
    pub(crate) async fn keeping_in(storage: impl Into<Storage>) -> Self {
        Self::build(Duration::from_millis(100), Some(storage.into())).await
    }

    async fn build(beat: Duration, elsewhere: Option<Storage>) -> Self {
        // Shown where a test fails.
        let _ = tracing_subscriber::fmt().with_test_writer().try_init();
        let lease = FOR_EVER;
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let database = folder.path().join("tapedeck.db");
        let policy = Policy { lease, ..Policy::default() };
        let inner =
            SqliteStore::open(&database, clock.clone(), policy.lease_policy()).await.unwrap();
        let store = Arc::new(FaultyStore::new(inner));
        let storage = FileStorage::open(&folder.path().join("recordings")).unwrap();
        let stub = Stub::start().await;
        // A second try would come too late for any run: the first one says how it ends.
        let pause = Duration::from_hours(1);
        let timing = Timing { first_pause: pause, longest_pause: pause, ..Timing::default() };
        let setup = Setup { timing, ..Setup::new("tapedeck-tests", wall_clock) };
        let may = fetch::Policy::default().with_own(stub.address);
        let provider = Arc::new(Fetcher::new(may, &setup).unwrap());
        let attempt_counter = Arc::new(CountingAttemptCounter::default());
        let notifier = Arc::new(ChangeNotifier::new());
        let service =
            RecordingService::new(store.clone(), attempt_counter.clone(), policy, notifier.clone());
        let parts = WorkerDeps {
            store: store.clone(),
            storage: elsewhere.unwrap_or_else(|| storage.clone().into()),
            provider,
            attempt_counter: attempt_counter.clone(),
            policy: Policy { lease: beat * 3, ..policy },
            notifier,
        };
        let limits = WorkerLimits::default();
        Self { stub, store, service, attempt_counter, limits, storage, parts, folder }
    }

    pub(crate) fn with_limits(self, change: impl FnOnce(&mut WorkerLimits)) -> Self {
        let mut limits = self.limits;
        change(&mut limits);
        Self { limits, ..self }
    }

    /// Who waits must be woken.
    pub(crate) fn without_polling(self) -> Self {
        self.with_limits(|limits| limits.poll = FOR_EVER * 10)
    }

    pub(crate) fn start_worker(&self) -> Running {
        let worker = Worker::new(self.parts.clone(), self.limits);
        let shutdown = CancellationToken::new();
        Running { task: tokio::spawn(worker.run(shutdown.clone())), shutdown }
    }

    /// Registers a call whose recording the provider answers so.
    pub(crate) async fn call(&self, call: &str, reply: Reply) -> CallSid {
        let url = self.stub.serve(&format!("/{call}"), reply);
        let call = call.parse().unwrap();
        let recording_url = Some(url.parse().unwrap());
        let fields = CallFields { recording_url, ..CallFields::default() };
        self.store.put_call(&call, &fields).await.unwrap();
        call
    }

    pub(crate) async fn ask(&self, call: &CallSid) -> Availability {
        self.service.ask(call, Purpose::Listen).await.unwrap()
    }

    /// Asks as a listener, and waits until the call's last run has ended.
    pub(crate) async fn ask_to_the_end(&self, call: &CallSid) -> Run {
        self.ask(call).await;
        self.until(call, |run| !run.status.is_active()).await
    }

    /// Waits until the call's last run is so; is woken by the changes that the worker tells of.
    pub(crate) async fn until(&self, call: &CallSid, so: impl Fn(&Run) -> bool) -> Run {
        let mut watch = self.parts.notifier.watch(call);
        timeout(FOR_EVER, async {
            loop {
                if let Some(run) = self.view(call).await.last_run.filter(|run| so(run)) {
                    return run;
                }
                watch.changed().await.unwrap();
            }
        })
        .await
        .expect("somebody tells of the change")
    }

    pub(crate) async fn view(&self, call: &CallSid) -> View {
        self.store.view(call).await.unwrap()
    }

    /// The recording, which must be ready.
    pub(crate) async fn recording(&self, call: &CallSid) -> ReadyRecording {
        match self.view(call).await.recording {
            Some(Recording::Ready(recording)) => recording,
            other => panic!("must be ready, not {other:?}"),
        }
    }

    /// Why the call's last run failed, once it has.
    pub(crate) async fn failure(&self, call: &CallSid) -> Failure {
        let run = self.until(call, |run| !run.status.is_active()).await;
        assert_eq!(run.status, RecordingStatus::Failed);
        run.failure.unwrap()
    }

    /// Fails the call's run as if it had been found stuck.
    pub(crate) async fn call_stuck(&self, call: &CallSid) {
        let run = self.view(call).await.last_run.unwrap();
        self.store.call_stuck(run.id).await.unwrap();
    }

    pub(crate) async fn live_workers(&self) -> usize {
        self.store.queue().await.unwrap().workers.len()
    }

    /// From now on nothing can be written there.
    pub(crate) fn break_storage(&self) {
        let temporaries = self.folder.path().join("recordings/.tmp");
        fs::remove_dir(&temporaries).unwrap();
        fs::write(temporaries, "a file where the folder was").unwrap();
    }

    /// Every file in the storage, the temporary ones too.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.folder.path().join("recordings"), &mut files);
        files.sort();
        files
    }

    /// Where the bytes of a recording are, its description and its waveform, in order.
    pub(crate) fn files_of(&self, recording: &ReadyRecording) -> Vec<PathBuf> {
        let (key, peaks_key) = (&recording.key, recording.peaks_key.as_ref().unwrap());
        let mut files: Vec<_> =
            [key, &key.description(), peaks_key].map(|key| self.storage.path(key)).into();
        files.sort();
        files
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// A worker at work.
pub(crate) struct Running {
    pub(crate) shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Shuts it down, and waits for its end.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.ended().await;
    }

    pub(crate) async fn ended(self) {
        timeout(FOR_EVER, self.task).await.expect("a worker ends").unwrap();
    }
}

/// So many seconds of silence: 16-bit PCM, mono, 8 kHz.
pub(crate) fn wav(seconds: u32) -> Vec<u8> {
    silence(seconds * 8_000)
}

/// So many samples of silence: 16-bit PCM, mono, 8 kHz.
pub(crate) fn silence(samples: u32) -> Vec<u8> {
    file(1, 2, 0, samples)
}

/// The same as μ-law, as telephones code it.
pub(crate) fn mulaw(samples: u32) -> Vec<u8> {
    file(7, 1, 0xff, samples)
}

/// A WAV of samples that are all the same, of one or two bytes.
fn file(tag: u16, width: u16, byte: u8, samples: u32) -> Vec<u8> {
    let data = samples * u32::from(width);
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + data).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0");
    wav.extend(tag.to_le_bytes());
    wav.extend(b"\x01\0\x40\x1f\0\0");
    wav.extend((8_000 * u32::from(width)).to_le_bytes());
    wav.extend(width.to_le_bytes());
    wav.extend((8 * width).to_le_bytes());
    wav.extend(b"data");
    wav.extend(data.to_le_bytes());
    wav.resize(wav.len() + data as usize, byte);
    wav
}
