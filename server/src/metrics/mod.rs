//! The counters of this process, for Prometheus: a handle that is passed to every part that has something to
//! count; there is no global registry. Decides nothing, and no label is free text: each label's
//! values are words of ours.
//!
//! Names: `tapedeck_`, the thing, the unit (`_seconds`, `_bytes`), `_total` where it only grows.
//! docs/operations.md lists them all.

mod registering;
mod snapshot;

use std::time::Duration;

use http::{Method, StatusCode};
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, Registry};

use self::registering::Registering;
pub use self::snapshot::{Snapshot, TEXT_FORMAT};
use crate::{model::FailureKind, store::QuarantineSize};

/// See the module.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    http_requests: IntCounterVec,
    http_seconds: HistogramVec,
    held_seconds: Histogram,
    served_bytes: IntCounter,
    runs_made: IntCounterVec,
    runs_stuck: IntCounterVec,
    runs_refused: IntCounterVec,
    runs_claimed: IntCounter,
    runs_ended: IntCounterVec,
    run_seconds: HistogramVec,
    runs_put_back: IntCounter,
    runs_lost: IntCounter,
    downloaded_bytes: IntCounter,
    worker_places: IntGauge,
    sweeps: IntCounterVec,
    removed: IntCounterVec,
    quarantined_objects: IntGauge,
    quarantined_bytes: IntGauge,
    redis_failures: IntCounter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Nothing is counted yet.
    pub fn new() -> Self {
        let metrics = Self::registered();
        metrics.begin_at_zero();
        metrics
    }

    /// A series that begins with its first event hides that event from `rate()`.
    fn begin_at_zero(&self) {
        let failures = FailureKind::ALL.map(FailureKind::as_str);
        for outcome in ["ready"].into_iter().chain(failures) {
            self.runs_ended.with_label_values(&[outcome]).inc_by(0);
            let _ = self.run_seconds.with_label_values(&[outcome]);
        }
        for (counters, words) in [
            (&self.runs_made, &["listener", "prefetch", "again", "half_open", "operator"][..]),
            (
                &self.runs_stuck,
                &[
                    "not_picked_up",
                    "not_completed",
                    "no_started_at",
                    "lease_expired",
                    "put_back_too_often",
                ],
            ),
            (&self.runs_refused, &["worker_not_processing_queue", "recording_failed"]),
            (&self.sweeps, &["ok", "failed"]),
            (&self.removed, &["object", "temporary"]),
        ] {
            for word in words {
                counters.with_label_values(&[word]).inc_by(0);
            }
        }
    }

    fn registered() -> Self {
        let r = Registering::new();
        Self {
            http_requests: r.counters(
                "http_requests_total",
                "Requests answered, by route, method and status.",
                &["route", "method", "status"],
            ),
            http_seconds: r.histograms(
                "http_request_duration_seconds",
                "Time to the head of an answer; requests that were held are not in it.",
                &["route"],
                &[0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0],
            ),
            held_seconds: r.histogram(
                "http_held_duration_seconds",
                "How long requests were held (Prefer: wait).",
                &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0],
            ),
            served_bytes: r.counter("served_bytes_total", "Bytes of recordings sent."),
            runs_made: r.counters(
                "runs_made_total",
                "Runs made: for a listener, a prefetch, again after a failure, half-open, or by an \
                 operator.",
                &["why"],
            ),
            runs_stuck: r.counters(
                "runs_stuck_total",
                "Runs that this process marked as stuck.",
                &["reason"],
            ),
            runs_refused: r.counters(
                "runs_refused_total",
                "Calls that were refused another run, by the error that listeners get.",
                &["error"],
            ),
            runs_claimed: r.counter("runs_claimed_total", "Runs that this worker took."),
            runs_ended: r.counters(
                "runs_ended_total",
                "Runs that this worker ended: ready, or the kind of failure.",
                &["outcome"],
            ),
            run_seconds: r.histograms(
                "run_duration_seconds",
                "From a run's claim to its end, by outcome.",
                &["outcome"],
                &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 240.0],
            ),
            runs_put_back: r
                .counter("runs_put_back_total", "Runs put back into the queue at a shutdown."),
            runs_lost: r.counter("runs_lost_total", "Runs on which somebody else had decided."),
            downloaded_bytes: r.counter("downloaded_bytes_total", "Bytes fetched from providers."),
            worker_places: r.gauge("worker_places", "Runs that this worker can hold at a time."),
            sweeps: r.counters("sweeps_total", "Sweeps, by result: ok or failed.", &["result"]),
            removed: r.counters(
                "orphans_removed_total",
                "What the sweep removed from the storage: objects that are proven to be useless, and \
                 temporary files.",
                &["what"],
            ),
            quarantined_objects: r.gauge(
                "quarantined_objects",
                "Objects of the storage that the database does not know, at this process's last \
                 sweep.",
            ),
            quarantined_bytes: r.gauge("quarantined_bytes", "Their bytes."),
            redis_failures: r
                .counter("redis_failures_total", "Commands that Redis did not answer."),
            registry: r.done(),
        }
    }

    /// A request was answered. `route` is the pattern, never the path.
    pub fn answered(&self, route: &str, method: &Method, status: StatusCode) {
        self.http_requests.with_label_values(&[route, word(method), status.as_str()]).inc();
    }

    /// How long the head of an answer took.
    pub fn answered_in(&self, route: &str, took: Duration) {
        self.http_seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// How long a request was held.
    pub fn held(&self, took: Duration) {
        self.held_seconds.observe(took.as_secs_f64());
    }

    /// Where bytes of recordings are counted that were sent.
    pub fn served_bytes(&self) -> IntCounter {
        self.served_bytes.clone()
    }

    /// A run was made.
    pub fn run_made(&self, why: &'static str) {
        self.runs_made.with_label_values(&[why]).inc();
    }

    /// A run was marked as stuck.
    pub fn run_stuck(&self, reason: &'static str) {
        self.runs_stuck.with_label_values(&[reason]).inc();
    }

    /// A call was refused another run.
    pub fn run_refused(&self, error: &'static str) {
        self.runs_refused.with_label_values(&[error]).inc();
    }

    /// The worker took a run.
    pub fn run_claimed(&self) {
        self.runs_claimed.inc();
    }

    /// The worker ended a run.
    pub fn run_ended(&self, outcome: &'static str, took: Duration) {
        self.runs_ended.with_label_values(&[outcome]).inc();
        self.run_seconds.with_label_values(&[outcome]).observe(took.as_secs_f64());
    }

    /// The worker put a run back.
    pub fn run_requeued(&self) {
        self.runs_put_back.inc();
    }

    /// The worker lost a run.
    pub fn run_revoked(&self) {
        self.runs_lost.inc();
    }

    /// Bytes arrived from a provider.
    pub fn downloaded(&self, bytes: u64) {
        self.downloaded_bytes.inc_by(bytes);
    }

    /// How many runs the worker in this process can hold.
    pub fn worker_places(&self, places: u32) {
        self.worker_places.set(places.into());
    }

    /// A sweep ended.
    pub fn swept(&self, went_well: bool) {
        self.sweeps.with_label_values(&[if went_well { "ok" } else { "failed" }]).inc();
    }

    /// How much there is in quarantine.
    pub fn quarantined(&self, size: QuarantineSize) {
        let gauge = |number| i64::try_from(number).unwrap_or(i64::MAX);
        self.quarantined_objects.set(gauge(size.objects));
        self.quarantined_bytes.set(gauge(size.bytes));
    }

    /// The sweep removed something from the storage.
    pub fn removed(&self, objects: usize, temporaries: usize) {
        self.removed.with_label_values(&["object"]).inc_by(objects as u64);
        self.removed.with_label_values(&["temporary"]).inc_by(temporaries as u64);
    }

    /// Redis did not answer.
    pub fn redis_failed(&self) {
        self.redis_failures.inc();
    }
}

/// A method as a label; whatever else a client thinks of is one word.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
