//! Stores and reads the description beside an object. It is stored after the bytes are durable, so an
//! object with a description is whole.

use std::io;

use super::Storage;
use crate::model::{BadDescription, Description, ObjectKey};

/// The largest description that is read.
const MOST_BYTES: u64 = 256 << 10;

impl Storage {
    /// Stores the description durably. Call it when the object that it describes is durable.
    pub async fn describe(&self, description: &Description) -> io::Result<()> {
        let key = description.key.description();
        let mut upload = self.create(&key).await?;
        upload.write(description.to_json().into()).await?;
        upload.finish().await
    }

    /// The description beside an object; `None` where there is none. The inner error says why the
    /// description can't be used.
    pub async fn description(
        &self,
        key: &ObjectKey,
    ) -> io::Result<Option<Result<Description, BadDescription>>> {
        match self.read_small(key.description().as_str(), MOST_BYTES).await {
            Ok(json) => Ok(Some(Description::parse(key, &json))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            // Larger than any description.
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Ok(Some(Err(BadDescription::TooLarge)))
            }
            Err(error) => Err(error),
        }
    }
}
