//! What the sweep and `tapedeck storage unknown` need to know about objects of the storage.

use async_trait::async_trait;

use super::Result;
use crate::model::{
    Adoption, AdoptionRefusal, AdoptionTarget, Description, KnownObject, ObjectKey, Quarantined,
};

/// How many objects are in quarantine, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuarantineSize {
    /// Objects.
    pub objects: u64,
    /// Their lengths together.
    pub bytes: u64,
}

/// An object that is to be published, with the waveform beside it where one is.
#[derive(Clone, Debug)]
pub struct Adoptable<'a> {
    /// Whose it is.
    pub description: &'a Description,
    /// The key of its waveform.
    pub peaks_key: Option<&'a ObjectKey>,
}

/// Objects of the storage as the database knows them.
#[async_trait]
pub trait Objects: Send + Sync + 'static {
    /// What is known about each of these objects, in this order.
    async fn known_objects(&self, keys: &[ObjectKey]) -> Result<Vec<KnownObject>>;
    /// The description of the recording that names this object, if one does.
    async fn description_of(&self, key: &ObjectKey) -> Result<Option<Description>>;
    /// Adds objects to the quarantine; says how many of them are new there.
    async fn quarantine(&self, objects: &[Quarantined]) -> Result<u64>;
    /// A page of the quarantine in the order of keys, after this one.
    async fn quarantined(&self, after: Option<&ObjectKey>, limit: u32) -> Result<Vec<Quarantined>>;
    /// How much there is in quarantine.
    async fn quarantine_size(&self) -> Result<QuarantineSize>;
    /// Takes objects off the quarantine's list.
    async fn release(&self, keys: &[ObjectKey]) -> Result<()>;
    /// Publishes an object that the database did not know, in one transaction under the lock of its
    /// recording: `decide` decides by what the transaction sees. The call and the recording are
    /// registered where they are unknown, a run that is active ends as superseded, and the object
    /// leaves the quarantine.
    async fn adopt(
        &self,
        object: Adoptable<'_>,
        decide: fn(AdoptionTarget) -> Adoption,
    ) -> Result<std::result::Result<(), AdoptionRefusal>>;
}
