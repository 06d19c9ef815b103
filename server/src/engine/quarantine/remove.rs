//! Removes objects of the quarantine, because an operator says so.

use tracing::info;

use super::{Quarantine, Result};
use crate::{
    engine::rules::{Fate, fate},
    model::ObjectKey,
};

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Rows of the quarantine, each with all objects of its claim.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that a recording names since they were listed; they stay.
    pub kept: u64,
}

impl Quarantine {
    /// Removes these objects of the quarantine, or all where `only` is empty.
    pub async fn remove(&self, only: &[ObjectKey]) -> Result<Removed> {
        let (mut removed, mut after) = (Removed::default(), None);
        loop {
            let mut page = self.next_page(&mut after).await?;
            if page.is_empty() {
                return Ok(removed);
            }
            page.retain(|object| only.is_empty() || only.contains(&object.key));
            let keys: Vec<_> = page.iter().map(|object| object.key.clone()).collect();
            let known = self.store.known_objects(&keys).await?;
            for (object, known) in page.iter().zip(known) {
                // No run writes under a key that was listed, so it is needed only if it is named.
                if fate(&object.key, &known, true, jiff::Timestamp::MAX) == Fate::Keep {
                    removed.kept += 1;
                    continue;
                }
                self.storage.delete(&object.key).await?;
                self.remove_beside(&object.key).await?;
                removed.objects += 1;
                removed.bytes += object.bytes;
                info!(key = %object.key, bytes = object.bytes, "removed an unknown object");
            }
            self.store.release(&keys).await?;
        }
    }
    /// Waveform and description go with the last recording that they lie beside.
    async fn remove_beside(&self, key: &ObjectKey) -> Result<()> {
        for sibling in key.of_claim().into_iter().filter(ObjectKey::is_sound) {
            if self.is_present(&sibling).await? {
                return Ok(());
            }
        }
        for beside in [key.peaks(), key.description()] {
            self.storage.delete(&beside).await?;
        }
        Ok(())
    }
}
