//! Builders for the rules' tests.

use std::time::Duration;

use jiff::Timestamp;
use shared::RecordingStatus;

use super::Policy;
use crate::{
    clock::later,
    model::{
        Call, CallFields, Failure, FailureKind, Fence, Run, RunId, View, WorkerActivity, WorkerId,
    },
};

/// The beginning of every test.
pub(crate) const T0: Timestamp = Timestamp::constant(1_750_000_000, 0);

/// So many seconds after it.
pub(crate) fn at(seconds: u64) -> Timestamp {
    later(T0, Duration::from_secs(seconds))
}

/// T = 5 min, M = 3, W = 10 min, lease 30 s.
pub(crate) fn policy() -> Policy {
    Policy::default()
}

/// Builds a run from its beginning.
pub(crate) struct RunBuilder(Run);

impl RunBuilder {
    pub(crate) fn queued(queued_at: Timestamp) -> Self {
        Self(Run {
            id: RunId::new(),
            call_sid: "CA1".parse().unwrap(),
            status: RecordingStatus::Queued,
            attempt: 0,
            created_at: queued_at,
            queued_at,
            wanted_at: None,
            asked_at: None,
            started_at: None,
            finished_at: None,
            not_before: None,
            worker: None,
            lease_expires_at: None,
            fence: Fence(0),
            bytes_done: 0,
            bytes_total: None,
            failure: None,
            series_started_at: None,
            refused_at: None,
            half_open: false,
            requeues: 0,
            url_version: 1,
        })
    }

    pub(crate) fn wanted(mut self, at: Timestamp) -> Self {
        self.0.wanted_at = Some(at);
        self.0.asked_at = Some(at);
        self.0.series_started_at = Some(at);
        self
    }

    pub(crate) fn asked(mut self, at: Timestamp) -> Self {
        self.0.asked_at = Some(at);
        self
    }

    pub(crate) fn running(mut self, started_at: Timestamp, lease: Timestamp) -> Self {
        self.0.status = RecordingStatus::Running;
        self.0.started_at = Some(started_at);
        self.0.lease_expires_at = Some(lease);
        self.0.worker = Some(WorkerId::new());
        self.0.fence = Fence(1);
        self
    }

    pub(crate) fn failed(mut self, kind: FailureKind, finished_at: Timestamp) -> Self {
        self.0.status = RecordingStatus::Failed;
        self.0.failure = Some(Failure::new(kind, "the reason"));
        self.0.finished_at = Some(finished_at);
        self
    }

    pub(crate) fn attempt(mut self, attempt: u32) -> Self {
        self.0.attempt = attempt;
        self
    }

    pub(crate) fn refused(mut self, at: Timestamp) -> Self {
        self.0.refused_at = Some(at);
        self
    }

    pub(crate) fn requeued(mut self, times: u32) -> Self {
        self.0.requeues = times;
        self
    }

    pub(crate) fn build(self) -> Run {
        self.0
    }
}

/// A view at `now` of a call with a URL, this last run and nothing else.
pub(crate) fn view(now: Timestamp, last_run: Option<Run>) -> View {
    let url = "https://example.com/a.wav".parse().unwrap();
    View {
        now,
        call: Some(Call {
            call_sid: "CA1".parse().unwrap(),
            fields: CallFields { recording_url: Some(url), ..CallFields::default() },
            url_version: 1,
            created_at: T0,
        }),
        recording: None,
        last_run,
        last_half_open_at: None,
        ahead: 0,
        workers: WorkerActivity::default(),
        database_back_at: None,
    }
}
