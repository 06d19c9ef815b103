//! Tells a missing object from a storage that is away. A volume that is not mounted is an empty
//! folder, so that a missing file alone proves nothing.

use std::io;

use super::Storage;
use crate::model::ObjectKey;

/// Where an object is.
#[derive(Debug)]
pub enum Presence {
    /// In the storage.
    Present,
    /// Nowhere: the storage with the right id answered, and does not have it.
    Absent,
    /// Unknown: the storage does not answer, or carries another id.
    Away(io::Error),
}

impl Storage {
    /// Looks for the object, verifies the storage's id, and looks again. Concludes that the object
    /// is absent only if all three agree.
    pub async fn presence(&self, key: &ObjectKey) -> Presence {
        let first = self.exists(key).await;
        if matches!(first, Ok(true)) {
            return Presence::Present;
        }
        let id = self.check().await;
        conclude(first, id, self.exists(key).await)
    }
}

fn conclude(first: io::Result<bool>, id: io::Result<()>, second: io::Result<bool>) -> Presence {
    match (first, id, second) {
        (Ok(true), _, _) | (_, Ok(()), Ok(true)) => Presence::Present,
        (Ok(false), Ok(()), Ok(false)) => Presence::Absent,
        (_, Err(error), _) | (Err(error), Ok(()), _) | (_, _, Err(error)) => Presence::Away(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away<T>() -> io::Result<T> {
        Err(io::ErrorKind::TimedOut.into())
    }

    #[test]
    fn an_object_is_absent_only_if_both_looks_and_the_id_agree() {
        assert!(matches!(conclude(Ok(false), Ok(()), Ok(false)), Presence::Absent));
        assert!(matches!(conclude(Ok(true), away(), Ok(false)), Presence::Present));
        assert!(matches!(conclude(Ok(false), Ok(()), Ok(true)), Presence::Present));
        assert!(matches!(conclude(Ok(false), away(), Ok(false)), Presence::Away(_)));
        assert!(matches!(conclude(away(), Ok(()), Ok(false)), Presence::Away(_)));
        assert!(matches!(conclude(Ok(false), Ok(()), away()), Presence::Away(_)));
        // It is back, but under which id?
        assert!(matches!(conclude(Ok(false), away(), Ok(true)), Presence::Away(_)));
    }
}
