//! The sample entry of a sound track: which codec, and what its decoder has to know (ISO/IEC
//! 14496-12, 12.2.3; 14496-14; `QuickTime` File Format, "Sound Sample Descriptions"). Pure.

use symphonia::core::codecs::audio::{AudioCodecId, well_known as codec};

use super::boxes::{atom, find, full};
use crate::{
    bytes::{array, be16, be32},
    codec::SignalSpec,
};

/// A codec in MPEG-4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    /// AAC, with its `AudioSpecificConfig`.
    Aac(Vec<u8>),
    /// MPEG audio layer III.
    Mp3,
    /// Apple Lossless, with its cookie.
    Alac(Vec<u8>),
    /// Opus, with what stands in its `dOps` box.
    Opus(Vec<u8>),
    /// FLAC, with its STREAMINFO.
    Flac(Vec<u8>),
    /// Samples that stand each for itself, of so many bytes.
    Plain(AudioCodecId, u16),
    /// AMR and AMR-WB.
    Amr { is_wide: bool },
    /// Something else.
    Unknown(&'static str),
}

impl Codec {
    /// What people call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Aac(_) => "AAC",
            Self::Mp3 => "MP3",
            Self::Alac(_) => "Apple Lossless",
            Self::Opus(_) => "Opus",
            Self::Flac(_) => "FLAC",
            Self::Plain(..) => "PCM",
            Self::Amr { is_wide: false } => "AMR",
            Self::Amr { is_wide: true } => "AMR-WB",
            Self::Unknown(name) => name,
        }
    }
}

/// A sound track's sample entry.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) codec: Codec,
    pub(super) spec: SignalSpec,
    /// Laid out as ISO has it, and not as `QuickTime` has.
    pub(super) is_iso: bool,
    /// The whole box, for a new index.
    bytes: Vec<u8>,
}

impl Entry {
    /// Reads the first entry of an `stsd` box.
    pub(super) fn read(stsd: &[u8]) -> Option<Self> {
        let size = (be32(stsd, 8)? as usize).min(stsd.len() - 8);
        let bytes = stsd.get(8..8 + size)?;
        let name: [u8; 4] = array(bytes, 4)?;
        let body = bytes.get(8..)?;
        let version = be16(body, 8)?;
        let (mut channels, bits) = (be16(body, 16)?, be16(body, 18)?);
        let mut sample_rate = be32(body, 24)? >> 16;
        let mut flags = 0;
        let mut width = bits;
        let children = match version {
            1 => body.get(44..)?,
            2 => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
                let rate = f64::from_be_bytes(array(body, 32)?) as u32;
                (sample_rate, channels) = (rate, be32(body, 40)?.try_into().ok()?);
                (width, flags) = (be32(body, 48)?.try_into().ok()?, be32(body, 52)?);
                body.get(64..)?
            }
            _ => body.get(28..)?,
        };
        let inside = find(children, *b"wave").unwrap_or(children);
        let codec = codec(name, children, inside, width, flags)?;
        match &codec {
            Codec::Aac(config) => {
                if let Some(spec) = aac_spec(config) {
                    (sample_rate, channels) = (spec.sample_rate, spec.channels);
                }
            }
            Codec::Alac(cookie) => {
                (sample_rate, channels) = (be32(cookie, 20)?, u16::from(*cookie.get(9)?));
            }
            Codec::Opus(_) => sample_rate = 48_000,
            Codec::Amr { is_wide } => {
                (sample_rate, channels) = (if *is_wide { 16_000 } else { 8_000 }, 1);
            }
            _ => {}
        }
        let spec = SignalSpec { sample_rate, channels };
        let is_iso = version == 0 && name != *b".mp3" && find(children, *b"wave").is_none();
        Some(Self { codec, spec, is_iso, bytes: bytes.to_vec() })
    }

    /// An entry for AAC with this configuration.
    pub(super) fn of_aac(config: &[u8], spec: SignalSpec) -> Self {
        let codec = Codec::Aac(config.to_vec());
        Self { codec, spec, is_iso: false, bytes: Vec::new() }
    }

    /// The entry as ISO has it.
    pub(super) fn to_iso(&self) -> Option<Vec<u8>> {
        let esds = match &self.codec {
            _ if self.is_iso => return Some(self.bytes.clone()),
            Codec::Aac(config) => esds(0x40, config),
            Codec::Mp3 => esds(0x6b, &[]),
            _ => return None,
        };
        let SignalSpec { sample_rate, channels } = self.spec;
        let rate = u16::try_from(sample_rate).unwrap_or(0);
        let mut sound = vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        sound.extend(channels.to_be_bytes());
        sound.extend([0, 16, 0, 0, 0, 0]);
        sound.extend(rate.to_be_bytes());
        sound.extend([0, 0]);
        Some(atom(*b"mp4a", &[&sound, &esds]))
    }
}

fn codec(name: [u8; 4], children: &[u8], inside: &[u8], bits: u16, flags: u32) -> Option<Codec> {
    let linear = |big: bool, float: bool, bits: u16| match (bits, float, big) {
        (8, ..) => Codec::Plain(codec::CODEC_ID_PCM_S8, 1),
        (16, false, true) => Codec::Plain(codec::CODEC_ID_PCM_S16BE, 2),
        (16, false, false) => Codec::Plain(codec::CODEC_ID_PCM_S16LE, 2),
        (24, false, true) => Codec::Plain(codec::CODEC_ID_PCM_S24BE, 3),
        (24, false, false) => Codec::Plain(codec::CODEC_ID_PCM_S24LE, 3),
        (32, false, true) => Codec::Plain(codec::CODEC_ID_PCM_S32BE, 4),
        (32, false, false) => Codec::Plain(codec::CODEC_ID_PCM_S32LE, 4),
        (32, true, true) => Codec::Plain(codec::CODEC_ID_PCM_F32BE, 4),
        (32, true, false) => Codec::Plain(codec::CODEC_ID_PCM_F32LE, 4),
        (64, true, true) => Codec::Plain(codec::CODEC_ID_PCM_F64BE, 8),
        (64, true, false) => Codec::Plain(codec::CODEC_ID_PCM_F64LE, 8),
        _ => Codec::Unknown("PCM of a width that nobody plays"),
    };
    let is_little_endian = find(inside, *b"enda").is_some_and(|enda| be16(enda, 0) == Some(1));
    Some(match &name {
        b"mp4a" => match find(inside, *b"esds").and_then(decoder_config) {
            Some((0x40 | 0x66..=0x68, config)) if config.len() >= 2 => Codec::Aac(config.to_vec()),
            Some((0x69 | 0x6b, _)) => Codec::Mp3,
            Some((0xad, _)) => Codec::Unknown("Opus of a form that nobody plays"),
            Some(_) => Codec::Unknown("an unknown codec"),
            None => return None,
        },
        b".mp3" | b"ms\0\x55" => Codec::Mp3,
        b"alac" => {
            let cookie = find(children, *b"alac").or_else(|| find(inside, *b"alac"))?;
            Codec::Alac(cookie.get(4..28)?.to_vec())
        }
        b"Opus" => Codec::Opus(find(children, *b"dOps")?.to_vec()),
        // Behind version and flags, and the metadata block's head.
        b"fLaC" => Codec::Flac(find(children, *b"dfLa")?.get(8..42)?.to_vec()),
        b"samr" => Codec::Amr { is_wide: false },
        b"sawb" => Codec::Amr { is_wide: true },
        b"ulaw" | b"ms\0\x07" => Codec::Plain(codec::CODEC_ID_PCM_MULAW, 1),
        b"alaw" | b"ms\0\x06" => Codec::Plain(codec::CODEC_ID_PCM_ALAW, 1),
        b"raw " => Codec::Plain(codec::CODEC_ID_PCM_U8, 1),
        b"twos" => linear(true, false, bits),
        b"sowt" => linear(false, false, bits),
        b"in24" => linear(!is_little_endian, false, 24),
        b"in32" => linear(!is_little_endian, false, 32),
        b"fl32" => linear(!is_little_endian, true, 32),
        b"fl64" => linear(!is_little_endian, true, 64),
        b"lpcm" => linear(flags & 2 != 0, flags & 1 != 0, bits),
        b"ipcm" | b"fpcm" => {
            let config = find(children, *b"pcmC")?;
            let is_big_endian = config.get(4)? & 1 == 0;
            linear(is_big_endian, name == *b"fpcm", u16::from(*config.get(5)?))
        }
        b"ima4" => Codec::Unknown("IMA ADPCM of QuickTime"),
        b"ac-3" => Codec::Unknown("AC-3"),
        b"ec-3" => Codec::Unknown("E-AC-3"),
        b"QDM2" | b"QDMC" => Codec::Unknown("QDesign Music"),
        b"Qclp" | b"sqcp" => Codec::Unknown("QCELP"),
        b"sevc" => Codec::Unknown("EVRC"),
        b"agsm" => Codec::Unknown("GSM 6.10"),
        _ => Codec::Unknown("an unknown codec"),
    })
}

/// The object type and the decoder's own configuration in an `esds` box (ISO/IEC 14496-1, 7.2.6).
fn decoder_config(esds: &[u8]) -> Option<(u8, &[u8])> {
    let (_, es) = descriptor(esds.get(4..)?, 3)?;
    let flags = *es.get(2)?;
    let mut at = 3;
    at += if flags & 0x80 != 0 { 2 } else { 0 };
    at += if flags & 0x40 != 0 { 1 + usize::from(*es.get(at)?) } else { 0 };
    at += if flags & 0x20 != 0 { 2 } else { 0 };
    let (_, config) = descriptor(es.get(at..)?, 4)?;
    let object = *config.first()?;
    let specific = config.get(13..).and_then(|rest| descriptor(rest, 5));
    Some((object, specific.map_or(&[][..], |(_, specific)| specific)))
}

/// The descriptor that begins here, if it has this tag.
fn descriptor(bytes: &[u8], tag: u8) -> Option<(usize, &[u8])> {
    if *bytes.first()? != tag {
        return None;
    }
    let (mut size, mut at) = (0_usize, 1);
    for _ in 0..4 {
        let byte = *bytes.get(at)?;
        at += 1;
        size = size << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let end = (at + size).min(bytes.len());
    Some((end, bytes.get(at..end)?))
}

fn esds(object: u8, specific: &[u8]) -> Vec<u8> {
    let tagged = |tag: u8, body: &[u8]| {
        let size = u8::try_from(body.len()).unwrap_or(0x7f) & 0x7f; // a configuration has few bytes
        [&[tag, size][..], body].concat()
    };
    let mut config = vec![object, 0x15];
    config.extend([0; 11]);
    if !specific.is_empty() {
        config.extend(tagged(5, specific));
    }
    let mut es = vec![0, 1, 0];
    es.extend(tagged(4, &config));
    es.extend([6, 1, 2]);
    full(*b"esds", 0, 0, &[&tagged(3, &es)])
}

/// Rates by their index in an `AudioSpecificConfig` (ISO/IEC 14496-3, 1.6.3.4).
pub(crate) const AAC_RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];

/// The shape of AAC with this `AudioSpecificConfig`.
fn aac_spec(config: &[u8]) -> Option<SignalSpec> {
    let bits = u32::from(be16(config, 0)?);
    if bits >> 11 == 31 {
        return None;
    }
    let rate = *AAC_RATES.get((bits >> 7 & 15) as usize)?;
    let channels = [0_u16, 1, 2, 3, 4, 5, 6, 8].get((bits >> 3 & 15) as usize)?;
    (*channels > 0).then_some(SignalSpec { sample_rate: rate, channels: *channels })
}
