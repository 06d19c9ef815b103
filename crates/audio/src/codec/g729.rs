//! G.729 (ITU-T), 8 kbit/s speech, as its Annex A decodes it: 10 bytes for 80 samples at 8 kHz, and
//! 2 bytes for the comfort noise of Annex B (RFC 3551 4.5.6). `rvoip-codec-core` decodes.

use codec_core::{
    codecs::g729::G729Codec,
    types::{AudioCodecExt as _, CodecConfig, CodecType},
};

use super::{Damaged, Decoder, PacketSize, SignalSpec};

const SPEECH: usize = 10;
const COMFORT_NOISE: usize = 2;

/// Decodes G.729 and G.729A; both have one bit stream.
pub struct G729Decoder {
    codec: G729Codec,
}

impl G729Decoder {
    /// A decoder at the beginning of a stream.
    #[expect(clippy::missing_panics_doc, reason = "it does not panic")]
    pub fn new() -> Self {
        let config = CodecConfig::new(CodecType::G729BA).with_g729_annex_b(true);
        Self { codec: G729Codec::new(config).expect("the codec's own defaults are valid") }
    }
}

impl Default for G729Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for G729Decoder {
    fn spec(&self) -> SignalSpec {
        SignalSpec { sample_rate: 8_000, channels: 1 }
    }

    fn packet_size(&self) -> Option<PacketSize> {
        Some(PacketSize { bytes: SPEECH, frames: G729Codec::FRAME_SAMPLES })
    }

    /// A frame of comfort noise may stand behind the frames of speech.
    fn frames_in(&self, packet: &[u8]) -> Option<usize> {
        let frames = packet.len() / SPEECH + usize::from(packet.len() % SPEECH == COMFORT_NOISE);
        Some(frames * G729Codec::FRAME_SAMPLES)
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        if !matches!(packet.len() % SPEECH, 0 | COMFORT_NOISE) {
            return Err(Damaged);
        }
        let start = samples.len();
        for frame in packet.chunks(SPEECH) {
            let mut decoded = [0; G729Codec::FRAME_SAMPLES];
            if self.codec.decode_to_buffer(frame, &mut decoded).is_err() {
                samples.truncate(start);
                return Err(Damaged);
            }
            samples.extend(decoded);
        }
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
