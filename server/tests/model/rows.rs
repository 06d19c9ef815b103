//! From ages to the rows that the program's decisions read, and back.

use std::time::Duration;

use jiff::Timestamp;
use server::{
    engine::rules::Policy,
    model::{
        Call, CallFields, Failure, Fence, HalfOpen, NewRun, ObjectKey, ReadyRecording, Recording,
        Run, RunId, Sha256Hex, Tombstone, View, WorkerActivity, WorkerId,
    },
};
use shared::RecordingStatus;

use crate::state::{Age, Held, NewRow, RunRow, State};

/// The least time that anything takes here.
pub(crate) const TICK: Duration = Duration::from_secs(30);

/// The moment of every decision.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_750_000_000).unwrap()
}

fn at(age: Age) -> Timestamp {
    now() - TICK * u32::from(age)
}

fn age(time: Timestamp) -> Age {
    let seconds = now().duration_since(time).as_secs();
    // What lies ahead (a rest that is shorter than a tick) is over at the next tick.
    u8::try_from(seconds.max(0).unsigned_abs() / TICK.as_secs()).unwrap()
}

/// What stays the same in every state.
pub(crate) struct Fixed {
    call: Call,
    recording: ReadyRecording,
    run: RunId,
    worker: WorkerId,
}

impl Fixed {
    pub(crate) fn new() -> Self {
        let (run, worker) = (RunId::new(), WorkerId::new());
        let call_sid: shared::CallSid = "CA1".parse().unwrap();
        let url = Some("https://example.com/a.wav".parse().unwrap());
        let fields = CallFields { recording_url: url, ..CallFields::default() };
        let recording = ReadyRecording {
            run,
            key: ObjectKey::new(&call_sid, run, Fence(1)),
            content_type: "audio/wav".into(),
            bytes: 1,
            sha256: Sha256Hex::from_digest(&[0; 32]),
            source_sha256: Sha256Hex::from_digest(&[0; 32]),
            duration_seconds: None,
            channels: None,
            peaks_key: None,
            published_at: now(),
        };
        let call = Call { call_sid, fields, url_version: 1, created_at: now() };
        Self { call, recording, run, worker }
    }

    /// What one read of the database gives.
    pub(crate) fn view(&self, state: &State, policy: &Policy) -> View {
        let worker = &state.worker;
        let is_live = worker.seen.is_some_and(|seen| TICK * u32::from(seen) <= policy.lease);
        let of_live = |age: Option<Age>| age.filter(|_| is_live).map(at);
        View {
            now: now(),
            call: Some(self.call.clone()),
            recording: match state.recording {
                Held::Nothing => None,
                Held::Ready => Some(Recording::Ready(self.recording.clone())),
                Held::Gone => Some(Recording::Tombstone(Tombstone::Gone)),
            },
            last_run: state.run.as_ref().map(|row| self.run(row)),
            last_half_open_at: state.half_open.map(at),
            ahead: 0,
            workers: WorkerActivity {
                live: is_live.into(),
                last_poll_at: of_live(worker.polled),
                last_claim_at: of_live(worker.claimed),
            },
            database_back_at: None,
        }
    }

    pub(crate) fn run(&self, row: &RunRow) -> Run {
        Run {
            id: self.run,
            call_sid: self.call.call_sid.clone(),
            status: row.status,
            attempt: row.attempt,
            created_at: at(row.queued),
            queued_at: at(row.queued),
            wanted_at: row.wanted.map(at),
            asked_at: row.asked.map(at),
            started_at: row.started.map(at),
            finished_at: row.finished.map(at),
            not_before: None,
            worker: row.started.map(|_| self.worker),
            lease_expires_at: row.lease.map(|left| match u32::try_from(left) {
                Ok(left) => now() + TICK * left,
                Err(_) => now() - TICK,
            }),
            fence: Fence(1),
            bytes_done: 0,
            bytes_total: None,
            failure: row.failure.map(|kind| Failure::new(kind, "")),
            series_started_at: row.series.map(at),
            refused_at: row.refused.map(at),
            half_open: row.half_open,
            requeues: row.requeues,
            url_version: 1,
        }
    }
}

/// A run that the rules want made, made now.
pub(crate) fn new_row(new: &NewRun) -> NewRow {
    NewRow {
        row: RunRow {
            status: RecordingStatus::Queued,
            attempt: new.attempt,
            queued: 0,
            wanted: new.wanted_at.map(age),
            asked: new.asked_at.map(age),
            series: new.series_started_at.map(age),
            started: None,
            lease: None,
            finished: None,
            refused: None,
            failure: None,
            half_open: new.half_open.is_some(),
            requeues: 0,
        },
        replaces: new.replaces.is_some(),
        half_open: new
            .half_open
            .map(|HalfOpen { none_since, polled_after }| (age(none_since), age(polled_after))),
    }
}
