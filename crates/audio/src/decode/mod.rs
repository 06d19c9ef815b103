//! Decodes a stored recording once: how long it is, its outline, and, where browsers do not play
//! it, the same sound as they do. To be called where a thread may block.
//!
//! Memory does not grow with the recording, nor with what it claims; whatever its bytes are, it ends
//! or can be stopped. (A decoder's panic is the caller's to catch.) Writes nothing down.

mod blocks;
mod ear;
mod layout;
mod packets;
mod source;

use std::io::{self, Read, Seek};

use crate::CancelFlag;

use self::{
    layout::Layout,
    source::{Guard, Source, Trouble},
};
use super::{AudioType, mpeg};

/// Tags in a row that are passed over.
const MOST_TAGS: usize = 8;

/// How long a recording plays and how many channels it has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    /// How long it plays, in seconds, where known.
    pub duration_seconds: Option<f64>,
    /// How many channels it has, where known.
    pub channels: Option<u16>,
}

/// What was found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// What is to be served: another kind than what came where it was converted.
    pub kind: AudioType,
    /// How long and how wide.
    pub facts: Facts,
    /// The outline ([`super::Peaks::to_dat`]), where the recording could be decoded and is not
    /// empty.
    pub peaks: Option<Vec<u8>>,
}

/// Why a recording could not be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Nobody could play it.
    #[error("{0}")]
    Unplayable(String),
    /// It could not be read.
    #[error("cannot read: {0}")]
    Storage(io::Error),
    /// What was converted was not taken.
    #[error("cannot write: {0}")]
    Output(io::Error),
    /// It was told to stop.
    #[error("stopped")]
    Stopped,
}

impl DecodeError {
    fn nothing() -> Self {
        Self::Unplayable("nothing in the recording could be decoded".to_owned())
    }

    /// Why a read failed.
    fn of(guard: &Guard) -> Self {
        match guard.trouble() {
            Some(Trouble::Stopped) => Self::Stopped,
            Some(Trouble::Storage(error)) => Self::Storage(error),
            Some(Trouble::TooMuch) | None => Self::nothing(),
        }
    }
}

/// Takes the converted recording, piece by piece from its beginning. Not called where it is served
/// as it came.
pub type Converted<'a> = &'a mut dyn FnMut(Vec<u8>) -> io::Result<()>;

/// Decodes the `len` bytes of `file`, which begin like a `kind`, until it is told to `stop`.
///
/// A kind that nothing here decodes (AMR, Opus, Vorbis, GSM) is no error; nor are damaged parts, as
/// long as there are others.
pub fn decode<R: Read + Seek + Send>(
    kind: AudioType,
    file: R,
    len: u64,
    stop: &CancelFlag,
    converted: Converted<'_>,
) -> Result<Decoded, DecodeError> {
    let guard = Guard::new(stop);
    let mut source = Source::new(file, len, guard.clone());
    if let Some(layout) = Layout::read(kind, &mut source, len) {
        return blocks::decode(kind, layout, source, &guard, converted);
    }
    let start = behind_tags(&mut source).map_err(|_| DecodeError::of(&guard))?;
    let source = source.part(start..len).map_err(|_| DecodeError::of(&guard))?;
    packets::decode(kind, source, &guard)
}

/// Where the sound begins: some write an ID3 tag before it, whatever it is, and some another one.
fn behind_tags(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    let mut at = 0;
    for _ in 0..MOST_TAGS {
        let mut head = Vec::new();
        file.take(10).read_to_end(&mut head)?;
        let Some(length) = mpeg::id3_length(&head) else { break };
        at += length as u64;
        if file.seek(io::SeekFrom::Start(at)).is_err() {
            break; // the tag claims to be longer than the file
        }
    }
    Ok(at)
}
