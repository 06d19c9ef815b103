//! AMR and AMR-WB speech (3GPP TS 26.071 and TS 26.171), in frames as files store them (RFC 4867 5.3):
//! a byte that says what the frame is, then its bits. `rvoip-codec-core` decodes.

use codec_core::codecs::amr::{
    AmrFrameType, AmrMode, AmrVariant,
    nb::{self, dtx::RxFrameType as NarrowFrame},
    wb::{self, dtx::RxFrameType as WideFrame, gain::FrameQuality},
};

use super::{Damaged, Decoder, SignalSpec};

/// The layout of a SID's parameters, among those of the speech modes.
const SID_LAYOUT: u8 = 8;

/// Which of the two codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AmrBand {
    /// AMR: 8 kHz.
    Narrow,
    /// AMR-WB: 16 kHz.
    Wide,
}

impl AmrBand {
    /// How many bytes a frame has, from its first byte on; `None` where that byte is none of this
    /// codec's.
    pub fn frame_size(self, first: u8) -> Option<usize> {
        Some(1 + self.frame_type(first)?.octet_aligned_bytes())
    }

    fn frame_type(self, first: u8) -> Option<AmrFrameType> {
        AmrFrameType::from_index(self.variant(), first >> 3 & 15).ok()
    }

    fn variant(self) -> AmrVariant {
        match self {
            Self::Narrow => AmrVariant::NarrowBand,
            Self::Wide => AmrVariant::WideBand,
        }
    }

    fn frames(self) -> usize {
        match self {
            Self::Narrow => 160,
            Self::Wide => 320,
        }
    }
}

/// Decodes AMR or AMR-WB.
pub struct AmrDecoder {
    band: AmrBand,
    /// The last mode of speech: frames without speech name none.
    mode: u8,
    synthesis: Synthesis,
}

enum Synthesis {
    Narrow(Box<nb::decoder::Decoder>),
    Wide(Box<wb::decoder::Decoder>),
}

impl AmrDecoder {
    /// A decoder at the beginning of a stream.
    pub fn new(band: AmrBand) -> Self {
        let synthesis = match band {
            AmrBand::Narrow => Synthesis::Narrow(Box::default()),
            AmrBand::Wide => Synthesis::Wide(Box::default()),
        };
        Self { band, mode: 0, synthesis }
    }

    /// Decodes one frame without its first byte. `good` is what that byte says of the rest.
    fn frame(&mut self, kind: AmrFrameType, good: bool, bits: &[u8]) -> Option<Vec<i16>> {
        if let AmrFrameType::Speech(mode) = kind {
            self.mode = mode.index();
        }
        match &mut self.synthesis {
            Synthesis::Narrow(decoder) => narrow(decoder, kind, self.mode, good, bits),
            Synthesis::Wide(decoder) => wide(decoder, kind, self.mode, good, bits),
        }
    }
}

impl Decoder for AmrDecoder {
    fn spec(&self) -> SignalSpec {
        let sample_rate = match self.band {
            AmrBand::Narrow => 8_000,
            AmrBand::Wide => 16_000,
        };
        SignalSpec { sample_rate, channels: 1 }
    }

    /// What stands behind the first frame is not looked at: a packet is one frame.
    fn frames_in(&self, _packet: &[u8]) -> Option<usize> {
        Some(self.band.frames())
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        let (&first, bits) = packet.split_first().ok_or(Damaged)?;
        let kind = self.band.frame_type(first).ok_or(Damaged)?;
        let bits = bits.get(..kind.octet_aligned_bytes()).ok_or(Damaged)?;
        let good = first >> 2 & 1 == 1;
        samples.extend(self.frame(kind, good, bits).ok_or(Damaged)?);
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::new(self.band);
    }
}

fn narrow(
    decoder: &mut nb::decoder::Decoder,
    kind: AmrFrameType,
    mode: u8,
    good: bool,
    bits: &[u8],
) -> Option<Vec<i16>> {
    let (kind, mode, parameters) = match kind {
        AmrFrameType::Speech(_) => {
            let kind = if good { NarrowFrame::SpeechGood } else { NarrowFrame::SpeechBad };
            (kind, mode, nb::bitstream::parse(mode, bits)?)
        }
        AmrFrameType::Sid(_) => {
            let header = nb::bitstream::parse_sid_header(bits)?;
            let kind = match (good, header.update) {
                (false, _) => NarrowFrame::SidBad,
                (true, true) => NarrowFrame::SidUpdate,
                (true, false) => NarrowFrame::SidFirst,
            };
            let parameters = match kind {
                NarrowFrame::SidFirst => Vec::new(),
                _ => nb::bitstream::parse(SID_LAYOUT, bits)?,
            };
            (kind, header.mode_index, parameters)
        }
        AmrFrameType::NoData | AmrFrameType::SpeechLost => (NarrowFrame::NoData, mode, Vec::new()),
    };
    (mode < SID_LAYOUT).then(|| decoder.decode_typed(kind, mode, &parameters).to_vec())
}

fn wide(
    decoder: &mut wb::decoder::Decoder,
    kind: AmrFrameType,
    mode: u8,
    good: bool,
    bits: &[u8],
) -> Option<Vec<i16>> {
    let sound = match kind {
        AmrFrameType::Speech(mode) => {
            let quality = if good { FrameQuality::Good } else { FrameQuality::Bad };
            decoder.decode_frame(mode, bits, quality)
        }
        AmrFrameType::Sid(_) => {
            let kind = match (good, wb::bitstream::sid_is_update(bits)) {
                (false, _) => WideFrame::SidBad,
                (true, true) => WideFrame::SidUpdate,
                (true, false) => WideFrame::SidFirst,
            };
            let mode = wb::bitstream::sid_mode_indication(bits).unwrap_or(mode);
            decoder.decode_comfort_noise(kind, bits, mode)
        }
        AmrFrameType::NoData => decoder.decode_comfort_noise(WideFrame::NoData, bits, mode),
        AmrFrameType::SpeechLost => {
            let mode = AmrMode::new(AmrVariant::WideBand, mode).ok()?;
            decoder.decode_frame(mode, &[], FrameQuality::Unusable)
        }
    };
    sound.map(Vec::from)
}
