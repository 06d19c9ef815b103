//! All metrics as text. Gauges of the queue, the database and the process are read at each scrape; a queue
//! that can't be read has none, rather than stale ones.

use prometheus::{TextEncoder, core::Collector as _, process_collector::ProcessCollector};

use super::{Metrics, registering::Registering};
use crate::{
    clock::elapsed,
    engine::rules::Policy,
    model::FailureKind,
    store::{Connections, Queue},
};

/// The media type of Prometheus' text format.
pub const TEXT_FORMAT: &str = prometheus::TEXT_FORMAT;

/// The gauges at one moment.
#[derive(Debug)]
pub struct Snapshot<'a> {
    /// The queue; nothing while the database is away.
    pub queue: Option<&'a Queue>,
    /// The engine's lengths of time.
    pub policy: &'a Policy,
    /// This process's connections to the database.
    pub connections: Connections,
    /// Requests that are held now, where this process answers requests.
    pub held: Option<usize>,
}

impl Metrics {
    /// Everything, in Prometheus' text format, version 0.0.4.
    pub fn text(&self, now: &Snapshot<'_>) -> prometheus::Result<String> {
        let mut families = self.registry.gather();
        families.extend(now.registered().done().gather());
        families.extend(ProcessCollector::for_self().collect());
        TextEncoder::new().encode_to_string(&families)
    }
}

// Counts as Prometheus has them: exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn float(count: u64) -> f64 {
    count as f64
}

impl Snapshot<'_> {
    fn registered(&self) -> Registering {
        let r = Registering::new();
        let version = [(env!("CARGO_PKG_VERSION"), 1.0)];
        r.values("build_info", "The version of this program.", "version", &version);
        let timeout = self.policy.job_timeout.as_secs_f64();
        r.value("job_timeout_seconds", "TAPEDECK_JOB_TIMEOUT.", timeout);
        let up = if self.queue.is_some() { 1.0 } else { 0.0 };
        r.value("database_up", "Whether the database answered just now.", up);
        let Connections { open, idle } = self.connections;
        let connections = [("idle", float(idle)), ("used", float(open.saturating_sub(idle)))];
        r.values("database_connections", "Connections to it, by state.", "state", &connections);
        if let Some(held) = self.held {
            r.value("http_held_requests", "Requests that are held now.", float(held as u64));
        }
        if let Some(queue) = self.queue {
            add_queue(&r, queue);
        }
        r
    }
}

fn add_queue(r: &Registering, queue: &Queue) {
    let queued = [("true", float(queue.queued_wanted)), ("false", float(queue.queued_unwanted))];
    let help = "Runs that wait for a worker, by whether a listener waits for them.";
    r.values("queue_queued_runs", help, "wanted", &queued);
    r.value("queue_running_runs", "Runs that workers hold.", float(queue.running));
    let ended = [("ready", float(queue.ready)), ("failed", float(queue.failed))];
    r.values("queue_ended_runs", "Runs that ended in the last hour.", "outcome", &ended);
    let failures = FailureKind::ALL.map(|kind| {
        let of_kind = queue.failures.iter().filter(|failure| failure.kind == kind);
        (kind.as_str(), float(of_kind.map(|failure| failure.runs).sum()))
    });
    let help =
        "Runs that failed in the last hour for one of the 20 most frequent reasons, by kind.";
    r.values("queue_failures", help, "kind", &failures);
    let workers = [("live", queue.workers.len() as u64), ("lost", queue.offline_workers)]
        .map(|(state, count)| (state, float(count)));
    let help = "Workers heard within a lease, and those that fell silent within a day.";
    r.values("workers", help, "state", &workers);
    // An age where there is one: 0 would be an answer too.
    for (name, help, at) in [
        (
            "queue_oldest_wanted_age_seconds",
            "How long the oldest run that a listener waits for has waited; absent without one.",
            queue.oldest_wanted_at,
        ),
        (
            "queue_last_claim_age_seconds",
            "How long ago a run was last taken; absent where that is not known.",
            queue.last_claim_at,
        ),
        (
            "queue_last_ready_age_seconds",
            "How long ago a recording last became ready; absent if never.",
            queue.last_ready_at,
        ),
    ] {
        if let Some(at) = at {
            r.value(name, help, elapsed(at, queue.now).as_secs_f64());
        }
    }
}
