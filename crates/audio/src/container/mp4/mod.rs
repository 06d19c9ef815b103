//! MPEG-4, `QuickTime` and 3GPP (ISO/IEC 14496-12). What browsers play and find their way in is served
//! as it came; else the sound track gets a new file with its index in front; what browsers do not
//! decode becomes PCM.

mod boxes;
mod entry;
mod track;
mod write;

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::well_known as codec;

pub(crate) use self::entry::AAC_RATES;
use self::{
    entry::{Codec, Entry},
    track::{Sample, Track},
    write::Movie,
};
use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    adapter::SymphoniaDecoder,
    analysis::Damage,
    analyzer::{MOST_SECONDS, check, seconds},
    bytes::{array, be32, be64},
    codec::{Decoder, PacketSize, SignalSpec},
    conform::conformed,
    container::{amr, opus},
    input::{Guard, Source},
    output::{Output, PieceWriter},
    pipeline::{self, MOST_PACKET, Next, Packets, Sink, Trim},
    rewrite::Rewrite,
};

/// The largest index that is read: that of two days of AAC.
const MOST_INDEX: u64 = 64 << 20;
/// Boxes at the top of a file; a fragment has two.
const MOST_BOXES: usize = 1 << 18;

/// A file as its boxes describe it.
struct MediaFile {
    track: Track,
    /// The brands say that it is an ISO file.
    is_iso_brand: bool,
    /// The index stands before the samples.
    is_index_first: bool,
    /// Bytes between the beginning of the file and the first box.
    start: u64,
}

/// Analyzes a file whose first box is at `start`.
pub(crate) fn analyze<R: Read + Seek + Send>(
    kind: AudioType,
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let mut movie = read(start, source, guard)?;
    let track = &mut movie.track;
    let format = Format { container: kind, codec: track.entry.codec.name() };
    let spec = check(track.entry.spec)?;
    let promised = if track.is_too_long { 0 } else { track.media() };
    let len = source.len();
    track.samples.retain(|sample| {
        sample.offset.saturating_add(sample.size.into()) <= len && sample.offset > 0
    });
    track.samples.retain(|sample| (sample.size as usize) <= MOST_PACKET && sample.size > 0);
    let media = if track.is_too_long { track.stated.max(track.media()) } else { track.media() };
    if track.samples.len() <= 1 && track.frames(media) < 8_192 {
        let facts =
            Facts { duration_seconds: Some(0.0), channels: Some(spec.channels), damage: None };
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    let cut_off = media < promised;
    let edit = track.edit.map(|(start, length)| {
        let start = start.min(media);
        (start, length.min(media - start))
    });
    // An edit of nothing is none.
    let edit = edit.filter(|(start, length)| *length > 0 && (*start, *length) != (0, media));
    track.edit = edit;
    let shown = edit.map_or(media, |(_, length)| length);
    let duration = units_to_seconds(shown, track.timescale);
    #[allow(clippy::cast_precision_loss)] // a bound
    if duration > MOST_SECONDS as f64 {
        return Err(AnalysisError::Rejected("the recording is longer than 48 hours".to_owned()));
    }
    let mut facts =
        Facts { duration_seconds: Some(duration), channels: Some(spec.channels), damage: None };
    if cut_off {
        let decoded_seconds = duration;
        let expected_seconds = units_to_seconds(promised, track.timescale);
        facts.damage = Some(Damage { expected_seconds, decoded_seconds, is_cut_off: true });
    }
    let decoded = decode(&movie, spec, source, guard, output)?;
    let (is_converted, peaks) = match decoded {
        Some(decoded) => {
            facts.channels = Some(decoded.spec.channels);
            if facts.damage.is_none() {
                facts.damage = decoded.damage;
            }
            if decoded.is_converted {
                facts.duration_seconds = Some(decoded.seconds);
            }
            (decoded.is_converted, decoded.peaks)
        }
        None => (false, None),
    };
    let track = &movie.track;
    let is_played =
        matches!(track.entry.codec, Codec::Aac(_) | Codec::Mp3 | Codec::Opus(_) | Codec::Flac(_));
    let serving = if is_converted {
        Serving::Converted
    } else if !is_played {
        Serving::Stored
    } else if movie.is_servable() {
        Serving::AsItCame(AudioType::Mp4)
    } else {
        let Track { entry, timescale, samples, edit, .. } = track;
        let plan = Movie { entry, timescale: *timescale, samples, edit: *edit }.plan();
        match plan.filter(|_| !track.is_too_long) {
            Some(plan) => {
                plan.write(source, guard, output)?;
                Serving::Rewritten(AudioType::Mp4)
            }
            None => Serving::AsItCame(AudioType::Mp4),
        }
    };
    Ok(Analysis { format, serving, facts, peaks })
}

impl MediaFile {
    fn is_servable(&self) -> bool {
        self.start == 0
            && self.is_iso_brand
            && self.is_index_first
            && self.track.entry.is_iso
            && !self.track.is_fragmented
    }
}

#[allow(clippy::cast_precision_loss)] // exact for more years than a recording has
fn units_to_seconds(units: u64, timescale: u32) -> f64 {
    units as f64 / f64::from(timescale)
}

/// Reads brands, index and fragments.
fn read<R: Read + Seek>(
    start: u64,
    source: &mut Source<R>,
    guard: &Guard,
) -> Result<MediaFile, AnalysisError> {
    let failed = |_| AnalysisError::of(guard);
    let (mut at, len) = (start, source.len());
    let (mut brand, mut samples_at, mut index_at) = (None, None, None);
    let mut track: Option<Track> = None;
    for _ in 0..MOST_BOXES {
        let head = source.read_at(at, 16).map_err(failed)?;
        let (Some(name), Some(size)) = (array::<4>(&head, 4), be32(&head, 0)) else { break };
        let (header, size) = match size {
            0 => (8, len - at),
            1 => (16, be64(&head, 8).unwrap_or(0)),
            size => (8, u64::from(size)),
        };
        if size < header {
            break;
        }
        let end = at.saturating_add(size).min(len);
        match &name {
            b"ftyp" => brand = array::<4>(&source.read_at(at + 8, 4).map_err(failed)?, 0),
            b"mdat" => samples_at = samples_at.or(Some(at)),
            b"moov" => {
                if end - at > MOST_INDEX {
                    return Err(AnalysisError::broken("its index is too large"));
                }
                let moov = body(source, at + header, end).map_err(failed)?;
                index_at = Some(at);
                track =
                    Some(Track::read(&moov).ok_or_else(|| match boxes::find(&moov, *b"trak") {
                        Some(_) => AnalysisError::Rejected("the recording has no sound".to_owned()),
                        None => AnalysisError::broken("its index is damaged"),
                    })?);
            }
            b"moof" => {
                if let Some(track) = &mut track {
                    let moof =
                        body(source, at + header, end.min(at + (4 << 20))).map_err(failed)?;
                    track.add_fragment(&moof, at);
                    track.is_fragmented = true;
                }
            }
            _ => {}
        }
        at = at.saturating_add(size);
        if at >= len {
            break;
        }
    }
    let track = track.ok_or_else(|| {
        let why = "its index is missing: the recorder or the transfer ended before it was written";
        AnalysisError::broken(why)
    })?;
    Ok(MediaFile {
        track,
        is_iso_brand: brand.is_some_and(|brand| brand != *b"qt  "),
        is_index_first: index_at < samples_at || samples_at.is_none(),
        start,
    })
}

/// Reads a large box piece by piece.
fn body<R: Read + Seek>(source: &mut Source<R>, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut at = from;
    while at < to {
        let piece = source.read_at(at, usize::try_from((to - at).min(1 << 20)).unwrap_or(0))?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        bytes.extend(piece);
    }
    Ok(bytes)
}

/// What decoding the track gave.
struct Decoded {
    spec: SignalSpec,
    seconds: f64,
    damage: Option<Damage>,
    peaks: Option<Vec<u8>>,
    is_converted: bool,
}

/// Decodes the track, and converts it where browsers do not; nothing where this library does not
/// decode it either.
fn decode<R: Read + Seek>(
    movie: &MediaFile,
    claimed: SignalSpec,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Option<Decoded>, AnalysisError> {
    let track = &movie.track;
    let make = || decoder(&track.entry, claimed);
    let (Some(mut probe), Some(mut decoder)) = (make(), make()) else { return Ok(None) };
    let Some(spec) = shape(track, probe.as_mut(), source, guard)? else {
        // Some kinds of AAC are played by browsers and not decoded here.
        let is_aac = matches!(track.entry.codec, Codec::Aac(_));
        return if is_aac { Ok(None) } else { Err(AnalysisError::nothing()) };
    };
    let in_spec = |units| conformed(track.frames(units), claimed, spec);
    let trim = match track.edit {
        Some((start, length)) => Trim { skip: in_spec(start), keep: in_spec(length) },
        None => Trim::NONE,
    };
    let is_converted =
        matches!(track.entry.codec, Codec::Alac(_) | Codec::Plain(..) | Codec::Amr { .. });
    let mut packets = TrackPackets { source, samples: track.samples.iter(), index: track };
    let measured = if is_converted {
        let frames = in_spec(track.media());
        let frames = if trim == Trim::NONE { frames } else { trim.keep.min(frames) };
        let mut writer = PieceWriter::wav(output, check(spec)?, frames)?;
        let mut hand_on = |samples: &[i16]| writer.samples(samples);
        let trim = Trim { skip: trim.skip, keep: frames };
        let mut sink = Sink::new(spec, trim, &mut hand_on)?;
        pipeline::decode(&mut packets, decoder.as_mut(), &mut sink, guard)?;
        sink.fill_up(frames)?;
        let measured = sink.finish();
        writer.finish()?;
        measured
    } else {
        let mut ignore = |_: &[i16]| Ok(());
        let mut sink = Sink::new(spec, trim, &mut ignore)?;
        pipeline::decode(&mut packets, decoder.as_mut(), &mut sink, guard)?;
        sink.finish()
    };
    Ok(Some(Decoded {
        spec,
        seconds: measured.seconds(),
        damage: Damage::of(&measured, None),
        peaks: measured.peaks,
        is_converted,
    }))
}

/// The shape that the first samples decode to: an index may say another.
fn shape<R: Read + Seek>(
    track: &Track,
    decoder: &mut dyn Decoder,
    source: &mut Source<R>,
    guard: &Guard,
) -> Result<Option<SignalSpec>, AnalysisError> {
    let mut packets = TrackPackets {
        source,
        samples: track.samples[..track.samples.len().min(16)].iter(),
        index: track,
    };
    let (mut packet, mut samples) = (Vec::new(), Vec::new());
    while packets.next(&mut packet).map_err(|_| AnalysisError::of(guard))?.is_some() {
        if decoder.decode(&packet, &mut samples).is_ok() && !samples.is_empty() {
            return check(decoder.spec()).map(Some);
        }
        packet.clear();
    }
    Ok(None)
}

fn decoder(entry: &Entry, spec: SignalSpec) -> Option<Box<dyn Decoder>> {
    let packets = |id, extra: &[u8]| -> Option<Box<dyn Decoder>> {
        Some(Box::new(SymphoniaDecoder::of_packets(id, spec, extra)?))
    };
    match &entry.codec {
        Codec::Aac(config) => packets(codec::CODEC_ID_AAC, config),
        Codec::Mp3 => packets(codec::CODEC_ID_MP3, &[]),
        Codec::Alac(cookie) => packets(codec::CODEC_ID_ALAC, cookie),
        Codec::Flac(info) => packets(codec::CODEC_ID_FLAC, info),
        Codec::Opus(config) => opus::decoder_of_dops(config),
        Codec::Plain(id, bytes) => {
            let bytes = usize::from(*bytes) * usize::from(spec.channels);
            let size = PacketSize { bytes, frames: 1 };
            Some(Box::new(SymphoniaDecoder::of_blocks(*id, spec, size, PLAIN_AT_ONCE)?))
        }
        Codec::Amr { is_wide } => amr::decoder(*is_wide),
        Codec::Unknown(_) => None,
    }
}

/// Plain samples that are decoded at once.
const PLAIN_AT_ONCE: usize = 1 << 14;

/// The samples of a track as packets.
struct TrackPackets<'a, R> {
    source: &'a mut Source<R>,
    samples: std::slice::Iter<'a, Sample>,
    index: &'a Track,
}

impl<R: Read + Seek> Packets for TrackPackets<'_, R> {
    fn next(&mut self, packet: &mut Vec<u8>) -> io::Result<Option<Next>> {
        let Some(sample) = self.samples.next() else { return Ok(None) };
        self.source.seek(SeekFrom::Start(sample.offset))?;
        self.source.by_ref().take(sample.size.into()).read_to_end(packet)?;
        Ok(Some(Next::Packet(self.index.frames(sample.duration.into()))))
    }
}

/// A new file for AAC whose frames are these parts of the source.
pub(crate) fn of_aac(config: &[u8], spec: SignalSpec, frames: &[(u64, u32)]) -> Option<Rewrite> {
    let sample =
        |(offset, size): &(u64, u32)| Sample { offset: *offset, size: *size, duration: 1_024 };
    let samples: Vec<Sample> = frames.iter().map(sample).collect();
    let entry = Entry::of_aac(config, spec);
    Movie { entry: &entry, timescale: spec.sample_rate, samples: &samples, edit: None }.plan()
}

/// How long so many AAC frames play.
pub(crate) fn aac_seconds(frames: u64, spec: SignalSpec) -> f64 {
    seconds(frames * 1_024, spec.sample_rate)
}
