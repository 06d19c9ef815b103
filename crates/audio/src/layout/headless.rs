//! Sound without a head, as a media type describes it: G.711 (RFC 4856), `audio/basic` (RFC 2046),
//! L16 (RFC 2586), L8 and L24 (RFC 3551, 3190), GSM, G.722, G.726 and G.729 (RFC 3551), Dialogic's ADPCM. GSM is told
//! from its bytes too.

use symphonia::core::codecs::audio::well_known as codec;

use super::{Coding, Layout, Serve, SignalSpec, plausible};
use crate::codec::{BitOrder, G726Rate, GsmPacking};

/// Bytes of a GSM frame.
const GSM_FRAME: usize = 33;
/// Frames in a row that tell GSM from chance.
const GSM_FRAMES: usize = 12;

/// What a media type says of sound without a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Headless {
    pub(crate) coding: Coding,
    pub(crate) spec: SignalSpec,
}

impl Headless {
    /// Reads a media type with its parameters, such as `audio/L16;rate=8000;channels=1`.
    pub(crate) fn of_media_type(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        let parameters: Vec<(String, &str)> = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
            .collect();
        let parameter = |names: &[&str]| {
            let found = parameters.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.and_then(|(_, value)| value.parse::<u32>().ok())
        };
        let mono = SignalSpec { sample_rate: 8_000, channels: 1 };
        let given = SignalSpec {
            sample_rate: plausible(parameter(&["rate", "clock-rate"]).unwrap_or(8_000)),
            channels: parameter(&["channels"])
                .and_then(|n| u16::try_from(n).ok())
                .filter(|n| (1..=2).contains(n))
                .unwrap_or(1),
        };
        let g726 = |rate| Coding::G726(rate, BitOrder::LeastSignificantFirst);
        let (coding, spec) = match name.strip_prefix("audio/")? {
            "basic" | "x-basic" | "mulaw" | "x-mulaw" | "ulaw" | "x-ulaw" | "pcmu" | "g711u"
            | "x-pcmu" | "vnd.mulaw" => (Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1), given),
            "pcma" | "x-pcma" | "alaw" | "x-alaw" | "x-alaw-basic" | "g711a" => {
                (Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1), given)
            }
            "l16" | "x-l16" => (Coding::Plain(codec::CODEC_ID_PCM_S16BE, 2), given),
            "l8" => (Coding::Plain(codec::CODEC_ID_PCM_U8, 1), given),
            "l24" => (Coding::Plain(codec::CODEC_ID_PCM_S24BE, 3), given),
            "gsm" | "x-gsm" => (Coding::Gsm(GsmPacking::Headless), mono),
            "g722" | "x-g722" => (Coding::G722, SignalSpec { sample_rate: 16_000, ..mono }),
            "g726-16" => (g726(G726Rate::Kbit16), mono),
            "g726-24" => (g726(G726Rate::Kbit24), mono),
            "g726" | "g726-32" | "g721" | "32kadpcm" => (g726(G726Rate::Kbit32), mono),
            "g726-40" => (g726(G726Rate::Kbit40), mono),
            "vox" | "x-vox" => (Coding::Oki, SignalSpec { channels: 1, ..given }),
            "g729" | "g729a" | "x-g729" => (Coding::G729, mono),
            _ => return None,
        };
        Some(Self { coding, spec })
    }

    /// Tells GSM by the signature in each of its frames.
    pub(crate) fn of_bytes(head: &[u8]) -> Option<Self> {
        let mut frames = head.chunks_exact(GSM_FRAME);
        let is_gsm = frames.len() >= GSM_FRAMES && frames.all(|frame| frame[0] >> 4 == 0xd);
        is_gsm.then_some(Self {
            coding: Coding::Gsm(GsmPacking::Headless),
            spec: SignalSpec { sample_rate: 8_000, channels: 1 },
        })
    }

    /// All of a file of `len` bytes.
    pub(crate) fn layout(self, len: u64) -> Layout {
        let Self { coding, spec } = self;
        Layout { spec, coding, data: 0..len, serve: Serve::Convert, promised: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_name_the_codec_and_its_shape() {
        let mulaw = Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1);
        let linear = Coding::Plain(codec::CODEC_ID_PCM_S16BE, 2);
        for (text, coding, sample_rate, channels) in [
            ("audio/basic", mulaw, 8_000, 1),
            ("AUDIO/PCMU; rate=16000", mulaw, 16_000, 1),
            ("audio/L16;rate=8000;channels=1", linear, 8_000, 1),
            ("audio/l16; channels=2; rate=\"44100\"", linear, 44_100, 2),
            ("audio/L16;rate=0;channels=9", linear, 8_000, 1),
            ("audio/G722", Coding::G722, 16_000, 1),
            ("audio/vox; rate=6000", Coding::Oki, 6_000, 1),
            ("audio/x-gsm", Coding::Gsm(GsmPacking::Headless), 8_000, 1),
        ] {
            let spec = SignalSpec { sample_rate, channels };
            assert_eq!(Headless::of_media_type(text), Some(Headless { coding, spec }), "{text}");
        }
        for text in ["", "audio/x-wav", "application/octet-stream", "audio/", "text/html"] {
            assert_eq!(Headless::of_media_type(text), None, "{text}");
        }
    }

    #[test]
    fn gsm_is_told_by_its_frames() {
        let frames = [[&[0xd5][..], &[7; 32]].concat()].concat().repeat(GSM_FRAMES);
        assert!(Headless::of_bytes(&frames).is_some());
        assert_eq!(Headless::of_bytes(&frames[1..]), None);
        assert_eq!(Headless::of_bytes(&frames[..300]), None);
    }
}
