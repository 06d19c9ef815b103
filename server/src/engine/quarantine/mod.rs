//! Compares the storage with the database. The sweep removes what is proven to be useless, and lists
//! the unknown rest as the quarantine; an operator adopts or removes what is listed. Nothing that is
//! listed is removed by itself.

mod adopt;
mod remove;
mod scan;

use std::{io, sync::Arc};

pub use self::{
    adopt::Adopted,
    remove::Removed,
    scan::{Removal, Scanned},
};
use crate::{
    model::{ObjectKey, Quarantined},
    storage::{Presence, Storage},
    store::{Store, StoreError},
};

/// Rows of the quarantine read at once.
const PAGE: u32 = 256;

/// The objects of the storage that the database does not know.
#[derive(Clone)]
pub struct Quarantine {
    store: Arc<dyn Store>,
    storage: Storage,
}

/// Why work on the quarantine ends early.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The storage does not answer, or carries another id.
    #[error("the storage is not available: {0}")]
    Storage(#[from] io::Error),
}

/// What work on the quarantine says.
type Result<T> = std::result::Result<T, QuarantineError>;

impl Quarantine {
    /// Reads nothing yet.
    pub fn new(store: Arc<dyn Store>, storage: Storage) -> Self {
        Self { store, storage }
    }

    /// Calls `visit` for each object of the quarantine, or those of `only`, until it returns
    /// `false`. Says whether all were visited.
    pub async fn list(
        &self,
        only: &[ObjectKey],
        visit: &mut (dyn FnMut(Quarantined) -> bool + Send),
    ) -> Result<bool> {
        let mut after = None;
        loop {
            let page = self.next_page(&mut after).await?;
            if page.is_empty() {
                return Ok(true);
            }
            for object in page {
                if (only.is_empty() || only.contains(&object.key)) && !visit(object) {
                    return Ok(false);
                }
            }
        }
    }

    async fn is_present(&self, key: &ObjectKey) -> io::Result<bool> {
        match self.storage.presence(key).await {
            Presence::Present => Ok(true),
            Presence::Absent => Ok(false),
            Presence::Away(error) => Err(error),
        }
    }

    /// The next page in the order of keys, which moves `after` on.
    async fn next_page(&self, after: &mut Option<ObjectKey>) -> Result<Vec<Quarantined>> {
        let page = self.store.quarantined(after.as_ref(), PAGE).await?;
        if let Some(last) = page.last() {
            *after = Some(last.key.clone());
        }
        Ok(page)
    }
}
