//! Lists the storage, and sorts each object: needed, useless, or unknown.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
    io,
};

use jiff::Timestamp;
use tracing::{info, warn};

use super::{Quarantine, Result};
use crate::{
    engine::rules::{Fate, fate},
    model::{KnownObject, KnownRecording, ObjectKey, Quarantined},
    storage::StoredObject,
};

/// What a scan of the storage found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Objects that were removed.
    pub removed: usize,
    /// Objects that are new in the quarantine.
    pub quarantined: u64,
    /// Objects that left the quarantine because they are needed, or not there any more.
    pub released: usize,
}

/// Whether a scan removes what is proven to be useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The sweep does.
    Allowed,
    /// An operator who looks at the quarantine does not.
    Forbidden,
}

/// A batch of the listing, sorted. What is needed is left out.
#[derive(Debug, Default)]
struct Sorted {
    useless: Vec<ObjectKey>,
    unknown: Vec<Quarantined>,
    /// Recordings beside which no description lies.
    undescribed: Vec<ObjectKey>,
}

/// Hashes of the keys that a scan found unknown: a few bytes for each of perhaps millions.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl Seen {
    fn insert(&mut self, key: &ObjectKey) {
        self.hashes.insert(self.hasher.hash_one(key));
    }

    fn contains(&self, key: &ObjectKey) -> bool {
        self.hashes.contains(&self.hasher.hash_one(key))
    }
}

impl Quarantine {
    /// Sorts all objects that were last written before `before`, and updates the quarantine.
    pub async fn scan(&self, before: Timestamp, removal: Removal) -> Result<Scanned> {
        let (mut scanned, mut seen) = (Scanned::default(), Seen::default());
        let mut listing = self.storage.list_written_before(before);
        while let Some(batch) = listing.recv().await {
            let sorted = self.sort(&batch?, before).await?;
            sorted.unknown.iter().for_each(|object| seen.insert(&object.key));
            let new = self.store.quarantine(&sorted.unknown).await?;
            if new > 0 {
                warn!(objects = new, "the storage holds objects that the database does not know");
            }
            scanned.quarantined += new;
            if removal == Removal::Allowed {
                scanned.removed += self.remove_useless(&sorted.useless).await;
                for key in sorted.undescribed {
                    self.describe(&key).await?;
                }
            }
        }
        scanned.released = self.release_settled(&seen, before).await?;
        Ok(scanned)
    }

    async fn sort(&self, batch: &[StoredObject], before: Timestamp) -> Result<Sorted> {
        let keys: Vec<_> = batch.iter().map(|object| object.key.clone()).collect();
        let listed: HashSet<_> = keys.iter().collect();
        let known = self.store.known_objects(&keys).await?;
        let mut sorted = Sorted::default();
        for (object, known) in batch.iter().zip(known) {
            match self.fate(&object.key, &known, &listed, before).await? {
                Fate::Remove => sorted.useless.push(object.key.clone()),
                Fate::Quarantine if self.stands_alone(&object.key, &listed).await? => {
                    sorted.unknown.push(self.row(object).await?);
                }
                Fate::Keep if self.is_undescribed(&object.key, &known, &listed).await? => {
                    sorted.undescribed.push(object.key.clone());
                }
                _ => {}
            }
        }
        Ok(sorted)
    }

    /// Whether a recording names the object, and no description lies beside it: a program before
    /// 0.2 wrote it.
    async fn is_undescribed(
        &self,
        key: &ObjectKey,
        known: &KnownObject,
        listed: &HashSet<&ObjectKey>,
    ) -> io::Result<bool> {
        let is_named = matches!(&known.recording, KnownRecording::Ready(named) if named == key);
        let description = key.description();
        Ok(is_named && !listed.contains(&description) && !self.is_present(&description).await?)
    }

    async fn describe(&self, key: &ObjectKey) -> Result<()> {
        if let Some(description) = self.store.description_of(key).await? {
            self.storage.describe(&description).await?;
        }
        Ok(())
    }

    /// Never [`Fate::RemoveIfPresent`]: looks whether the other object is present.
    async fn fate(
        &self,
        key: &ObjectKey,
        known: &KnownObject,
        listed: &HashSet<&ObjectKey>,
        before: Timestamp,
    ) -> io::Result<Fate> {
        if fate(key, known, true, before) == Fate::Keep {
            return Ok(Fate::Keep); // described or not
        }
        let description = key.description();
        let is_described = listed.contains(&description) || self.is_present(&description).await?;
        Ok(match fate(key, known, is_described, before) {
            Fate::RemoveIfPresent(other) if self.is_present(&other).await? => Fate::Remove,
            Fate::RemoveIfPresent(_) => Fate::Quarantine,
            fate => fate,
        })
    }

    /// A waveform or a description belongs to the recording that it lies beside, and is listed only
    /// where that is not there.
    async fn stands_alone(
        &self,
        key: &ObjectKey,
        listed: &HashSet<&ObjectKey>,
    ) -> io::Result<bool> {
        if key.is_sound() {
            return Ok(true);
        }
        let siblings: Vec<_> = key.of_claim().into_iter().filter(ObjectKey::is_sound).collect();
        if siblings.iter().any(|sibling| listed.contains(sibling)) {
            return Ok(false);
        }
        for sibling in &siblings {
            if self.is_present(sibling).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn row(&self, object: &StoredObject) -> io::Result<Quarantined> {
        let description = match self.storage.description(&object.key).await? {
            Some(Ok(description)) => Some(description),
            Some(Err(error)) => {
                warn!(key = %object.key, %error, "an unknown object has a damaged description");
                None
            }
            None => None,
        };
        let json = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Quarantined {
            key: object.key.clone(),
            bytes: object.bytes,
            written_at: object.written_at,
            description: description.map(|description| json(description.to_json())),
        })
    }

    async fn remove_useless(&self, keys: &[ObjectKey]) -> usize {
        let mut removed = 0;
        for key in keys {
            match self.storage.delete(key).await {
                Ok(()) => removed += 1,
                Err(error) => warn!(%key, %error, "cannot remove a useless object"),
            }
        }
        removed
    }

    /// Takes off the list what a complete scan did not find unknown: because a recording names it
    /// now, or because it is not there any more.
    async fn release_settled(&self, seen: &Seen, before: Timestamp) -> Result<usize> {
        let (mut after, mut released) = (None, 0);
        loop {
            let page = self.next_page(&mut after).await?;
            if page.is_empty() {
                break;
            }
            let keys: Vec<_> = page.into_iter().map(|object| object.key).collect();
            let unseen: Vec<_> = keys.into_iter().filter(|key| !seen.contains(key)).collect();
            let known = self.store.known_objects(&unseen).await?;
            let mut settled = Vec::new();
            for (key, known) in unseen.into_iter().zip(known) {
                let is_needed = fate(&key, &known, true, before) == Fate::Keep;
                if is_needed || !self.is_present(&key).await? {
                    settled.push(key);
                }
            }
            self.store.release(&settled).await?;
            released += settled.len();
        }
        if released > 0 {
            info!(objects = released, "objects left the quarantine");
        }
        Ok(released)
    }
}
