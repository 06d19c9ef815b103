//! Decoders of symphonia as a [`Decoder`].

use symphonia::{
    core::{
        audio::Channels,
        codecs::audio::{
            AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
            well_known as codec,
        },
        packet::PacketRef,
        units::{Duration, Timestamp},
    },
    default::get_codecs,
};

use crate::codec::{Damaged, Decoder, PacketSize, SignalSpec};

/// The most frames in a packet: a decoder makes room for as many as are claimed.
const MOST_FRAMES_PER_PACKET: usize = 1 << 16;

/// A decoder of symphonia's, for one stream.
pub(crate) struct SymphoniaDecoder {
    decoder: Box<dyn AudioDecoder>,
    spec: SignalSpec,
    packet_size: Option<PacketSize>,
    decoded: Vec<i16>,
}

impl SymphoniaDecoder {
    /// A decoder for blocks or samples of one size.
    pub(crate) fn of_blocks(
        id: AudioCodecId,
        spec: SignalSpec,
        block: PacketSize,
        at_once: usize,
    ) -> Option<Self> {
        let mut parameters = parameters(id, spec);
        parameters
            .with_max_frames_per_packet((block.frames * at_once) as u64)
            .with_frames_per_block(block.frames as u64);
        Some(Self { packet_size: Some(block), ..Self::new(&parameters, spec)? })
    }

    /// A decoder of a codec whose packets vary. `extra` is what the codec needs to know: AAC's
    /// `AudioSpecificConfig`, ALAC's cookie, Vorbis' heads.
    pub(crate) fn of_packets(id: AudioCodecId, spec: SignalSpec, extra: &[u8]) -> Option<Self> {
        let mut parameters = parameters(id, spec);
        if !extra.is_empty() {
            parameters.with_extra_data(extra.into());
        }
        if id == codec::CODEC_ID_ALAC {
            let frames = crate::bytes::be32(extra, 0).filter(|n| *n <= 1 << 16)?;
            parameters.with_max_frames_per_packet(frames.into());
        }
        Self::new(&parameters, spec)
    }

    fn new(parameters: &AudioCodecParameters, spec: SignalSpec) -> Option<Self> {
        let decoder = get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default());
        Some(Self { decoder: decoder.ok()?, spec, packet_size: None, decoded: Vec::new() })
    }
}

fn parameters(id: AudioCodecId, spec: SignalSpec) -> AudioCodecParameters {
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(id)
        .with_sample_rate(spec.sample_rate)
        .with_channels(Channels::Discrete(spec.channels));
    parameters
}

impl Decoder for SymphoniaDecoder {
    /// The shape of the packet that was decoded last; what the head claims before the first one.
    fn spec(&self) -> SignalSpec {
        self.spec
    }

    fn packet_size(&self) -> Option<PacketSize> {
        self.packet_size
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        let frames = self.frames_in(packet).unwrap_or_default() as u64;
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::new(frames), packet);
        let sound = self.decoder.decode_ref(&packet).map_err(|_| Damaged)?;
        if sound.frames() > MOST_FRAMES_PER_PACKET {
            return Err(Damaged);
        }
        let spec = sound.spec();
        let channels = u16::try_from(spec.channels().count()).map_err(|_| Damaged)?;
        if sound.frames() > 0 {
            self.spec = SignalSpec { sample_rate: spec.rate(), channels };
        }
        sound.copy_to_vec_interleaved(&mut self.decoded);
        samples.extend_from_slice(&self.decoded);
        Ok(())
    }

    fn reset(&mut self) {
        self.decoder.reset();
    }
}
