//! The head of AIFF and AIFF-C (Apple, "Audio Interchange File Format", 1989 and 1991).

use std::io::{Read, Seek};

use symphonia::core::codecs::audio::well_known as codec;

use super::{Coding, Layout, NoLayout, Serve, SignalSpec, take};
use crate::{
    bytes::{array, be16, be32},
    input::Source,
};

/// No honest file has more chunks.
const MOST_CHUNKS: usize = 1_000;

/// Reads the head of a file that begins at `start`.
pub(super) fn layout<R: Read + Seek>(file: &mut Source<R>, start: u64) -> Result<Layout, NoLayout> {
    let form: [u8; 12] = take(file, start)?;
    let is_compressed = form.ends_with(b"AIFC");
    let mut at = start + 12;
    let mut common = None;
    let mut sound = None;
    for _ in 0..MOST_CHUNKS {
        let Ok(head) = take::<8, R>(file, at) else { break };
        let size = u64::from(be32(&head, 4).unwrap_or_default());
        match &head[..4] {
            b"COMM" => common = Common::parse(&file.read_at(at + 8, 22)?, is_compressed),
            b"SSND" => {
                let offset = be32(&take::<8, R>(file, at + 8)?, 0).unwrap_or_default();
                sound = Some((at + 16 + u64::from(offset), (at + 8).saturating_add(size)));
            }
            _ => {}
        }
        if common.is_some() && sound.is_some() {
            break;
        }
        at = at + 8 + size + (size & 1);
    }
    let common = common.ok_or(NoLayout::Broken("it says nowhere how it is coded"))?;
    let (from, to) = sound.ok_or(NoLayout::Empty)?;
    let from = from.min(file.len());
    let left = file.len() - from;
    let (size, promised) = match to.saturating_sub(from) {
        // A recorder that was killed, or wrote into a pipe.
        0 | 0x7fff_0000.. => (left, None),
        size if size > left => (left, Some(size)),
        size => (size, None),
    };
    let Common { spec, coding } = common;
    Ok(Layout { spec, coding, data: from..from + size, serve: Serve::Convert, promised })
}

/// What a `COMM` chunk says.
struct Common {
    spec: SignalSpec,
    coding: Coding,
}

impl Common {
    fn parse(chunk: &[u8], is_compressed: bool) -> Option<Self> {
        let (channels, bits) = (be16(chunk, 0)?, be16(chunk, 6)?);
        let sample_rate = extended(array(chunk, 8)?)?;
        let compression = if is_compressed { array(chunk, 18)? } else { *b"NONE" };
        let linear = match bits {
            1..=8 => Coding::Plain(codec::CODEC_ID_PCM_S8, 1),
            9..=16 => Coding::Plain(codec::CODEC_ID_PCM_S16BE, 2),
            17..=24 => Coding::Plain(codec::CODEC_ID_PCM_S24BE, 3),
            25..=32 => Coding::Plain(codec::CODEC_ID_PCM_S32BE, 4),
            _ => return None,
        };
        let coding = match &compression {
            b"NONE" | b"twos" | b"in24" | b"in32" => linear,
            b"sowt" if bits <= 8 => linear,
            b"sowt" if bits <= 16 => Coding::Plain(codec::CODEC_ID_PCM_S16LE, 2),
            b"sowt" | b"42ni" if bits <= 24 => Coding::Plain(codec::CODEC_ID_PCM_S24LE, 3),
            b"sowt" | b"23ni" => Coding::Plain(codec::CODEC_ID_PCM_S32LE, 4),
            b"raw " => Coding::Plain(codec::CODEC_ID_PCM_U8, 1),
            b"fl32" | b"FL32" => Coding::Plain(codec::CODEC_ID_PCM_F32BE, 4),
            b"fl64" | b"FL64" => Coding::Plain(codec::CODEC_ID_PCM_F64BE, 8),
            b"alaw" | b"ALAW" => Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1),
            b"ulaw" | b"ULAW" => Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1),
            b"G722" => Coding::G722,
            b"ima4" => Coding::Unknown("IMA ADPCM of QuickTime"),
            b"GSM " => Coding::Gsm(crate::codec::GsmPacking::Headless),
            _ => Coding::Unknown("an unknown codec"),
        };
        Some(Self { spec: SignalSpec { sample_rate, channels }, coding })
    }
}

/// The integer part of an 80-bit extended float (IEEE 754, as SANE has it).
fn extended(bytes: [u8; 10]) -> Option<u32> {
    let exponent = i32::from(be16(&bytes, 0)? & 0x7fff) - 16_383;
    let mantissa = u64::from_be_bytes(array(&bytes, 2)?);
    if bytes[0] & 0x80 != 0 || !(0..32).contains(&exponent) {
        return None;
    }
    u32::try_from(mantissa >> (63 - exponent)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_from_its_80_bits() {
        for (bytes, rate) in [
            (*b"\x40\x0b\xfa\0\0\0\0\0\0\0", Some(8_000)),
            (*b"\x40\x0e\xac\x44\0\0\0\0\0\0", Some(44_100)),
            (*b"\xc0\x0b\xfa\0\0\0\0\0\0\0", None),
            ([0; 10], None),
            ([0x7f; 10], None),
        ] {
            assert_eq!(extended(bytes), rate);
        }
    }
}
