//! What followers of the queue are told: each reading of it is written down once for all of them.
//! Knows no connection and sets no pace.

use std::sync::{Arc, Mutex, PoisonError};

use app::Lang;
use jiff::Timestamp;
use shared::body::QueueBody;

use super::{bodies, error::ApiError};
use crate::{
    engine::{QueueWatch, Reading, rules::Policy},
    model::Worker,
    store::Queue,
};

/// See the module.
pub struct QueueEvents {
    watch: Arc<QueueWatch>,
    policy: Policy,
    last: Mutex<Option<Written>>,
}

struct Written {
    reading: Arc<Reading>,
    told: Arc<Told>,
    picture: Option<Queue>,
}

/// One reading of the queue, in words.
#[derive(Debug)]
pub(super) struct Told {
    /// Grows when something changed; that time went by is no change.
    pub(super) change: u64,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// A [`QueueBody`], and the reading's time in microseconds.
    Queue { json: String, id: String },
    /// A [`shared::body::Problem`]: the queue can't be read now. In English: it is one text for
    /// all, and pages have words of their own.
    Problem { json: String },
}

impl QueueEvents {
    /// Has told nothing yet.
    pub fn new(watch: Arc<QueueWatch>, policy: Policy) -> Self {
        Self { watch, policy, last: Mutex::new(None) }
    }

    /// The queue's body, as of now.
    pub(super) async fn body(&self) -> Result<QueueBody, ApiError> {
        match &self.watch.look().await.queue {
            Ok(queue) => Ok(bodies::queue(queue, &self.policy)),
            Err(error) => Err(ApiError::from(error)),
        }
    }

    /// What there is to tell now.
    pub(super) async fn now(&self) -> Arc<Told> {
        let reading = self.watch.look().await;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(written) = last.as_ref().filter(|last| Arc::ptr_eq(&last.reading, &reading)) {
            return written.told.clone();
        }
        let picture = reading.queue.as_ref().ok().map(without_time);
        let told = match last.take() {
            // Away as before: said once, and logged once.
            Some(last) if last.picture.is_none() && picture.is_none() => last.told,
            Some(last) => {
                let change = last.told.change + u64::from(last.picture != picture);
                Arc::new(Told { change, what: self.in_words(&reading) })
            }
            None => Arc::new(Told { change: 0, what: self.in_words(&reading) }),
        };
        *last = Some(Written { reading, told: told.clone(), picture });
        told
    }

    fn in_words(&self, reading: &Reading) -> What {
        match &reading.queue {
            Ok(queue) => What::Queue {
                json: json(&bodies::queue(queue, &self.policy)),
                id: queue.now.as_microsecond().to_string(),
            },
            Err(error) => What::Problem { json: json(&ApiError::from(error).problem(Lang::En)) },
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
        lost: silent(&queue.lost),
        ..queue.clone()
    }
}
