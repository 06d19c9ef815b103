//! The events of the queue: each reading is serialized once for all followers. Knows no connection and
//! sets no pace.

use std::sync::{Arc, Mutex, PoisonError};

use app::Lang;
use jiff::Timestamp;
use shared::body::QueueBody;

use super::error::ApiError;
use crate::{
    api::bodies,
    engine::{QueueCache, QueueReading, rules::Policy},
    model::Worker,
    store::Queue,
};

/// The latest event of the queue, shared by all followers.
pub struct QueueEvents {
    watch: Arc<QueueCache>,
    policy: Policy,
    last: Mutex<Option<Latest>>,
}

struct Latest {
    reading: Arc<QueueReading>,
    event: Arc<QueueEvent>,
    picture: Option<Queue>,
}

/// One reading of the queue, serialized.
#[derive(Debug)]
pub(super) struct QueueEvent {
    /// Grows with each change; the passing of time alone is none.
    pub(super) change: u64,
    pub(super) payload: Payload,
}

#[derive(Debug)]
pub(super) enum Payload {
    /// A [`QueueBody`], and the reading's time in microseconds.
    Queue { json: String, id: String },
    /// A [`shared::body::Problem`]: the queue can't be read now. In English: it is one text for
    /// all, and pages have words of their own.
    Problem { json: String },
}

impl QueueEvents {
    /// No reading yet.
    pub fn new(watch: Arc<QueueCache>, policy: Policy) -> Self {
        Self { watch, policy, last: Mutex::new(None) }
    }

    /// The queue's body, as of now.
    pub(super) async fn body(&self) -> Result<QueueBody, ApiError> {
        match &self.watch.look().await.queue {
            Ok(queue) => Ok(bodies::queue(queue, &self.policy)),
            Err(error) => Err(ApiError::from(error)),
        }
    }

    /// Payload there is to tell now.
    pub(super) async fn now(&self) -> Arc<QueueEvent> {
        let reading = self.watch.look().await;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(written) = last.as_ref().filter(|last| Arc::ptr_eq(&last.reading, &reading)) {
            return written.event.clone();
        }
        let picture = reading.queue.as_ref().ok().map(without_time);
        let event = match last.take() {
            // Still away: one event, one log line.
            Some(last) if last.picture.is_none() && picture.is_none() => last.event,
            Some(last) => {
                let change = last.event.change + u64::from(last.picture != picture);
                Arc::new(QueueEvent { change, payload: self.payload(&reading) })
            }
            None => Arc::new(QueueEvent { change: 0, payload: self.payload(&reading) }),
        };
        *last = Some(Latest { reading, event: event.clone(), picture });
        event
    }

    fn payload(&self, reading: &QueueReading) -> Payload {
        match &reading.queue {
            Ok(queue) => Payload::Queue {
                json: json(&bodies::queue(queue, &self.policy)),
                id: queue.now.as_microsecond().to_string(),
            },
            Err(error) => Payload::Problem { json: json(&ApiError::from(error).problem(Lang::En)) },
        }
    }
}

fn json(body: &impl serde::Serialize) -> String {
    serde_json::to_string(body).expect("plain data with text for keys")
}

/// The queue without what changes by itself: the time, and each worker's last words.
fn without_time(queue: &Queue) -> Queue {
    let silent = |workers: &[Worker]| -> Vec<Worker> {
        let then = Timestamp::UNIX_EPOCH;
        let silent = |worker: &Worker| Worker {
            last_seen_at: then,
            last_poll_at: None,
            last_claim_at: None,
            ..worker.clone()
        };
        workers.iter().map(silent).collect()
    };
    Queue {
        now: Timestamp::UNIX_EPOCH,
        workers: silent(&queue.workers),
        offline: silent(&queue.offline),
        ..queue.clone()
    }
}
