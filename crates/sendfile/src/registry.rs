//! The open connections, and which of them has been idle for longest.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::handoff::Ledger;

/// The connections within the limit.
#[derive(Debug, Default)]
pub(super) struct Registry(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    open: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    ledger: Ledger,
    close: CancellationToken,
}

impl Registry {
    /// Notes a connection; `close` ends it at once.
    pub(super) fn open(&self, ledger: Ledger, close: CancellationToken) -> u64 {
        let mut entries = self.lock();
        let id = entries.next;
        entries.next += 1;
        entries.open.insert(id, Entry { ledger, close });
        id
    }

    /// Forgets a connection that has ended.
    pub(super) fn ended(&self, id: u64) {
        self.lock().open.remove(&id);
    }

    /// Closes the connection that has waited for a request for longest, if any does. A client whose
    /// request crosses with that sends it again (RFC 9112, section 9.5).
    pub(super) fn close_longest_idle(&self) -> bool {
        let entries = self.lock();
        let waiting = entries.open.values().filter(|entry| !entry.close.is_cancelled());
        let idle = waiting.filter_map(|entry| Some((entry.ledger.idle_since()?, entry)));
        let Some((_, longest)) = idle.min_by_key(|(since, _)| *since) else { return false };
        longest.close.cancel();
        true
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_that_is_idle_for_longest_is_closed_and_no_busy_one() {
        let registry = Registry::default();
        let tokens: Vec<_> = (0..3).map(|_| CancellationToken::new()).collect();
        let ledgers: Vec<_> = (0..3).map(|_| Ledger::default()).collect();
        for (ledger, token) in ledgers.iter().zip(&tokens) {
            registry.open(ledger.clone(), token.clone());
        }
        assert!(!registry.close_longest_idle(), "none waits for a request yet");
        for ledger in [&ledgers[1], &ledgers[0], &ledgers[2]] {
            ledger.waits_for_request();
        }
        ledgers[1].request_started();
        assert!(registry.close_longest_idle());
        let closed = || tokens.iter().map(CancellationToken::is_cancelled).collect::<Vec<_>>();
        assert_eq!(closed(), [true, false, false]);
        assert!(registry.close_longest_idle());
        assert!(!registry.close_longest_idle(), "each once");
        assert_eq!(closed(), [true, false, true]);
    }

    #[test]
    fn a_connection_that_has_ended_is_forgotten() {
        let registry = Registry::default();
        let ledger = Ledger::default();
        ledger.waits_for_request();
        registry.ended(registry.open(ledger, CancellationToken::new()));
        assert!(!registry.close_longest_idle());
    }
}
