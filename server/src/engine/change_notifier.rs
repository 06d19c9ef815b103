//! Tells this process and the others that something about a call has changed: whoever holds a
//! request for it wakes up, and what was remembered of it is forgotten; a worker looks for work. A
//! hint, never the truth.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use shared::CallSid;
use tokio::sync::{Notify, mpsc, watch};

use crate::store::{Hint, StatusChange};

/// Calls share slots, so that memory does not grow with them: a change of one call may wake
/// another's waiters, who look and wait on.
const SLOTS: usize = 1024;

/// See the module.
pub struct ChangeNotifier {
    slots: Box<[watch::Sender<u64>]>,
    hasher: RandomState,
    work: Notify,
    /// To the other processes.
    peers: Option<mpsc::Sender<Hint>>,
}

impl ChangeNotifier {
    /// Nothing has changed yet; nobody but this process is told.
    pub fn new() -> Self {
        let slots = (0..SLOTS).map(|_| watch::Sender::new(0)).collect();
        Self { slots, hasher: RandomState::new(), work: Notify::new(), peers: None }
    }

    /// The same, with a way to the other processes.
    pub fn with_peers(peers: mpsc::Sender<Hint>) -> Self {
        Self { peers: Some(peers), ..Self::new() }
    }

    /// Says that a run, the recording or the registration of this call has just been changed here.
    pub fn notify(&self, call_sid: &CallSid) {
        self.send(Hint { call_sid: call_sid.clone(), is_work: false });
    }

    /// The same, where the change is a run to be taken off the queue.
    pub fn notify_work(&self, call_sid: &CallSid) {
        self.send(Hint { call_sid: call_sid.clone(), is_work: true });
    }

    fn send(&self, hint: Hint) {
        self.receive(&hint);
        if let Some(peers) = &self.peers {
            let _ = peers.try_send(hint); // with too many on their way the others find out by looking
        }
    }

    /// Something was changed, here or by another process.
    pub fn receive(&self, hint: &Hint) {
        self.slot(&hint.call_sid).send_modify(|generation| *generation += 1);
        if hint.is_work {
            self.work.notify_one();
        }
    }

    /// Waits until there is work. That which came while nobody waited is remembered, once.
    pub async fn work(&self) {
        self.work.notified().await;
    }

    /// Grows with each change: what was read under an older number may be out of date.
    pub fn generation(&self, call_sid: &CallSid) -> u64 {
        *self.slot(call_sid).borrow()
    }

    /// Wakes at the next change from now on. To be had before looking, so that no change is missed.
    pub fn watch(&self, call_sid: &CallSid) -> watch::Receiver<u64> {
        self.slot(call_sid).subscribe()
    }

    fn slot(&self, call_sid: &CallSid) -> &watch::Sender<u64> {
        // Which place it is does not matter, so the cut does not either.
        #[allow(clippy::cast_possible_truncation)]
        let hash = self.hasher.hash_one(call_sid) as usize;
        &self.slots[hash % SLOTS]
    }
}

impl Default for ChangeNotifier {
    fn default() -> Self {
        Self::new()
    }
}

/// What the last look at the database showed: each reaches back over what may be committed late, and
/// so shows most of it again.
#[derive(Debug, Default)]
pub struct SeenChanges(HashSet<StatusChange>);

impl SeenChanges {
    /// The calls of those changes that the look before this one did not show. One that it showed, and
    /// this one does not, is too long ago to come again.
    pub fn unseen(&mut self, seen: Vec<StatusChange>) -> HashSet<CallSid> {
        let before = std::mem::replace(&mut self.0, seen.into_iter().collect());
        self.0.difference(&before).map(|change| change.call_sid.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[tokio::test]
    async fn whoever_watched_before_the_change_wakes_and_sees_a_new_generation() {
        let notifier = ChangeNotifier::new();
        let call = "CA1".parse().unwrap();
        let before = notifier.generation(&call);
        let mut watch = notifier.watch(&call);
        notifier.notify(&call);
        watch.changed().await.unwrap();
        assert!(notifier.generation(&call) > before);
    }

    #[test]
    fn what_a_look_shows_again_is_no_news_and_another_change_of_the_same_call_is() {
        let change = |call: &str, second| StatusChange {
            call_sid: call.parse().unwrap(),
            changed_at: Timestamp::from_second(second).unwrap(),
        };
        let mut seen_before = SeenChanges::default();
        for (seen, news) in [
            (vec![change("CA1", 5), change("CA2", 5)], &["CA1", "CA2"][..]),
            (vec![change("CA1", 5), change("CA2", 5)], &[]),
            (vec![change("CA1", 6), change("CA2", 5)], &["CA1"]),
            // Committed late: it is older than what was shown, and was not shown.
            (vec![change("CA1", 6), change("CA3", 4)], &["CA3"]),
            (vec![], &[]),
        ] {
            let mut calls: Vec<_> = seen_before.unseen(seen).into_iter().collect();
            calls.sort();
            assert_eq!(
                calls,
                news.iter().map(|call| call.parse().unwrap()).collect::<Vec<CallSid>>()
            );
        }
    }
}
