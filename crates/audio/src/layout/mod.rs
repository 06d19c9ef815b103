//! Where the samples of WAV, AU, AIFF, CAF and headless files lie, and how they are coded. Reads
//! heads alone, and believes no length that the file itself does not bear out.

mod aiff;
mod caf;
pub(crate) mod headless;
mod sun;
mod wav;

use std::{
    io::{self, Read, Seek},
    ops::Range,
};

use symphonia::core::codecs::audio::{AudioCodecId, well_known as codec};

use crate::{
    AudioType,
    adapter::SymphoniaDecoder,
    analyzer::{HIGHEST_RATE, MOST_CHANNELS},
    codec::{
        BitOrder, Decoder, G722Decoder, G726Decoder, G726Rate, G729Decoder, GsmDecoder, GsmPacking,
        OkiDecoder, PacketSize, SignalSpec,
    },
    input::Source,
};

/// Bytes of plain samples that are decoded at once.
const PLAIN_PIECE: usize = 16 * 1024;

/// How the samples are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Each sample for itself: PCM, float, A-law, μ-law. So many bytes a sample.
    Plain(AudioCodecId, u8),
    /// Microsoft's ADPCM, in blocks of so many bytes.
    MicrosoftAdpcm(u32),
    /// IMA's ADPCM as WAV has it, in blocks of so many bytes.
    ImaAdpcm(u32),
    /// GSM 6.10.
    Gsm(GsmPacking),
    /// G.722 at 64 kbit/s.
    G722,
    /// G.726.
    G726(G726Rate, BitOrder),
    /// G.729.
    G729,
    /// Dialogic's ADPCM.
    Oki,
    /// A stream of another type, in a file of this one.
    Stream(AudioType),
    /// Something that this library does not decode.
    Unknown(&'static str),
}

impl Coding {
    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain(codec::CODEC_ID_PCM_MULAW, _) => "G.711 μ-law",
            Self::Plain(codec::CODEC_ID_PCM_ALAW, _) => "G.711 A-law",
            Self::Plain(..) => "PCM",
            Self::MicrosoftAdpcm(_) => "Microsoft ADPCM",
            Self::ImaAdpcm(_) => "IMA ADPCM",
            Self::Gsm(_) => "GSM 6.10",
            Self::G722 => "G.722",
            Self::G726(..) => "G.726",
            Self::G729 => "G.729",
            Self::Oki => "Dialogic ADPCM",
            Self::Stream(kind) => kind.name(),
            Self::Unknown(name) => name,
        }
    }
}

/// What is served in place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Serve {
    /// The file as it came.
    AsItCame,
    /// The same samples as WAV, behind a head with this `fmt ` chunk.
    NewHead(Vec<u8>),
    /// 16-bit PCM WAV.
    Convert,
}

/// Where the samples lie, and how they are coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) spec: SignalSpec,
    pub(crate) coding: Coding,
    /// Where in the file the samples are.
    pub(crate) data: Range<u64>,
    pub(crate) serve: Serve,
    /// Bytes of samples that the head promises, where that is more than came.
    pub(crate) promised: Option<u64>,
}

/// Why there is no layout.
#[derive(Debug)]
pub(crate) enum NoLayout {
    /// The file has a head and no samples.
    Empty,
    /// What is missing in the file.
    Broken(&'static str),
    /// A read failed; the guard knows why.
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
    /// Reads the layout of a file that begins at `start`; nothing where this type of file has none.
    pub(crate) fn read<R: Read + Seek>(
        kind: AudioType,
        file: &mut Source<R>,
        start: u64,
    ) -> Option<Result<Self, NoLayout>> {
        match kind {
            AudioType::Wav => Some(wav::layout(file, start)),
            AudioType::Au => Some(sun::layout(file, start)),
            AudioType::Aiff => Some(aiff::layout(file, start)),
            AudioType::Caf => caf::layout(file, start).transpose(),
            _ => None,
        }
    }

    /// The decoder, and the bytes to give it at once; nothing where this library has none.
    pub(crate) fn decoder(&self) -> Option<(Box<dyn Decoder>, usize)> {
        let channels = self.spec.channels;
        let is_mono = channels == 1;
        let blocks = |id, bytes: u32, frames: u64| -> Option<(Box<dyn Decoder>, usize)> {
            let frames = usize::try_from(frames).ok().filter(|n| (1..=1 << 16).contains(n))?;
            let size = PacketSize { bytes: bytes as usize, frames };
            let decoder = SymphoniaDecoder::of_blocks(id, self.spec, size, 1)?;
            Some((Box::new(decoder), size.bytes))
        };
        match self.coding {
            Coding::Plain(id, bytes) => {
                if channels == 0 || channels > MOST_CHANNELS {
                    return None;
                }
                let size =
                    PacketSize { bytes: usize::from(bytes) * usize::from(channels), frames: 1 };
                let at_once = (PLAIN_PIECE / size.bytes).max(1);
                let decoder = SymphoniaDecoder::of_blocks(id, self.spec, size, at_once)?;
                Some((Box::new(decoder), size.bytes * at_once))
            }
            Coding::MicrosoftAdpcm(bytes) if (1..=2).contains(&channels) => {
                blocks(codec::CODEC_ID_ADPCM_MS, bytes, self.block_frames(bytes.into()))
            }
            Coding::ImaAdpcm(bytes) if (1..=2).contains(&channels) => {
                blocks(codec::CODEC_ID_ADPCM_IMA_WAV, bytes, self.block_frames(bytes.into()))
            }
            Coding::Gsm(packing) if is_mono => Some(many(GsmDecoder::new(packing))),
            Coding::G722 if is_mono => Some(many(G722Decoder::new())),
            Coding::G729 if is_mono => Some(many(G729Decoder::new())),
            Coding::Oki if is_mono => Some(many(OkiDecoder::new(self.spec.sample_rate))),
            Coding::G726(rate, order) if is_mono => Some(many(G726Decoder::new(rate, order))),
            _ => None,
        }
    }

    /// The frames in this much of the beginning of an ADPCM block: the last block of a file may be
    /// cut off.
    pub(crate) fn block_frames(&self, bytes: u64) -> u64 {
        let channels = u64::from(self.spec.channels.max(1));
        match self.coding {
            // A head of seven bytes a channel holds the first two frames.
            Coding::MicrosoftAdpcm(_) => {
                bytes.checked_sub(7 * channels).map_or(0, |rest| rest * 2 / channels + 2)
            }
            // A head of four bytes a channel holds the first frame; two channels take turns by
            // eight samples each.
            Coding::ImaAdpcm(_) => {
                bytes.checked_sub(4 * channels).map_or(0, |rest| match channels {
                    1 => rest * 2 + 1,
                    _ => rest / (4 * channels) * 8 + 1,
                })
            }
            _ => 0,
        }
    }

    /// Whether blocks may be cut off at the end of the file and still be decoded in part.
    pub(crate) fn has_partial_blocks(&self) -> bool {
        matches!(self.coding, Coding::MicrosoftAdpcm(_) | Coding::ImaAdpcm(_))
    }
}

/// A decoder with packets of one small size, and several of them at once.
fn many<D: Decoder + 'static>(decoder: D) -> (Box<dyn Decoder>, usize) {
    let bytes = decoder.packet_size().map_or(1, |size| size.bytes);
    (Box::new(decoder), (4_096 / bytes).max(1) * bytes)
}

/// The same shape, with a rate that WAV, browsers and this library can have; else 8 kHz.
pub(crate) fn plausible(sample_rate: u32) -> u32 {
    if (1..=HIGHEST_RATE).contains(&sample_rate) { sample_rate } else { 8_000 }
}

/// Reads `N` bytes at a position.
fn take<const N: usize, R: Read + Seek>(file: &mut Source<R>, at: u64) -> io::Result<[u8; N]> {
    let bytes = file.read_at(at, N)?;
    bytes.try_into().map_err(|_| io::ErrorKind::UnexpectedEof.into())
}
