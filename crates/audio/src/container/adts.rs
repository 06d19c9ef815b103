//! AAC in ADTS (ISO/IEC 14496-3, 1.A.2). Browsers only estimate the length of such a stream: the same
//! frames are served as MPEG-4, whose index is exact.

use std::{
    io::{self, Read, Seek},
    ops::Range,
};

use symphonia::core::codecs::audio::well_known as codec;

use super::{
    mp4::{self, AAC_RATES},
    window::Window,
};
use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    adapter::SymphoniaDecoder,
    analysis::Damage,
    analyzer::check,
    codec::{Decoder as _, SignalSpec},
    input::{Guard, Source},
    output::Output,
    pipeline::{self, Next, Packets, Sink, Trim},
    rewrite::MOST_PARTS,
};

/// The largest frame, in bytes.
const MOST_FRAME: usize = 8_192;
const AHEAD: usize = 2 * MOST_FRAME;

/// What the head of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    profile: u8,
    rate: u8,
    channels: u8,
    /// In bytes, the head among them.
    length: usize,
    head: usize,
    /// Frames of 1,024 samples.
    blocks: u8,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..7)?;
        if head[0] != 0xff || head[1] & 0b1111_0110 != 0b1111_0000 {
            return None;
        }
        let header = Self {
            profile: head[2] >> 6,
            rate: head[2] >> 2 & 15,
            channels: (head[2] & 1) << 2 | head[3] >> 6,
            length: usize::from(head[3] & 3) << 11
                | usize::from(head[4]) << 3
                | usize::from(head[5] >> 5),
            head: if head[1] & 1 == 0 { 9 } else { 7 },
            blocks: (head[6] & 3) + 1,
        };
        (header.rate < 13 && header.length > header.head).then_some(header)
    }

    fn continues(self, other: Self) -> bool {
        (self.profile, self.rate, self.channels) == (other.profile, other.rate, other.channels)
    }

    /// The same as an `AudioSpecificConfig`.
    fn config(self) -> [u8; 2] {
        let object = u16::from(self.profile) + 1;
        let bits = object << 11 | u16::from(self.rate) << 7 | u16::from(self.channels) << 3;
        bits.to_be_bytes()
    }

    fn spec(self) -> SignalSpec {
        let sample_rate = AAC_RATES.get(usize::from(self.rate)).copied().unwrap_or_default();
        let channels = if self.channels == 7 { 8 } else { self.channels.max(1) };
        SignalSpec { sample_rate, channels: channels.into() }
    }
}

/// Whether a stream of frames begins here: two of one kind, the second where the first says.
pub(crate) fn is_stream(bytes: &[u8]) -> bool {
    Header::parse(bytes).is_some_and(|first| {
        let behind = bytes.get(first.length..).unwrap_or_default();
        Header::parse(behind).is_some_and(|second| second.continues(first))
    })
}

/// Analyzes the stream in these bytes of the source.
pub(crate) fn analyze<R: Read + Seek>(
    data: Range<u64>,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let format = Format { container: AudioType::Aac, codec: "AAC" };
    let mut frames = Frames::new(source, data.clone());
    let (mut first, mut places, mut count, mut is_plain) = (None, Vec::new(), 0_u64, true);
    while let Some((at, header)) = frames.find().map_err(|_| AnalysisError::of(guard))? {
        guard.renew();
        let first = *first.get_or_insert(header);
        is_plain &= header.blocks == 1 && header.continues(first) && places.len() < MOST_PARTS;
        if is_plain {
            let size = u32::try_from(header.length - header.head).unwrap_or_default();
            places.push((at + header.head as u64, size));
        }
        count += u64::from(header.blocks);
        frames.window.skip(header.length as u64);
    }
    let first = first.ok_or_else(AnalysisError::nothing)?;
    let spec = check(first.spec())?;
    let mut facts = Facts {
        duration_seconds: Some(mp4::aac_seconds(count, spec)),
        channels: Some(spec.channels),
        damage: None,
    };
    if count <= 1 {
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    let peaks = decode(first, data, source, guard)?.and_then(|measured| {
        facts.damage = Damage::of(&measured, None);
        facts.channels = Some(measured.spec.channels);
        measured.peaks
    });
    let plan = is_plain.then(|| mp4::of_aac(&first.config(), spec, &places)).flatten();
    let serving = match plan {
        Some(plan) => {
            plan.write(source, guard, output)?;
            Serving::Rewritten(AudioType::Mp4)
        }
        None => Serving::AsItCame(AudioType::Aac),
    };
    Ok(Analysis { format, serving, facts, peaks })
}

/// Measures the sound; nothing where it is of a kind that only browsers decode.
fn decode<R: Read + Seek>(
    first: Header,
    data: Range<u64>,
    source: &mut Source<R>,
    guard: &Guard,
) -> Result<Option<crate::analyzer::Measured>, AnalysisError> {
    let make = || SymphoniaDecoder::of_packets(codec::CODEC_ID_AAC, first.spec(), &first.config());
    let (Some(mut probe), Some(mut decoder)) = (make(), make()) else { return Ok(None) };
    let (mut packet, mut samples) = (Vec::new(), Vec::new());
    let mut frames = Frames::new(source, data.clone());
    for _ in 0..16 {
        packet.clear();
        if frames.next(&mut packet).map_err(|_| AnalysisError::of(guard))?.is_none()
            || probe.decode(&packet, &mut samples).is_ok() && !samples.is_empty()
        {
            break;
        }
    }
    if samples.is_empty() {
        return Err(AnalysisError::nothing());
    }
    let mut ignore = |_: &[i16]| Ok(());
    let mut sink = Sink::new(probe.spec(), Trim::NONE, &mut ignore)?;
    let mut frames = Frames::new(source, data);
    pipeline::decode(&mut frames, &mut decoder, &mut sink, guard)?;
    Ok(Some(sink.finish()))
}

/// The frames of a stream. What is none is passed over.
struct Frames<'a, R> {
    window: Window<'a, R>,
    last: Option<Header>,
}

impl<'a, R: Read + Seek> Frames<'a, R> {
    fn new(source: &'a mut Source<R>, data: Range<u64>) -> Self {
        Self { window: Window::new(source, data.start, data.end), last: None }
    }

    /// The next frame; the window stands at it.
    fn find(&mut self) -> io::Result<Option<(u64, Header)>> {
        let mut is_behind_junk = false;
        loop {
            self.window.fill(AHEAD)?;
            let bytes = self.window.bytes();
            if bytes.len() < 7 {
                return Ok(None);
            }
            if let Some(header) = Header::parse(bytes) {
                let is_next =
                    !is_behind_junk && self.last.is_some_and(|last| header.continues(last));
                if header.length <= bytes.len() && (is_next || is_stream(bytes)) {
                    self.last = Some(header);
                    return Ok(Some((self.window.at(), header)));
                }
            }
            is_behind_junk = true;
            self.window.skip(1);
        }
    }
}

impl<R: Read + Seek> Packets for Frames<'_, R> {
    fn next(&mut self, packet: &mut Vec<u8>) -> io::Result<Option<Next>> {
        let Some((_, header)) = self.find()? else { return Ok(None) };
        let frame = self.window.take(header.length);
        packet.extend_from_slice(frame.get(header.head..).unwrap_or_default());
        Ok(Some(Next::Packet(1_024 * u64::from(header.blocks))))
    }
}
