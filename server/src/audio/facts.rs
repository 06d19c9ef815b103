//! How long a recording plays and in how many channels, where its beginning says so. Pure.

use super::{AudioType, mpeg, wav};

/// What is known without decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    /// How long it plays, in seconds.
    pub duration_seconds: Option<f64>,
    /// How many channels it has.
    pub channels: Option<u16>,
}

/// Reads what the first bytes of a recording of `len` bytes say.
pub fn facts(kind: AudioType, head: &[u8], len: u64) -> Facts {
    match kind {
        AudioType::Wav => wav::facts(head, len),
        AudioType::Mpeg => mpeg::facts(head, len),
        _ => Facts::default(),
    }
}
