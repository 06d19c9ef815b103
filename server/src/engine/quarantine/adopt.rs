//! Takes objects of the quarantine back as recordings, by the descriptions beside them.

use tracing::{info, warn};

use super::{Quarantine, Result};
use crate::{
    engine::rules::{adopt, newest_first},
    model::{AdoptionRefusal, Description, ObjectKey, Quarantined},
    store::Adoptable,
};

/// What became of one object.
#[derive(Debug)]
pub struct Adopted {
    /// The object.
    pub key: ObjectKey,
    /// Whose recording it is now, or why it was not adopted.
    pub result: std::result::Result<Description, AdoptionRefusal>,
}

impl Quarantine {
    /// Adopts these objects of the quarantine, or all where `only` is empty, and reports each.
    pub async fn adopt(
        &self,
        only: &[ObjectKey],
        report: &mut (dyn FnMut(Adopted) + Send),
    ) -> Result<()> {
        let mut after = None;
        // Keys begin with the call, so the objects of a recording follow each other.
        let mut of_call: Vec<Quarantined> = Vec::new();
        loop {
            let page = self.next_page(&mut after).await?;
            let is_last = page.is_empty();
            for object in page {
                if of_call.last().is_some_and(|last| last.key.call_sid() != object.key.call_sid()) {
                    self.adopt_call(std::mem::take(&mut of_call), report).await?;
                }
                if only.is_empty() || only.contains(&object.key) {
                    of_call.push(object);
                }
            }
            if is_last {
                return self.adopt_call(of_call, report).await;
            }
        }
    }

    async fn adopt_call(
        &self,
        objects: Vec<Quarantined>,
        report: &mut (dyn FnMut(Adopted) + Send),
    ) -> Result<()> {
        let mut candidates = Vec::new();
        for Quarantined { key, .. } in objects {
            match self.candidate(&key).await? {
                Ok(description) => candidates.push(description),
                Err(refusal) => report(Adopted { key, result: Err(refusal) }),
            }
        }
        for same_recording in newest_first(candidates) {
            let mut is_adopted = false;
            for description in same_recording {
                let key = description.key.clone();
                let result = if is_adopted {
                    Err(AdoptionRefusal::Older)
                } else {
                    self.adopt_one(&description).await?
                };
                is_adopted |= result.is_ok();
                report(Adopted { key, result: result.map(|()| description) });
            }
        }
        Ok(())
    }

    async fn candidate(
        &self,
        key: &ObjectKey,
    ) -> Result<std::result::Result<Description, AdoptionRefusal>> {
        Ok(match self.storage.description(key).await? {
            Some(Ok(description)) if description.key == *key => Ok(description),
            Some(Ok(_)) => Err(AdoptionRefusal::NotTheRecording),
            Some(Err(error)) => {
                warn!(%key, %error, "an unknown object has a damaged description");
                Err(AdoptionRefusal::BadDescription)
            }
            None => Err(AdoptionRefusal::NoDescription),
        })
    }

    async fn adopt_one(
        &self,
        description: &Description,
    ) -> Result<std::result::Result<(), AdoptionRefusal>> {
        let key = &description.key;
        if !self.is_present(key).await? {
            return Ok(Err(AdoptionRefusal::Gone));
        }
        let (bytes, sha256) = self.storage.digest(key).await?;
        if bytes != description.bytes || sha256 != description.sha256 {
            return Ok(Err(AdoptionRefusal::BadBytes));
        }
        let peaks = key.peaks();
        let has_peaks = self.is_present(&peaks).await?;
        let object = Adoptable { description, peaks_key: has_peaks.then_some(&peaks) };
        let adopted = self.store.adopt(object, adopt).await?;
        if adopted.is_ok() {
            let (call_sid, part) = (&description.call_sid, description.part);
            info!(%call_sid, part, %key, "adopted an object of the storage");
        }
        Ok(adopted)
    }
}
