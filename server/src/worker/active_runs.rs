//! The runs that this process works on, each with the token that stops it. Only memory: what the
//! database says counts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::model::RunId;

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct ActiveRuns(Arc<Mutex<HashMap<RunId, CancellationToken>>>);

/// One of them, for as long as this lives.
#[derive(Debug)]
pub(super) struct ActiveRun {
    run: RunId,
    revoked: CancellationToken,
    all: ActiveRuns,
}

impl ActiveRuns {
    /// Adds a run that was just claimed.
    pub(super) fn take(&self, run: RunId) -> ActiveRun {
        let revoked = CancellationToken::new();
        self.runs().insert(run, revoked.clone());
        ActiveRun { run, revoked, all: self.clone() }
    }

    /// Which they are now.
    pub(super) fn all(&self) -> Vec<RunId> {
        self.runs().keys().copied().collect()
    }

    pub(super) fn contains(&self, run: RunId) -> bool {
        self.runs().contains_key(&run)
    }

    /// Stops this run: somebody else decides on it now. Says whether it was worked on.
    pub(super) fn revoke(&self, run: RunId) -> bool {
        self.runs().get(&run).map(CancellationToken::cancel).is_some()
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, CancellationToken>> {
        // Each change is one call of the map's.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ActiveRun {
    /// Cancelled when the run is lost.
    pub(super) fn revoked(&self) -> &CancellationToken {
        &self.revoked
    }
}

impl Drop for ActiveRun {
    fn drop(&mut self) {
        self.all.runs().remove(&self.run);
    }
}
