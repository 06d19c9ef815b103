//! A new MPEG-4 file: brand, index and sound, in this order, with one sound track and full tables.
//! Pure: the sound is parts of the source.

use super::{
    boxes::{atom, full},
    entry::Entry,
    track::Sample,
};
use crate::rewrite::Rewrite;

/// Samples in a chunk.
const CHUNK: usize = 64;
const UNITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// What a new file is made from.
pub(super) struct Movie<'a> {
    pub(super) entry: &'a Entry,
    pub(super) timescale: u32,
    pub(super) samples: &'a [Sample],
    /// Where playing begins and how long it goes on, in the timescale.
    pub(super) edit: Option<(u64, u64)>,
}

impl Movie<'_> {
    /// The plan of the file; nothing where it can't be one that browsers play.
    pub(super) fn plan(&self) -> Option<Rewrite> {
        let mut sound = Rewrite::default();
        for sample in self.samples {
            if !sound.source(sample.offset..sample.offset + u64::from(sample.size)) {
                return None;
            }
        }
        let ftyp = atom(*b"ftyp", &[b"M4A \0\0\x02\0M4A mp42isom"]);
        let mdat = u32::try_from(sound.len() + 8).ok()?;
        // The index says where the sound is, and how long it is itself does not depend on that.
        let moov = self.moov(0)?;
        let offset = u32::try_from(ftyp.len() + moov.len() + 8).ok()?;
        offset.checked_add(mdat)?;
        let mut head = ftyp;
        head.extend(self.moov(offset)?);
        head.extend(mdat.to_be_bytes());
        head.extend(b"mdat");
        let mut plan = Rewrite::default();
        plan.bytes(head);
        plan.append(sound);
        Some(plan)
    }

    fn moov(&self, offset: u32) -> Option<Vec<u8>> {
        let media: u64 = self.samples.iter().map(|sample| u64::from(sample.duration)).sum();
        let shown = self.edit.map_or(media, |(_, duration)| duration);
        let matrix = UNITY.map(u32::to_be_bytes).concat();
        let (long, times) = (media.max(shown) > u64::from(u32::MAX), [0_u8; 16]);
        let version = u8::from(long);
        let times = if long { &times[..] } else { &times[..8] };
        let length = |units: u64| {
            if long {
                units.to_be_bytes().to_vec()
            } else {
                u32::try_from(units).unwrap_or(u32::MAX).to_be_bytes().to_vec()
            }
        };
        let scale = self.timescale.to_be_bytes();
        let mvhd = full(
            *b"mvhd",
            version,
            0,
            &[
                times,
                &scale,
                &length(shown),
                &[0, 1, 0, 0, 1, 0],
                &[0; 10],
                &matrix,
                &[0; 24],
                &2_u32.to_be_bytes(),
            ],
        );
        let tkhd = full(
            *b"tkhd",
            version,
            3,
            &[
                times,
                &1_u32.to_be_bytes(),
                &[0; 4],
                &length(shown),
                &[0; 12],
                &[1, 0, 0, 0],
                &matrix,
                &[0; 8],
            ],
        );
        let edts = self.edit.map_or(Vec::new(), |(start, duration)| {
            let elst = full(
                *b"elst",
                version,
                0,
                &[&1_u32.to_be_bytes(), &length(duration), &length(start), &[0, 1, 0, 0]],
            );
            atom(*b"edts", &[&elst])
        });
        let mdhd =
            full(*b"mdhd", version, 0, &[times, &scale, &length(media), &[0x55, 0xc4, 0, 0]]);
        let hdlr = full(*b"hdlr", 0, 0, &[&[0; 4], b"soun", &[0; 12], b"sound\0"]);
        let dref = full(*b"dref", 0, 0, &[&1_u32.to_be_bytes(), &full(*b"url ", 0, 1, &[])]);
        let minf = atom(
            *b"minf",
            &[&full(*b"smhd", 0, 0, &[&[0; 4]]), &atom(*b"dinf", &[&dref]), &self.stbl(offset)?],
        );
        let mdia = atom(*b"mdia", &[&mdhd, &hdlr, &minf]);
        let trak = atom(*b"trak", &[&tkhd, &edts, &mdia]);
        Some(atom(*b"moov", &[&mvhd, &trak]))
    }

    fn stbl(&self, offset: u32) -> Option<Vec<u8>> {
        let count = u32::try_from(self.samples.len()).ok()?;
        let stsd = full(*b"stsd", 0, 0, &[&1_u32.to_be_bytes(), &self.entry.to_iso()?]);
        let mut spans: Vec<(u32, u32)> = Vec::new();
        for sample in self.samples {
            match spans.last_mut() {
                Some((count, duration)) if *duration == sample.duration => *count += 1,
                _ => spans.push((1, sample.duration)),
            }
        }
        let stts = table(
            *b"stts",
            &[u32::try_from(spans.len()).ok()?],
            spans.iter().flat_map(|(n, d)| [*n, *d]),
        );
        let stsz = table(*b"stsz", &[0, count], self.samples.iter().map(|sample| sample.size));
        let chunk = u32::try_from(CHUNK).ok()?;
        let (full_chunks, rest) = (count / chunk, count % chunk);
        let mut runs = Vec::new();
        if full_chunks > 0 {
            runs.push([1, chunk, 1]);
        }
        if rest > 0 {
            runs.push([full_chunks + 1, rest, 1]);
        }
        let stsc = table(*b"stsc", &[u32::try_from(runs.len()).ok()?], runs.into_iter().flatten());
        let mut at = offset;
        let offsets: Vec<u32> = self
            .samples
            .chunks(CHUNK)
            .map(|chunk| {
                let here = at;
                at = chunk.iter().fold(at, |at, sample| at.wrapping_add(sample.size));
                here
            })
            .collect();
        let stco = table(*b"stco", &[u32::try_from(offsets.len()).ok()?], offsets.into_iter());
        Some(atom(*b"stbl", &[&stsd, &stts, &stsc, &stsz, &stco]))
    }
}

fn table(name: [u8; 4], head: &[u32], rows: impl Iterator<Item = u32>) -> Vec<u8> {
    let body: Vec<u8> = head.iter().copied().chain(rows).flat_map(u32::to_be_bytes).collect();
    full(name, 0, 0, &[&body])
}
