//! The queue in numbers, for all who look: read once in a while at most, however many ask, and not
//! at all while nobody does. Decides nothing.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};

use crate::store::{Queue, Result, Store};

/// See the module.
pub struct QueueCache {
    store: Arc<dyn Store>,
    /// What was read holds for so long.
    holds: Duration,
    /// Held while reading, so that all who ask meanwhile are told the same.
    last: Mutex<Option<Arc<QueueReading>>>,
}

/// What one read gave.
#[derive(Debug)]
pub struct QueueReading {
    /// The queue, or why it could not be read.
    pub queue: Result<Queue>,
    read_at: Instant,
}

impl QueueCache {
    /// Has read nothing yet. What it reads holds for `holds`.
    pub fn new(store: Arc<dyn Store>, holds: Duration) -> Self {
        Self { store, holds, last: Mutex::new(None) }
    }

    /// The queue as it was a moment ago.
    pub async fn look(&self) -> Arc<QueueReading> {
        let mut last = self.last.lock().await;
        if let Some(reading) =
            last.as_ref().filter(|reading| reading.read_at.elapsed() < self.holds)
        {
            return reading.clone();
        }
        let queue = self.store.queue().await;
        let reading = Arc::new(QueueReading { queue, read_at: Instant::now() });
        *last = Some(reading.clone());
        reading
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::TestClock, engine::rules::Policy, store::SqliteStore};

    async fn watch(holds: Duration, folder: &tempfile::TempDir) -> Arc<QueueCache> {
        let path = folder.path().join("tapedeck.db");
        let lease_policy = Policy::default().lease_policy();
        let store =
            SqliteStore::open(&path, Arc::new(TestClock::new()), lease_policy).await.unwrap();
        Arc::new(QueueCache::new(Arc::new(store), holds))
    }

    #[tokio::test]
    async fn a_thousand_who_ask_at_once_are_told_of_one_reading() {
        let folder = tempfile::tempdir().unwrap();
        let watch = watch(Duration::from_hours(1), &folder).await;
        let askers: Vec<_> = (0..1_000)
            .map(|_| {
                let watch = watch.clone();
                tokio::spawn(async move { watch.look().await })
            })
            .collect();
        let first = watch.look().await;
        for purpose in askers {
            assert!(Arc::ptr_eq(&first, &purpose.await.unwrap()));
        }
    }

    #[tokio::test]
    async fn what_no_longer_holds_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let watch = watch(Duration::ZERO, &folder).await;
        assert!(!Arc::ptr_eq(&watch.look().await, &watch.look().await));
    }
}
