//! Objects of the storage as the database sees them: what it knows about each, which of them are in
//! quarantine, and what adopting one means.

use jiff::Timestamp;

use super::{ObjectKey, RunId};

/// What the database knows about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownObject {
    /// The run that the key names.
    pub run: KnownRun,
    /// The run's recording; without a run, the first recording of the call that the key names.
    pub recording: KnownRecording,
}

/// A run as far as it decides on objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownRun {
    /// The database has no such run: it may be newer than a restored backup.
    Unknown,
    /// It is queued or running.
    Active,
    /// It ended. Whether well or not proves nothing: a run that succeeded after a backup is stuck,
    /// and then failed, once the backup is restored.
    Ended {
        /// When.
        at: Timestamp,
        /// Whether it describes what it publishes. Programs before 0.2 did not.
        describes: bool,
    },
}

/// A recording as far as it decides on objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownRecording {
    /// The database has no such recording, or no bytes of it.
    Nothing,
    /// It names this object; whether that is present is another question.
    Ready(ObjectKey),
    /// It was deleted for good, or its call was erased.
    Deleted,
}

/// Why an object is not adopted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptionRefusal {
    /// The recording plays already.
    #[error("the recording is ready")]
    Ready,
    /// The recording was deleted.
    #[error("the recording was deleted")]
    Deleted,
    /// The call was erased.
    #[error("the call was erased")]
    Erased,
    /// A newer object of the same recording is there.
    #[error("a newer object of the same recording is adopted")]
    Older,
    /// It is what a recording was made of, or was made beside it.
    #[error("another object of the same download is the recording")]
    NotTheRecording,
    /// Nothing says whose it is.
    #[error("no description lies beside the object")]
    NoDescription,
    /// The description can't be read.
    #[error("the description beside the object can't be read")]
    BadDescription,
    /// The bytes are not those that the description describes.
    #[error("the bytes do not fit the description")]
    BadBytes,
    /// The object is not there any more.
    #[error("the object is not in the storage any more")]
    Gone,
}

/// What the database says about the recording that an object claims to be, read under the
/// recording's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdoptionTarget {
    /// The call, or the recording, is not known.
    Unknown,
    /// It is known, and has no bytes: none yet, failed, gone at the provider, or missing.
    WithoutBytes {
        /// The run that is queued or running.
        active_run: Option<RunId>,
    },
    /// It can be played.
    Ready,
    /// It was deleted, or is hidden until it is.
    Deleted,
    /// The call was erased.
    Erased,
}

/// What the adoption of an object writes, in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Registers the call and the recording where they are unknown, and publishes the object. The
    /// active run ends as superseded.
    Publish {
        /// Whether the recording must be registered first.
        registers: bool,
        /// The run that ends.
        supersedes: Option<RunId>,
    },
    /// Nothing.
    Refuse(AdoptionRefusal),
}

/// An object in quarantine: the storage holds it, and the database does not know why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its key.
    pub key: ObjectKey,
    /// Its length.
    pub bytes: u64,
    /// When it was last written, by the storage's clock.
    pub written_at: Timestamp,
    /// The description beside it, as JSON.
    pub description: Option<String>,
}
