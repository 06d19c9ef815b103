//! MPEG audio: layers I to III (ISO/IEC 11172-3, 13818-3). Length and waveform come from every frame.
//! Where a browser's own estimate of the length would differ, the same frames are served behind a
//! true Xing head; where the rate changes or the layer is not III, as PCM.

mod header;
mod info;
mod repack;
mod scan;

use std::{
    io::{Read, Seek},
    ops::Range,
};

use symphonia::core::codecs::audio::{AudioCodecId, well_known as codec};

pub(crate) use self::scan::id3_length;
use self::{
    header::Header,
    info::{ENTRIES, Info},
    repack::{Constant, Repacker},
    scan::{Frame, Scanner},
};
use crate::{
    Analysis, AnalysisError, AudioType, Facts, Format, Serving,
    adapter::SymphoniaDecoder,
    analysis::Damage,
    analyzer::{check, seconds},
    codec::{Decoder as _, SignalSpec},
    conform::{Conform, conformed},
    input::{Guard, Source},
    output::{Output, PieceWriter},
    pipeline::{Sink, Trim},
    rewrite::Rewrite,
};

/// Positions that are kept for a table of contents.
const MOST_POSITIONS: usize = 8_192;
/// Runs of one shape that a file may have.
const MOST_RUNS: usize = 4_096;
/// With a varying bitrate, browsers find a position to a 256th of the stream: so many seconds are near
/// enough.
const NEAR_SECONDS: f64 = 12.0;
/// Frames at the beginning of a run that may need data from before it.
const FRAMES_TO_SETTLE: u64 = 10;
/// How far an entry of a table of contents may be off, in 256ths of the stream.
const INEXACT_ENTRY: u8 = 4;

/// Whether a stream of frames begins here.
pub(crate) fn is_stream(bytes: &[u8]) -> bool {
    scan::is_stream(bytes)
}

/// Frames of one shape behind each other.
#[derive(Clone, Copy)]
struct Run {
    header: Header,
    frames: u64,
}

impl Run {
    fn samples(&self) -> u64 {
        self.frames * u64::from(self.header.samples())
    }
}

/// What the headers of all frames say.
struct Survey {
    runs: Vec<Run>,
    /// The bytes of the first header.
    first: [u8; 4],
    /// The first frame's head, and how many heads there are in all.
    info: Option<Info>,
    infos: usize,
    is_constant: bool,
    /// All frames that hold sound.
    plan: Rewrite,
    is_plan_full: bool,
    positions: Positions,
    repacker: Repacker,
    /// Bytes of the longest frame that needs no data of others.
    longest: usize,
    /// Where the first frame begins and the last one ends.
    range: Range<u64>,
    has_junk: bool,
}

impl Survey {
    fn of<R: Read + Seek>(
        source: &mut Source<R>,
        data: Range<u64>,
        guard: &Guard,
    ) -> Result<Self, AnalysisError> {
        let mut survey = Self {
            runs: Vec::new(),
            first: [0; 4],
            info: None,
            infos: 0,
            is_constant: true,
            plan: Rewrite::default(),
            is_plan_full: false,
            positions: Positions::default(),
            repacker: Repacker::default(),
            longest: 0,
            range: data.start..data.start,
            has_junk: false,
        };
        let mut scanner = Scanner::new(source, data.start, data.end);
        let mut is_first = true;
        while let Some(frame) = scanner.next_frame().map_err(|_| AnalysisError::of(guard))? {
            survey.add(&frame, scanner.take(&frame), is_first)?;
            is_first = false;
        }
        Ok(survey)
    }

    fn add(&mut self, frame: &Frame, bytes: &[u8], is_first: bool) -> Result<(), AnalysisError> {
        self.has_junk |= frame.is_behind_junk;
        if is_first {
            self.range.start = frame.at;
        }
        self.range.end = frame.end();
        if let Some(info) = Info::parse(frame.header, bytes) {
            self.infos += 1;
            if is_first {
                self.info = Some(info);
            } else {
                self.has_junk = true;
            }
            return Ok(());
        }
        self.positions.add(self.plan.len());
        if frame.header.layer == 3 {
            self.longest = self.longest.max(self.repacker.add(frame.header, bytes).len());
        }
        if !self.plan.source(frame.at..frame.end()) {
            self.is_plan_full = true;
        }
        match self.runs.last_mut() {
            Some(run) if run.header.continues(frame.header) => {
                self.is_constant &= run.header.bitrate == frame.header.bitrate;
                run.frames += 1;
            }
            last => {
                if last.is_none() {
                    self.first = bytes[..4].try_into().unwrap_or_default();
                }
                if self.runs.len() == MOST_RUNS {
                    return Err(AnalysisError::broken("its sample rate changes too often"));
                }
                self.runs.push(Run { header: frame.header, frames: 1 });
            }
        }
        Ok(())
    }

    fn seconds(&self) -> f64 {
        self.runs.iter().map(|run| seconds(run.samples(), run.header.spec.sample_rate)).sum()
    }

    fn frames(&self) -> u64 {
        self.runs.iter().map(|run| run.frames).sum()
    }

    /// The shape that most of it has.
    fn spec(&self) -> Option<SignalSpec> {
        let ours = |spec| {
            let of = self.runs.iter().filter(|run| run.header.spec == spec);
            of.map(Run::samples).sum::<u64>() / u64::from(spec.sample_rate.max(1))
        };
        self.runs.iter().map(|run| run.header.spec).max_by_key(|spec| ours(*spec))
    }

    /// Whether there is one shape, which browsers play.
    fn is_playable(&self) -> bool {
        !self.is_plan_full
            && self.runs.windows(2).all(|two| two[0].header.continues(two[1].header))
            && self.runs.iter().all(|run| run.header.layer == 3)
    }

    /// The head, if it is the only one and true.
    fn true_info(&self) -> Option<&Info> {
        let info = self.info.as_ref().filter(|_| self.infos == 1)?;
        (info.frames.map(u64::from) == Some(self.frames())).then_some(info)
    }

    /// Whether browsers find the length and every position by themselves.
    fn is_measurable(&self) -> bool {
        match self.true_info() {
            Some(info) => {
                if !info.is_lame {
                    return false;
                }
                let bytes = self.range.end - self.range.start;
                let is_size_true =
                    info.bytes.is_some_and(|claimed| bytes.abs_diff(claimed.into()) < 1_500);
                let is_near = |table: &[u8; ENTRIES]| {
                    let head = bytes - self.plan.len();
                    let ours = self.positions.table(self.frames(), head, bytes);
                    // An entry says where a frame begins, and a short stream has few.
                    let frame = 512 / self.frames().max(1);
                    let near = u64::from(INEXACT_ENTRY) + frame;
                    table.iter().zip(ours).all(|(a, b)| u64::from(a.abs_diff(b)) <= near)
                };
                let is_short = self.seconds() < NEAR_SECONDS;
                is_size_true
                    && (self.is_constant || is_short && info.table.as_ref().is_some_and(is_near))
            }
            None => self.infos == 0 && self.is_constant,
        }
    }

    /// The same frames behind a true head.
    fn rewritten(&self) -> Option<Rewrite> {
        let padding = self.true_info().and_then(|info| info.padding);
        let mut plan = Rewrite::default();
        if self.is_constant && padding.is_none() {
            // Browsers find their way by the bitrate, and exactly.
            plan.append(self.plan.clone());
            return Some(plan);
        }
        let first = Header::parse(&self.first)?;
        let silence = match padding {
            Some(_) => Vec::new(),
            None => silent_frame(self.first, first),
        };
        let frames = self.frames() + u64::from(!silence.is_empty());
        let bytes = self.plan.len() + silence.len() as u64;
        let mut info = Info {
            frames: Some(frames.try_into().ok()?),
            bytes: Some(bytes.try_into().ok()?),
            table: Some([0; ENTRIES]),
            padding: padding.or(Some(Info::padding_of_silent_frame(first))),
            is_lame: true,
        };
        let head = info.frame(self.first, self.is_constant)?.len() as u64;
        let before = head + silence.len() as u64;
        info.table = Some(self.positions.table(self.frames(), before, head + bytes));
        plan.bytes(info.frame(self.first, self.is_constant)?);
        plan.bytes(silence);
        plan.append(self.plan.clone());
        Some(plan)
    }

    /// Whether a constant bitrate has room for every frame.
    fn is_repackable(&self) -> bool {
        !self.is_constant && Constant::new(self.first, self.longest).is_some()
    }

    /// How long the recording should be, where its head promises more frames than came, in as many
    /// more bytes.
    fn promised(&self) -> Option<f64> {
        let info = self.info.as_ref().filter(|_| self.infos == 1)?;
        let (frames, bytes) = (u64::from(info.frames?), u64::from(info.bytes?));
        let (came, size) = (self.frames(), self.plan.len());
        let is_more = frames > came + 1 && bytes > size;
        let mean = |bytes: u64, frames: u64| bytes * 100 / frames.max(1);
        let (claimed, found) = (mean(bytes, frames), mean(size, came));
        let is_consistent = claimed.abs_diff(found) <= found / 4;
        let header = self.runs.first()?.header;
        (is_more && is_consistent)
            .then(|| seconds(frames * u64::from(header.samples()), header.spec.sample_rate))
    }
}

/// Writes the same frames with a constant bitrate; behind a head where the encoder added samples.
/// Without one, browsers agree on every position.
fn write_repacked<R: Read + Seek>(
    survey: &Survey,
    source: &mut Source<R>,
    data: Range<u64>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<(), AnalysisError> {
    let constant =
        || Constant::new(survey.first, survey.longest).ok_or_else(AnalysisError::nothing);
    let mut frames = constant()?;
    let like = frames.header();
    let first = Header::parse(&like).ok_or_else(AnalysisError::nothing)?;
    let mut writer = PieceWriter::new(output);
    let mut skip = 0;
    if let Some(padding) = survey.true_info().and_then(|info| info.padding) {
        // Chromium forgets the padding when it seeks: frames that are nothing else are left out.
        let (before, behind) = padding;
        skip = u64::from(before / first.samples()).min(survey.frames());
        let before = before % first.samples();
        let count = survey.frames() - skip;
        let info = Info {
            frames: Some(u32::try_from(count).unwrap_or(u32::MAX)),
            bytes: Some(u32::try_from(frames.bytes(count)).unwrap_or(u32::MAX)),
            table: None,
            padding: Some((before, behind)),
            is_lame: true,
        };
        writer.bytes(&info.frame(like, true).ok_or_else(AnalysisError::nothing)?)?;
    }
    let mut repacker = Repacker::default();
    let mut scanner = Scanner::new(source, data.start, data.end);
    while let Some(frame) = scanner.next_frame().map_err(|_| AnalysisError::of(guard))? {
        guard.renew();
        let bytes = scanner.take(&frame);
        if Info::parse(frame.header, bytes).is_some() {
            continue;
        }
        let contained = repacker.add(frame.header, bytes);
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let (header, length) = frames.next(bytes.get(3).copied().unwrap_or(like[3]));
        writer.bytes(&contained.frame(header, length))?;
    }
    writer.finish()
}

/// A frame of silence that needs no data of others, with a header like this one.
fn silent_frame(bytes: [u8; 4], header: Header) -> Vec<u8> {
    let [sync, kind, coding, mode] = bytes;
    // Without a checksum, and without joint stereo's extension.
    let mut frame = vec![sync, kind | 1, coding, mode & 0xcf];
    frame.resize(header.length(), 0);
    frame
}

/// Where in the stream every so many frames begin.
#[derive(Default)]
struct Positions {
    every: u64,
    seen: u64,
    offsets: Vec<u64>,
}

impl Positions {
    fn add(&mut self, offset: u64) {
        self.every = self.every.max(1);
        if self.seen.is_multiple_of(self.every) {
            if self.offsets.len() == MOST_POSITIONS {
                let mut keep = false;
                self.offsets.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.every *= 2;
            }
            if self.seen.is_multiple_of(self.every) {
                self.offsets.push(offset);
            }
        }
        self.seen += 1;
    }

    /// The table of contents of a stream of `bytes`, `head` of them before the first frame.
    fn table(&self, frames: u64, head: u64, bytes: u64) -> [u8; ENTRIES] {
        let mut table = [0; ENTRIES];
        for (percent, entry) in table.iter_mut().enumerate() {
            let frame = frames * percent as u64 / 100;
            let at = usize::try_from(frame / self.every.max(1)).unwrap_or(0);
            let offset = self.offsets.get(at.min(self.offsets.len().saturating_sub(1)));
            let offset = head + offset.copied().unwrap_or_default();
            *entry = u8::try_from(offset * 256 / bytes.max(1)).unwrap_or(u8::MAX);
        }
        table[0] = 0;
        table
    }
}

/// Analyzes the stream in these bytes of the source.
pub(crate) fn analyze<R: Read + Seek>(
    data: Range<u64>,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let survey = Survey::of(source, data.clone(), guard)?;
    let spec = survey.spec().ok_or_else(|| match survey.infos {
        0 => AnalysisError::nothing(),
        _ => AnalysisError::broken("it has a head and no sound"),
    });
    let layer = survey.runs.first().map_or(3, |run| run.header.layer);
    let name = ["MPEG layer I", "MPEG layer II", "MP3"][usize::from(layer).clamp(1, 3) - 1];
    let format = Format { container: AudioType::Mpeg, codec: name };
    if survey.frames() <= 1 && (survey.infos > 0 || survey.frames() == 1) {
        let facts = Facts { duration_seconds: Some(0.0), ..Facts::default() };
        return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
    }
    let spec = check(spec?)?;
    let all = survey.runs.iter().map(|run| conformed(run.samples(), run.header.spec, spec)).sum();
    let is_playable = survey.is_playable();
    let trim = match survey.true_info() {
        Some(info) if is_playable => info.trim(all),
        _ => Trim { skip: 0, keep: all },
    };
    let (serving, measured) = if is_playable {
        let tags = behind_tags(source, guard)?;
        let is_tight = !survey.has_junk && survey.range == (tags..source.len());
        let mut ignore = |_: &[i16]| Ok(());
        let mut sink = Sink::new(spec, trim, &mut ignore)?;
        decode(&survey, source, data.clone(), guard, &mut sink)?;
        let serving = match survey.rewritten() {
            _ if is_tight && survey.is_measurable() => Serving::AsItCame(AudioType::Mpeg),
            _ if survey.is_repackable() => {
                write_repacked(&survey, source, data, guard, output)?;
                Serving::Rewritten(AudioType::Mpeg)
            }
            Some(plan) => {
                plan.write(source, guard, output)?;
                Serving::Rewritten(AudioType::Mpeg)
            }
            None => Serving::AsItCame(AudioType::Mpeg),
        };
        (serving, sink.finish())
    } else {
        let mut writer = PieceWriter::wav(output, spec, trim.keep)?;
        let mut hand_on = |samples: &[i16]| writer.samples(samples);
        let mut sink = Sink::new(spec, trim, &mut hand_on)?;
        decode(&survey, source, data, guard, &mut sink)?;
        sink.fill_up(trim.keep)?;
        let measured = sink.finish();
        writer.finish()?;
        (Serving::Converted, measured)
    };
    let facts = Facts {
        duration_seconds: Some(measured.seconds()),
        channels: Some(spec.channels),
        damage: Damage::of(&measured, survey.promised()),
    };
    Ok(Analysis { format, serving, facts, peaks: measured.peaks })
}

/// Where the ID3 tags at the beginning of the file end.
fn behind_tags<R: Read + Seek>(
    source: &mut Source<R>,
    guard: &Guard,
) -> Result<u64, AnalysisError> {
    let mut at = 0;
    loop {
        let head = source.read_at(at, 10).map_err(|_| AnalysisError::of(guard))?;
        match id3_length(&head) {
            Some(length) => at += length as u64,
            None => return Ok(at),
        }
    }
}

/// Decodes all frames that hold sound, in one shape; silence stands in for damaged ones.
fn decode<R: Read + Seek>(
    survey: &Survey,
    source: &mut Source<R>,
    data: Range<u64>,
    guard: &Guard,
    sink: &mut Sink<'_>,
) -> Result<(), AnalysisError> {
    let spec = sink.spec();
    let mut scanner = Scanner::new(source, data.start, data.end);
    let (mut samples, mut conformed) = (Vec::new(), Vec::new());
    let mut decoded = false;
    for run in &survey.runs {
        let mut decoder = SymphoniaDecoder::of_packets(codec_of(run.header), run.header.spec, &[])
            .ok_or_else(AnalysisError::nothing)?;
        let mut conform = Conform::new(run.header.spec, spec);
        let wanted = run.header.samples() as usize * usize::from(run.header.spec.channels);
        let mut frames = 0;
        while frames < run.frames {
            guard.renew();
            if guard.is_cancelled() {
                return Err(AnalysisError::Cancelled);
            }
            let frame = scanner.next_frame().map_err(|_| AnalysisError::of(guard))?;
            let Some(frame) = frame else { break };
            let bytes = scanner.take(&frame);
            if Info::parse(frame.header, bytes).is_some() {
                continue;
            }
            frames += 1;
            samples.clear();
            match decoder.decode(bytes, &mut samples) {
                Ok(()) => decoded = true,
                // What the first frames need may stand before a cut.
                Err(_) if frames <= FRAMES_TO_SETTLE => samples.clear(),
                Err(_) => {
                    samples.clear();
                    sink.count_damaged(run.header.samples().into());
                }
            }
            samples.resize(wanted, 0);
            conformed.clear();
            conform.push(&samples, &mut conformed);
            if frames == run.frames {
                break;
            }
            sink.take(&conformed)?;
            conformed.clear();
        }
        conform.finish(run.samples(), &mut conformed);
        sink.take(&conformed)?;
    }
    if decoded { Ok(()) } else { Err(AnalysisError::nothing()) }
}

fn codec_of(header: Header) -> AudioCodecId {
    match header.layer {
        1 => codec::CODEC_ID_MP1,
        2 => codec::CODEC_ID_MP2,
        _ => codec::CODEC_ID_MP3,
    }
}
