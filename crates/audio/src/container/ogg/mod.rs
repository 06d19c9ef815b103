//! Ogg with Opus (RFC 7845), Vorbis or FLAC. Browsers find their way in it, so it is served as it came;
//! streams behind each other (chained) and false positions are not what every browser plays, and
//! become PCM.

mod page;

use std::io::{self, Read, Seek};

use symphonia::core::codecs::audio::well_known as codec;

use self::page::{Page, Pages};
use super::opus;
use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    adapter::SymphoniaDecoder,
    analysis::Damage,
    analyzer::{Measured, check},
    bytes::{be32, le32},
    codec::{Decoder, SignalSpec, VorbisDecoder},
    input::{Guard, Source},
    output::{Output, PieceWriter},
    pipeline::{self, MOST_PACKET, Next, Packets, Sink, Trim},
    rewrite::Rewrite,
};

/// Streams behind each other.
const MOST_LINKS: usize = 256;
/// How far the last position may be from what the packets hold, in seconds.
const INEXACT_SECONDS: u64 = 1;

/// A codec in Ogg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Opus,
    Vorbis,
    Flac,
    Unknown(&'static str),
}

/// A stream, from its first page to the next stream.
struct Link {
    codec: Codec,
    serial: u32,
    start: u64,
    end: u64,
    spec: SignalSpec,
    /// The packets before the sound that the decoder needs.
    heads: Vec<Vec<u8>>,
    /// Position at the end of the last page.
    last: u64,
    /// Position before the first packet of sound, and how many frames are in all packets; Opus alone.
    first: Option<u64>,
    frames: u64,
    pages: u64,
}

impl Link {
    fn begin(page: &Page) -> Option<Self> {
        let head = page.body.get(..page.parts.first()?.0)?;
        let (codec, spec) = match head {
            _ if head.starts_with(b"OpusHead") => {
                let channels = u16::from(*head.get(9)?);
                (Codec::Opus, SignalSpec { sample_rate: opus::RATE, channels })
            }
            _ if head.starts_with(b"\x01vorbis") => {
                let channels = u16::from(*head.get(11)?);
                (Codec::Vorbis, SignalSpec { sample_rate: le32(head, 12)?, channels })
            }
            _ if head.starts_with(b"\x7fFLAC") => {
                let packed = be32(head, 27)?;
                let channels = u16::try_from(packed >> 9 & 7).ok()? + 1;
                (Codec::Flac, SignalSpec { sample_rate: packed >> 12, channels })
            }
            _ if head.starts_with(b"Speex   ") => {
                let channels = u16::try_from(le32(head, 48)?).ok()?;
                let spec = SignalSpec { sample_rate: le32(head, 36)?, channels };
                (Codec::Unknown("Speex"), spec)
            }
            _ => return None,
        };
        Some(Self {
            codec,
            serial: page.serial,
            start: page.at,
            end: u64::MAX,
            spec,
            heads: Vec::new(),
            last: 0,
            first: None,
            frames: 0,
            pages: 0,
        })
    }

    fn is_head(&self, packet: &[u8]) -> bool {
        match self.codec {
            Codec::Opus => packet.starts_with(b"OpusHead") || packet.starts_with(b"OpusTags"),
            Codec::Vorbis => packet.first().is_some_and(|kind| kind & 1 == 1),
            Codec::Flac => packet.first() != Some(&0xff),
            Codec::Unknown(_) => false,
        }
    }

    fn decoder(&self) -> Option<Box<dyn Decoder>> {
        let first = self.heads.first()?;
        match self.codec {
            Codec::Opus => opus::decoder(first),
            Codec::Vorbis => {
                let setup = self.heads.iter().find(|head| head.starts_with(b"\x05"))?;
                Some(Box::new(VorbisDecoder::new(&[first.as_slice(), setup].concat())?))
            }
            Codec::Flac => {
                let info = first.get(17..51)?;
                let decoder = SymphoniaDecoder::of_packets(codec::CODEC_ID_FLAC, self.spec, info)?;
                Some(Box::new(decoder))
            }
            Codec::Unknown(_) => None,
        }
    }

    /// Which of the decoded frames are the recording.
    fn trim(&self) -> Trim {
        match self.codec {
            Codec::Opus => {
                let pre_skip = self.heads.first().and_then(|head| crate::bytes::le16(head, 10));
                let pre_skip = u64::from(pre_skip.unwrap_or(0));
                let first = self.first.unwrap_or(0);
                // A stream that was cut into has nothing to leave out.
                let skip = if first > 0 { 0 } else { pre_skip };
                let all = self.last.saturating_sub(first);
                let keep = if self.is_position_true() { all } else { self.frames };
                Trim { skip, keep: keep.saturating_sub(skip) }
            }
            _ if self.last > 0 => Trim { skip: 0, keep: self.last },
            _ => Trim::NONE,
        }
    }

    /// Whether the positions on pages fit the packets.
    fn is_position_true(&self) -> bool {
        match self.codec {
            Codec::Opus => {
                let claimed = self.last.saturating_sub(self.first.unwrap_or(0));
                claimed > 0
                    && claimed.abs_diff(self.frames) <= INEXACT_SECONDS * u64::from(opus::RATE)
            }
            _ => self.last > 0,
        }
    }
}

/// What all pages say.
struct Survey {
    links: Vec<Link>,
    /// All whole pages.
    plan: Rewrite,
    is_plan_full: bool,
    has_junk: bool,
    has_lost_pages: bool,
}

fn survey<R: Read + Seek>(
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
) -> Result<Survey, AnalysisError> {
    let len = source.len();
    let mut pages = Pages::new(source, start, len);
    let mut found = Survey {
        links: Vec::new(),
        plan: Rewrite::default(),
        is_plan_full: false,
        has_junk: start > 0,
        has_lost_pages: false,
    };
    let mut assembler = Assembler::default();
    let mut page_number = None;
    while let Some(page) = pages.next().map_err(|_| AnalysisError::of(guard))? {
        guard.renew();
        found.has_junk |= page.is_behind_junk;
        found.is_plan_full |= !found.plan.source(page.at..page.at + page.size);
        if page.is_first
            && let Some(link) = Link::begin(&page)
        {
            let is_next = found.links.last().is_none_or(|last| last.pages > 0);
            if is_next && found.links.len() < MOST_LINKS {
                if let Some(last) = found.links.last_mut() {
                    last.end = page.at;
                }
                found.links.push(link);
                assembler = Assembler::default();
                page_number = None;
            }
        }
        let Some(link) = found.links.last_mut().filter(|link| link.serial == page.serial) else {
            continue;
        };
        if page_number.is_some_and(|last: u32| last.wrapping_add(1) != page.number) {
            found.has_lost_pages = true;
        }
        page_number = Some(page.number);
        let (mut on_page, mut has_sound) = (0, false);
        assembler.add(&page, &mut |packet| {
            if link.is_head(packet) && link.frames == 0 && link.heads.len() < 64 {
                link.heads.push(packet.to_vec());
                return;
            }
            has_sound = true;
            if link.codec == Codec::Opus {
                on_page += opus::frames(packet);
            }
        });
        if has_sound {
            link.pages += 1;
            link.frames += on_page;
            if let Some(granule) = page.granule {
                if link.first.is_none() && link.codec == Codec::Opus {
                    // A first page that is the last one too may end before its packets do.
                    link.first = Some(granule.saturating_sub(link.frames));
                }
                link.last = link.last.max(granule);
            }
        }
    }
    Ok(found)
}

/// Analyzes a file that begins at `start`. `as_wav`: what is asked for is PCM, whatever browsers play.
pub(crate) fn analyze<R: Read + Seek>(
    start: u64,
    as_wav: bool,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let survey = survey(start, source, guard)?;
    let Some(first) = survey.links.first() else {
        return Err(AnalysisError::broken("there is no sound in it that is known"));
    };
    let name = match first.codec {
        Codec::Opus => "Opus",
        Codec::Vorbis => "Vorbis",
        Codec::Flac => "FLAC",
        Codec::Unknown(name) => name,
    };
    let format = Format { container: AudioType::Ogg, codec: name };
    let spec = check(first.spec)?;
    if survey.links.iter().all(|link| link.pages == 0) {
        let facts =
            Facts { duration_seconds: Some(0.0), channels: Some(spec.channels), damage: None };
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    if survey.links.iter().any(|link| link.decoder().is_none()) {
        let facts = Facts { channels: Some(spec.channels), ..Facts::default() };
        return Ok(Analysis { format, serving: Serving::Stored, facts, peaks: None });
    }
    let mut measured = run(&survey, spec, source, guard, &mut |_| Ok(()))?;
    let is_playable = survey.links.len() == 1 && first.is_position_true() && !survey.has_lost_pages;
    let serving = if as_wav || !is_playable || survey.is_plan_full {
        let frames = measured.frames;
        let mut writer = PieceWriter::wav(output, spec, frames)?;
        measured = run(&survey, spec, source, guard, &mut |samples| writer.samples(samples))?;
        writer.finish()?;
        Serving::Converted
    } else if survey.has_junk {
        survey.plan.write(source, guard, output)?;
        Serving::Rewritten(AudioType::Ogg)
    } else {
        Serving::AsItCame(AudioType::Ogg)
    };
    let facts = Facts {
        duration_seconds: Some(measured.seconds()),
        channels: Some(spec.channels),
        damage: Damage::of(&measured, None),
    };
    if measured.frames <= 1 {
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    Ok(Analysis { format, serving, facts, peaks: measured.peaks })
}

/// Decodes all streams, one behind the other.
fn run<R: Read + Seek>(
    survey: &Survey,
    spec: SignalSpec,
    source: &mut Source<R>,
    guard: &Guard,
    hand_on: &mut dyn FnMut(&[i16]) -> Result<(), AnalysisError>,
) -> Result<Measured, AnalysisError> {
    let mut sink = Sink::new(spec, Trim::NONE, hand_on)?;
    for link in survey.links.iter().filter(|link| link.pages > 0) {
        let Some(mut decoder) = link.decoder() else { continue };
        sink.set_trim(link.trim());
        let mut packets = LinkPackets::new(link, source);
        let before = sink.frames();
        pipeline::decode(&mut packets, decoder.as_mut(), &mut sink, guard)?;
        if link.codec == Codec::Opus {
            // Some encoders count the decoder's delay as sound.
            sink.fill_up(before + link.trim().keep)?;
        }
    }
    Ok(sink.finish())
}

/// Puts packets together from the pages of a stream.
#[derive(Default)]
struct Assembler {
    open: Vec<u8>,
    number: Option<u32>,
}

impl Assembler {
    fn add(&mut self, page: &Page, packet: &mut dyn FnMut(&[u8])) {
        let follows = self.number.is_none_or(|last| last.wrapping_add(1) == page.number);
        self.number = Some(page.number);
        if !follows || !page.is_continued {
            self.open.clear();
        }
        let mut skips = page.is_continued && (!follows || self.open.is_empty());
        let mut at = 0;
        for (size, ends) in &page.parts {
            let part = page.body.get(at..at + size).unwrap_or_default();
            at += size;
            if skips {
                // The rest of a packet whose beginning is lost.
                skips = !ends;
                continue;
            }
            if self.open.len() + size > MOST_PACKET {
                self.open.clear();
            }
            if *ends && self.open.is_empty() {
                // The last page may hold nothing but the end.
                if !part.is_empty() {
                    packet(part);
                }
            } else {
                self.open.extend_from_slice(part);
                if *ends {
                    packet(&self.open);
                    self.open.clear();
                }
            }
        }
    }
}

/// The packets of sound of one stream.
struct LinkPackets<'a, R> {
    link: &'a Link,
    pages: Pages<'a, R>,
    assembler: Assembler,
    ready: std::collections::VecDeque<Vec<u8>>,
    /// Frames that packets held so far; Opus alone.
    frames: u64,
    number: Option<u32>,
    has_lost: bool,
}

impl<'a, R: Read + Seek> LinkPackets<'a, R> {
    fn new(link: &'a Link, source: &'a mut Source<R>) -> Self {
        Self {
            link,
            pages: Pages::new(source, link.start, link.end),
            assembler: Assembler::default(),
            ready: std::collections::VecDeque::new(),
            frames: 0,
            number: None,
            has_lost: false,
        }
    }
}

impl<R: Read + Seek> Packets for LinkPackets<'_, R> {
    fn next(&mut self, packet: &mut Vec<u8>) -> io::Result<Option<Next>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                *packet = ready;
                let frames = if self.link.codec == Codec::Opus { opus::frames(packet) } else { 0 };
                self.frames += frames;
                return Ok(Some(Next::Packet(frames)));
            }
            let Some(page) = self.pages.next()? else { return Ok(None) };
            if page.serial != self.link.serial {
                continue;
            }
            self.has_lost |= self.number.is_some_and(|last| last.wrapping_add(1) != page.number);
            self.number = Some(page.number);
            let (link, ready) = (self.link, &mut self.ready);
            let before = self.frames;
            self.assembler.add(&page, &mut |packet| {
                let is_head = before == 0 && ready.is_empty() && link.is_head(packet);
                if !is_head {
                    ready.push_back(packet.to_vec());
                }
            });
            // Where pages are lost, positions tell how much.
            if self.has_lost
                && link.codec == Codec::Opus
                && let Some(granule) = page.granule
            {
                let on_page: u64 = self.ready.iter().map(|packet| opus::frames(packet)).sum();
                let expected = granule.saturating_sub(link.first.unwrap_or(0));
                let frames = expected.saturating_sub(self.frames + on_page);
                self.has_lost = false;
                let most = 600 * u64::from(opus::RATE);
                if (1..most).contains(&frames) {
                    self.frames += frames;
                    return Ok(Some(Next::Gap { frames, is_damage: true }));
                }
            }
        }
    }
}
