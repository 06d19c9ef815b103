//! Vorbis I (Xiph.Org, 2020-07-04). symphonia decodes; what a setup header claims is bounded
//! here first.

mod setup;

use symphonia::{
    core::{
        audio::Channels,
        codecs::audio::{
            AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known::CODEC_ID_VORBIS,
        },
        packet::PacketRef,
        units::{Duration, Timestamp},
    },
    default::get_codecs,
};

use super::{Damaged, Decoder, SignalSpec};

/// Bytes of the identification header.
const IDENTIFICATION: usize = 30;
/// The most channels that symphonia has places for.
const MOST_CHANNELS: u8 = 8;

/// Decodes the packets of one Vorbis stream.
pub struct VorbisDecoder {
    decoder: Box<dyn AudioDecoder>,
    spec: SignalSpec,
    decoded: Vec<i16>,
}

impl VorbisDecoder {
    /// A decoder for the stream that these headers introduce: the identification and the setup header,
    /// one behind the other, or all three in Xiph's lacing, as Matroska has them. `None` where they
    /// are none, or claim more than is decoded here.
    pub fn new(headers: &[u8]) -> Option<Self> {
        let (identification, setup) = split(headers)?;
        let fields: &[u8; IDENTIFICATION] = identification.first_chunk()?;
        let channels = fields[11];
        let sample_rate = u32::from_le_bytes([fields[12], fields[13], fields[14], fields[15]]);
        if !fields.starts_with(b"\x01vorbis")
            || !(1..=MOST_CHANNELS).contains(&channels)
            || sample_rate == 0
            || !setup::is_sound(setup)
        {
            return None;
        }
        let spec = SignalSpec { sample_rate, channels: channels.into() };
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(CODEC_ID_VORBIS)
            .with_sample_rate(sample_rate)
            .with_channels(Channels::Discrete(channels.into()))
            .with_extra_data([fields, setup].concat().into());
        let decoder = get_codecs().make_audio_decoder(&parameters, &AudioDecoderOptions::default());
        Some(Self { decoder: decoder.ok()?, spec, decoded: Vec::new() })
    }
}

impl Decoder for VorbisDecoder {
    fn spec(&self) -> SignalSpec {
        self.spec
    }

    /// How long a packet is depends on the one before it: at most 8,192 frames. The first has none.
    fn frames_in(&self, _packet: &[u8]) -> Option<usize> {
        None
    }

    fn decode(&mut self, packet: &[u8], samples: &mut Vec<i16>) -> Result<(), Damaged> {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
        let sound = self.decoder.decode_ref(&packet).map_err(|_| Damaged)?;
        if sound.frames() > 0 {
            sound.copy_to_vec_interleaved(&mut self.decoded);
            samples.extend_from_slice(&self.decoded);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.decoder.reset();
    }
}

/// The identification and the setup header.
fn split(headers: &[u8]) -> Option<(&[u8], &[u8])> {
    let [2, laced @ ..] = headers else { return headers.split_at_checked(IDENTIFICATION) };
    let mut rest = laced;
    let mut sizes = [0; 2];
    for size in &mut sizes {
        loop {
            let (&part, behind) = rest.split_first()?;
            rest = behind;
            *size += usize::from(part);
            if part < 255 {
                break;
            }
        }
    }
    let (identification, rest) = rest.split_at_checked(sizes[0])?;
    Some((identification, rest.get(sizes[1]..)?))
}
