//! The head of Core Audio Format (Apple, "Core Audio Format Specification 1.0"), for codecs whose
//! samples stand each for itself.

use std::io::{Read, Seek};

use symphonia::core::codecs::audio::well_known as codec;

use super::{Coding, Layout, NoLayout, Serve, SignalSpec, take};
use crate::{
    bytes::{array, be32, be64},
    input::Source,
};

/// No honest file has more chunks.
const MOST_CHUNKS: usize = 1_000;

/// Reads the head of a file that begins at `start`. Nothing where the codec has packets.
pub(super) fn layout<R: Read + Seek>(
    file: &mut Source<R>,
    start: u64,
) -> Result<Option<Layout>, NoLayout> {
    let mut at = start + 8;
    let mut description = None;
    for _ in 0..MOST_CHUNKS {
        let Ok(head) = take::<12, R>(file, at) else {
            return Err(match description {
                Some(_) => NoLayout::Empty,
                None => NoLayout::Broken("it says nowhere how it is coded"),
            });
        };
        let size = be64(&head, 4).unwrap_or_default();
        match &head[..4] {
            b"desc" => description = describe(&take::<32, R>(file, at + 12)?),
            b"data" => {
                let (spec, coding) =
                    description.ok_or(NoLayout::Broken("it says nowhere how it is coded"))?;
                let Some(coding) = coding else { return Ok(None) };
                // The samples stand behind a count of edits.
                let from = (at + 16).min(file.len());
                let left = file.len() - from;
                let (size, promised) = match size.saturating_sub(4) {
                    0 | 0x7fff_0000.. => (left, None),
                    size if size > left => (left, Some(size)),
                    size => (size, None),
                };
                let data = from..from + size;
                return Ok(Some(Layout { spec, coding, data, serve: Serve::Convert, promised }));
            }
            _ => {}
        }
        at = at.saturating_add(12).saturating_add(size);
    }
    Err(NoLayout::Broken("it has too many parts"))
}

/// The `desc` chunk: the shape, and the coding where each sample stands for itself.
fn describe(chunk: &[u8; 32]) -> Option<(SignalSpec, Option<Coding>)> {
    let rate = f64::from_be_bytes(array(chunk, 0)?);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a cast saturates
    let sample_rate = rate as u32;
    let (flags, bits) = (be32(chunk, 12)?, be32(chunk, 28)?);
    let (is_float, is_little_endian) = (flags & 1 != 0, flags & 2 != 0);
    let coding = match (&array(chunk, 8)?, is_float, is_little_endian, bits) {
        (b"lpcm", false, _, 8) => Some(Coding::Plain(codec::CODEC_ID_PCM_S8, 1)),
        (b"lpcm", false, true, 16) => Some(Coding::Plain(codec::CODEC_ID_PCM_S16LE, 2)),
        (b"lpcm", false, false, 16) => Some(Coding::Plain(codec::CODEC_ID_PCM_S16BE, 2)),
        (b"lpcm", false, true, 24) => Some(Coding::Plain(codec::CODEC_ID_PCM_S24LE, 3)),
        (b"lpcm", false, false, 24) => Some(Coding::Plain(codec::CODEC_ID_PCM_S24BE, 3)),
        (b"lpcm", false, true, 32) => Some(Coding::Plain(codec::CODEC_ID_PCM_S32LE, 4)),
        (b"lpcm", false, false, 32) => Some(Coding::Plain(codec::CODEC_ID_PCM_S32BE, 4)),
        (b"lpcm", true, true, 32) => Some(Coding::Plain(codec::CODEC_ID_PCM_F32LE, 4)),
        (b"lpcm", true, false, 32) => Some(Coding::Plain(codec::CODEC_ID_PCM_F32BE, 4)),
        (b"lpcm", true, true, 64) => Some(Coding::Plain(codec::CODEC_ID_PCM_F64LE, 8)),
        (b"lpcm", true, false, 64) => Some(Coding::Plain(codec::CODEC_ID_PCM_F64BE, 8)),
        (b"alaw", ..) => Some(Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1)),
        (b"ulaw", ..) => Some(Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1)),
        _ => None,
    };
    Some((SignalSpec { sample_rate, channels: be32(chunk, 24)?.try_into().ok()? }, coding))
}
