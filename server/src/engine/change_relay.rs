//! Carries hints of changes between the processes: what other processes changed goes to this process's
//! [`ChangeNotifier`], what this one changed to the others. A hint may be lost, and SQLite has none, so the
//! relay also polls the database.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{ChangeNotifier, SeenChanges};
use crate::store::{Hint, Store};

/// Relays until dropped.
pub async fn relay_changes(
    store: Arc<dyn Store>,
    notifier: Arc<ChangeNotifier>,
    outgoing: mpsc::Receiver<Hint>,
) {
    let receive = |hint: Hint| notifier.receive(&hint);
    tokio::join!(store.relay(outgoing, &receive), poll_for_changes(&*store, &notifier));
}

async fn poll_for_changes(store: &dyn Store, notifier: &ChangeNotifier) {
    let mut since = None;
    let mut seen_before = SeenChanges::default();
    loop {
        tokio::time::sleep(store.poll_every()).await;
        let seen = match since {
            Some(since) => store.changed_since(since).await,
            None => store.now().await.map(|now| (Vec::new(), now)),
        };
        // While the database is away, nothing changes in it.
        let Ok((seen, next)) = seen else { continue };
        for call_sid in seen_before.unseen(seen) {
            notifier.receive(&Hint { call_sid, is_work: false });
        }
        since = Some(next);
    }
}
