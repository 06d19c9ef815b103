//! Binds a storage to one database. Both carry the same id: a worker that writes where no server
//! reads must not start, and a sweep must never see another installation's recordings.

use uuid::Uuid;

use super::{OpenError, Storage};
use crate::store::{Store, StoreError};

/// Why a process must not use this storage with this database, in one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OwnershipError {
    /// The storage does not answer, or carries another id than the database knows.
    #[error(transparent)]
    Storage(#[from] OpenError),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] StoreError),
    /// The database knows recordings, and this storage carries no id: a volume that is not mounted
    /// looks the same.
    #[error(
        "{storage} is not the storage that this database's recordings are in (id {known:?}); use \
         that one, and see that its volume is mounted"
    )]
    NotTheRecordings {
        /// Where the storage is.
        storage: String,
        /// The id that the database knows.
        known: String,
    },
    /// The storage carries an id, and the database knows none.
    #[error(
        "the storage in {storage} belongs to another database (id {found:?}); use that database, \
         or an empty storage"
    )]
    AnotherDatabase {
        /// Where the storage is.
        storage: String,
        /// The id that it carries.
        found: String,
    },
}

/// Verifies that the storage is this database's. A new storage and a new database get one id.
pub async fn take_ownership(storage: &Storage, store: &dyn Store) -> Result<(), OwnershipError> {
    // In this order: a process that starts at the same time writes to the database first.
    let found = storage.id().await?;
    match (store.storage_id().await?, found) {
        (Some(known), Some(_)) => storage.assign_id(&known).await?,
        (Some(known), None) => {
            if store.has_recordings().await? {
                return Err(OwnershipError::NotTheRecordings {
                    storage: storage.to_string(),
                    known,
                });
            }
            storage.assign_id(&known).await?;
        }
        (None, Some(found)) => {
            return Err(OwnershipError::AnotherDatabase { storage: storage.to_string(), found });
        }
        // Of several processes that start at once, one's id stands.
        (None, None) => {
            let id = store.adopt_storage(&Uuid::new_v4().to_string()).await?;
            storage.assign_id(&id).await?;
        }
    }
    Ok(())
}

/// Binds the storage of a lost database to a new one, which gets the storage's id. Fails where the
/// database knows another storage.
pub async fn take_over(storage: &Storage, store: &dyn Store) -> Result<(), OwnershipError> {
    if let (None, Some(found)) = (store.storage_id().await?, storage.id().await?) {
        store.adopt_storage(&found).await?;
    }
    take_ownership(storage, store).await
}
