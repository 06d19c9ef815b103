//! The sound track of an MPEG-4 file: its sample table (ISO/IEC 14496-12, 8.6 and 8.7), and the
//! samples of movie fragments (8.8). Pure; no more samples than [`MOST_SAMPLES`], whatever is
//! claimed.

use super::{
    PLAIN_AT_ONCE,
    boxes::{atoms, find, find_in},
    entry::{Codec, Entry},
};
use crate::bytes::{be16, be32, be64};

/// Samples that are kept: 32 MB. At 48 kHz, AAC has them in 12 hours.
pub(super) const MOST_SAMPLES: usize = 2 << 20;

/// One packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) offset: u64,
    pub(super) size: u32,
    /// In the track's timescale.
    pub(super) duration: u32,
}

/// The first sound track.
pub(super) struct Track {
    id: u32,
    pub(super) entry: Entry,
    pub(super) timescale: u32,
    pub(super) samples: Vec<Sample>,
    /// Where playing begins and how long it goes on, in the timescale.
    pub(super) edit: Option<(u64, u64)>,
    /// Defaults for fragments: duration and size.
    defaults: (u32, u32),
    pub(super) is_fragmented: bool,
    /// How long the head says it is, in the timescale.
    pub(super) stated: u64,
    /// There are more samples than are kept.
    pub(super) is_too_long: bool,
}

impl Track {
    /// Reads the body of a `moov` box.
    pub(super) fn read(moov: &[u8]) -> Option<Self> {
        let mut sound = None;
        for trak in atoms(moov).filter(|atom| atom.name == *b"trak") {
            let kind = find_in(trak.body, &[b"mdia", b"hdlr"]).and_then(|hdlr| hdlr.get(8..12));
            if kind == Some(b"soun") && sound.is_none() {
                sound = Some(trak.body);
            }
        }
        let trak = sound?;
        let tkhd = find(trak, *b"tkhd")?;
        let id = be32(tkhd, if tkhd.first() == Some(&1) { 20 } else { 12 })?;
        let mdhd = find_in(trak, &[b"mdia", b"mdhd"])?;
        let timescale = be32(mdhd, if mdhd.first() == Some(&1) { 20 } else { 12 })?.max(1);
        let mvhd = find(moov, *b"mvhd")?;
        let movie_scale = be32(mvhd, if mvhd.first() == Some(&1) { 20 } else { 12 })?.max(1);
        let stbl = find_in(trak, &[b"mdia", b"minf", b"stbl"])?;
        let entry = Entry::read(find(stbl, *b"stsd")?)?;
        let mut track = Self {
            id,
            entry,
            timescale,
            samples: Vec::new(),
            edit: find_in(trak, &[b"edts", b"elst"])
                .and_then(|elst| edit(elst, movie_scale, timescale)),
            defaults: (0, 0),
            is_fragmented: false,
            stated: match mdhd.first() {
                Some(1) => be64(mdhd, 24).unwrap_or(0),
                _ => be32(mdhd, 16).map_or(0, u64::from),
            },
            is_too_long: false,
        };
        if let Some(mvex) = find(moov, *b"mvex") {
            track.is_fragmented = true;
            for trex in atoms(mvex).filter(|atom| atom.name == *b"trex") {
                if be32(trex.body, 4) == Some(id) {
                    track.defaults =
                        (be32(trex.body, 12).unwrap_or(0), be32(trex.body, 16).unwrap_or(0));
                }
            }
        }
        track.read_table(stbl);
        Some(track)
    }

    /// Frames of sound in so many units of the timescale.
    pub(super) fn frames(&self, units: u64) -> u64 {
        let frames = u128::from(units) * u128::from(self.entry.spec.sample_rate)
            / u128::from(self.timescale);
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// How long all samples play, in the timescale.
    pub(super) fn media(&self) -> u64 {
        self.samples.iter().map(|sample| u64::from(sample.duration)).sum()
    }

    fn push(&mut self, sample: Sample) -> bool {
        if self.samples.len() == MOST_SAMPLES {
            self.is_too_long = true;
            return false;
        }
        self.samples.push(sample);
        true
    }

    fn read_table(&mut self, stbl: &[u8]) {
        let part = |name| find(stbl, name).unwrap_or_default();
        let (stsz, stsc, stts) = (part(*b"stsz"), part(*b"stsc"), part(*b"stts"));
        let (stco, co64, stz2) = (part(*b"stco"), part(*b"co64"), part(*b"stz2"));
        let chunks = rows(stco, 4).max(rows(co64, 8));
        let offset = |chunk: usize| {
            if co64.is_empty() {
                be32(stco, 8 + 4 * chunk).map(u64::from)
            } else {
                be64(co64, 8 + 8 * chunk)
            }
        };
        let constant = be32(stsz, 4).unwrap_or(0);
        let count = be32(if stz2.is_empty() { stsz } else { stz2 }, 8).unwrap_or(0) as usize;
        let size = |index: usize| match (stz2.is_empty(), constant) {
            (false, _) => match stz2.get(7) {
                Some(16) => be16(stz2, 12 + 2 * index).map(u32::from),
                _ => stz2.get(12 + index).map(|size| u32::from(*size)),
            },
            (true, 0) => be32(stsz, 12 + 4 * index),
            (true, size) => Some(size),
        };
        // QuickTime's sizes of plain samples are not theirs: a chunk is cut into packets of our own.
        let plain = match self.entry.codec {
            Codec::Plain(_, bytes) => Some(u32::from(bytes) * u32::from(self.entry.spec.channels)),
            _ => None,
        };
        let mut spans = Spans::new(stts);
        let (mut run, mut index) = (0, 0);
        for chunk in 0..chunks {
            while be32(stsc, 8 + 12 * (run + 1)).is_some_and(|first| first as usize <= chunk + 1)
                && run + 1 < rows(stsc, 12)
            {
                run += 1;
            }
            let Some(in_chunk) = be32(stsc, 8 + 12 * run + 4) else { return };
            let Some(mut at) = offset(chunk) else { return };
            if let Some(frame) = plain {
                let mut left = count.saturating_sub(index).min(in_chunk as usize);
                index += left;
                while left > 0 {
                    let frames = left.min(PLAIN_AT_ONCE);
                    left -= frames;
                    let Ok(duration) = u32::try_from(frames) else { return };
                    let size = duration.saturating_mul(frame);
                    if !self.push(Sample { offset: at, size, duration }) {
                        return;
                    }
                    at = at.saturating_add(size.into());
                }
                continue;
            }
            for _ in 0..in_chunk {
                let Some(size) = size(index).filter(|_| index < count) else { return };
                if !self.push(Sample { offset: at, size, duration: spans.next() }) {
                    return;
                }
                at = at.saturating_add(size.into());
                index += 1;
            }
        }
    }

    /// Adds the samples of a movie fragment, the `moof` box whose head is at `start`.
    pub(super) fn add_fragment(&mut self, moof: &[u8], start: u64) {
        for traf in atoms(moof).filter(|atom| atom.name == *b"traf") {
            let Some(tfhd) = find(traf.body, *b"tfhd") else { continue };
            if be32(tfhd, 4) != Some(self.id) {
                continue;
            }
            let mut fields = Fields { bytes: tfhd, at: 8 };
            let flags = be32(tfhd, 0).unwrap_or(0);
            let base = fields.wide(flags & 1 != 0).unwrap_or(start);
            fields.word(flags & 2 != 0);
            let duration = fields.word(flags & 8 != 0).unwrap_or(self.defaults.0);
            let size = fields.word(flags & 0x10 != 0).unwrap_or(self.defaults.1);
            let mut at = base;
            for trun in atoms(traf.body).filter(|atom| atom.name == *b"trun") {
                at = self.add_run(trun.body, base, at, duration, size);
            }
        }
    }

    fn add_run(&mut self, trun: &[u8], base: u64, at: u64, duration: u32, size: u32) -> u64 {
        let flags = be32(trun, 0).unwrap_or(0);
        let count = be32(trun, 4).unwrap_or(0);
        let mut fields = Fields { bytes: trun, at: 8 };
        let offset = fields.word(flags & 1 != 0).map(u32::cast_signed);
        let mut at = offset.map_or(at, |offset| base.saturating_add_signed(offset.into()));
        fields.word(flags & 4 != 0);
        let is_listed = flags & 0xf00 != 0;
        for _ in 0..count {
            if is_listed && fields.at >= trun.len() {
                break;
            }
            let duration = fields.word(flags & 0x100 != 0).unwrap_or(duration);
            let size = fields.word(flags & 0x200 != 0).unwrap_or(size);
            fields.word(flags & 0x400 != 0);
            fields.word(flags & 0x800 != 0);
            // A run that lists nothing could claim billions of nothing.
            if size == 0 || !self.push(Sample { offset: at, size, duration }) {
                break;
            }
            at = at.saturating_add(size.into());
        }
        at
    }
}

/// How many rows of so many bytes a table has, and says to have.
fn rows(table: &[u8], bytes: usize) -> usize {
    let claimed = be32(table, 4).unwrap_or(0) as usize;
    claimed.min(table.len().saturating_sub(8) / bytes)
}

/// A list of edits that says where playing begins: one edit, or an empty one before it.
fn edit(elst: &[u8], movie_scale: u32, timescale: u32) -> Option<(u64, u64)> {
    let is_wide = elst.first() == Some(&1);
    let row = if is_wide { 20 } else { 12 };
    let count = rows(elst, row);
    let read = |index: usize| {
        let at = 8 + row * index;
        if is_wide {
            Some((be64(elst, at)?, be64(elst, at + 8)?.cast_signed()))
        } else {
            Some((be32(elst, at)?.into(), be32(elst, at + 4)?.cast_signed().into()))
        }
    };
    let shown: Vec<(u64, i64)> =
        (0..count.min(3)).filter_map(read).filter(|(_, start)| *start >= 0).collect();
    let [(duration, start)] = shown[..] else { return None };
    let units = u128::from(duration) * u128::from(timescale) / u128::from(movie_scale);
    let start = u64::try_from(start).ok()?;
    // A duration of 0 means the rest (fragmented files).
    let duration = u64::try_from(units).ok().filter(|units| *units > 0).unwrap_or(u64::MAX);
    Some((start, duration))
}

/// Runs of durations.
struct Spans<'a> {
    stts: &'a [u8],
    row: usize,
    left: u32,
    duration: u32,
}

impl<'a> Spans<'a> {
    fn new(stts: &'a [u8]) -> Self {
        Self { stts, row: 0, left: 0, duration: 0 }
    }

    fn next(&mut self) -> u32 {
        while self.left == 0 {
            let at = 8 + 8 * self.row;
            let (Some(count), Some(duration)) = (be32(self.stts, at), be32(self.stts, at + 4))
            else {
                return self.duration;
            };
            (self.left, self.duration) = (count, duration);
            self.row += 1;
        }
        self.left -= 1;
        self.duration
    }
}

/// Optional fields behind each other.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Fields<'_> {
    fn word(&mut self, is_there: bool) -> Option<u32> {
        let word = be32(self.bytes, self.at).filter(|_| is_there);
        self.at += if is_there { 4 } else { 0 };
        word
    }

    fn wide(&mut self, is_there: bool) -> Option<u64> {
        let wide = be64(self.bytes, self.at).filter(|_| is_there);
        self.at += if is_there { 8 } else { 0 };
        wide
    }
}
