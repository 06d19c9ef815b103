//! SQLite has no way to tell another process anything: each looks often.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::SqliteStore;
use crate::store::{Hint, Hints};

const POLL: Duration = Duration::from_millis(250);

#[async_trait]
impl Hints for SqliteStore {
    fn poll_every(&self) -> Duration {
        POLL
    }

    async fn relay(&self, _: mpsc::Receiver<Hint>, _: &(dyn Fn(Hint) + Send + Sync)) {}
}
