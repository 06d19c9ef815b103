//! Where the samples of a WAV or Sun file lie, and how they are coded. Reads heads alone, and
//! believes no length that the file itself does not bear out.

mod sun;
mod wav;

use std::{
    io::{self, Read, Seek},
    ops::Range,
};

use symphonia::core::codecs::audio::{AudioCodecId, well_known as codec};

use super::ear::Shape;
use crate::AudioType;

/// How the samples are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Each sample for itself: PCM, float, A-law, μ-law. So many bytes a sample.
    Plain(AudioCodecId, u64),
    /// Microsoft's ADPCM, in blocks of so many bytes.
    Microsoft(u64),
    /// IMA's ADPCM as WAV has it, in blocks of so many bytes.
    Ima(u64),
    /// Something that is not decoded here.
    Unknown,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) shape: Shape,
    pub(super) coding: Coding,
    /// Where in the file the samples are.
    pub(super) data: Range<u64>,
    /// Browsers do not play it as it is.
    pub(super) must_convert: bool,
}

/// Why there is no layout.
#[derive(Debug)]
pub(super) enum NoLayout {
    /// What is missing in the file.
    Broken(&'static str),
    /// It could not be read; the reader knows why.
    Unread,
}

impl From<io::Error> for NoLayout {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Broken("it ends in its head"),
            _ => Self::Unread,
        }
    }
}

impl Layout {
    /// Reads the layout of a file of `len` bytes; nothing where this kind of file has none that is
    /// read here.
    pub(super) fn read(
        kind: AudioType,
        file: &mut (impl Read + Seek),
        len: u64,
    ) -> Option<Result<Self, NoLayout>> {
        match kind {
            AudioType::Wav => Some(wav::layout(file, len)),
            AudioType::Au => Some(sun::layout(file, len)),
            _ => None,
        }
    }

    /// How many frames there are in all: the last block counts as far as it is there.
    pub(super) fn frames(&self) -> u64 {
        let (bytes, block) = (self.data.end - self.data.start, self.block());
        bytes / block * self.frames_in(block) + self.frames_in(bytes % block)
    }

    /// The bytes that are decoded at once at least; one or more.
    pub(super) fn block(&self) -> u64 {
        match self.coding {
            Coding::Plain(_, bytes) => bytes * self.channels(),
            Coding::Microsoft(bytes) | Coding::Ima(bytes) => bytes,
            Coding::Unknown => 1,
        }
        .max(1)
    }

    /// The frames in a block, or in this much of its beginning.
    pub(super) fn frames_in(&self, bytes: u64) -> u64 {
        let channels = self.channels();
        match self.coding {
            Coding::Plain(..) => bytes / self.block(),
            // A head of seven bytes a channel holds the first two frames.
            Coding::Microsoft(_) => {
                bytes.checked_sub(7 * channels).map_or(0, |rest| rest * 2 / channels + 2)
            }
            // A head of four bytes a channel holds the first frame; two channels take turns by
            // eight samples each.
            Coding::Ima(_) => bytes.checked_sub(4 * channels).map_or(0, |rest| match channels {
                1 => rest * 2 + 1,
                _ => rest / (4 * channels) * 8 + 1,
            }),
            Coding::Unknown => 0,
        }
    }

    /// What decodes it; nothing where nothing does.
    pub(super) fn codec(&self) -> Option<AudioCodecId> {
        let is_telephone = self.shape.channels <= 2;
        match self.coding {
            Coding::Plain(codec, _) => Some(codec),
            Coding::Microsoft(bytes) if is_telephone && self.frames_in(bytes) > 0 => {
                Some(codec::CODEC_ID_ADPCM_MS)
            }
            Coding::Ima(bytes) if is_telephone && self.frames_in(bytes) > 0 => {
                Some(codec::CODEC_ID_ADPCM_IMA_WAV)
            }
            _ => None,
        }
    }

    /// Whether each sample stands for itself.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.coding, Coding::Plain(..))
    }

    fn channels(&self) -> u64 {
        self.shape.channels.max(1) as u64
    }
}

/// Reads `N` bytes.
fn take<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
