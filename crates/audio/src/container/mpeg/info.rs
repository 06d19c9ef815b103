//! The head of an MP3 stream in its first frame: Xing or Info with LAME's addition, and VBRI (Gabriel
//! Bouvigne, "MP3 Info Tag revision 1"). Pure.

use super::header::Header;
use crate::{
    bytes::{be16, be32},
    pipeline::Trim,
};

/// Samples that a decoder of layer III is late.
const DECODER_DELAY: u32 = 529;
/// Entries in a table of contents.
pub(super) const ENTRIES: usize = 100;
const HAS_FRAMES: u32 = 1;
const HAS_BYTES: u32 = 2;
const HAS_TABLE: u32 = 4;
const HAS_QUALITY: u32 = 8;

/// What the head says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) frames: Option<u32>,
    pub(super) bytes: Option<u32>,
    /// Byte offsets in 256ths of the stream, for each hundredth of its time.
    pub(super) table: Option<[u8; ENTRIES]>,
    /// Samples that the encoder added before and behind.
    pub(super) padding: Option<(u32, u32)>,
    /// Whether every browser understands the padding: Firefox looks for this encoder's name.
    pub(super) is_lame: bool,
}

impl Info {
    /// Reads the head, if this frame holds one.
    pub(super) fn parse(header: Header, frame: &[u8]) -> Option<Self> {
        if header.layer != 3 {
            return None;
        }
        if frame.get(36..40) == Some(b"VBRI") {
            return Some(Self {
                frames: be32(frame, 50),
                bytes: be32(frame, 46),
                ..Self::default()
            });
        }
        let mut at = Header::LEN + header.crc() + header.side_info();
        let mut name = frame.get(at..at + 4);
        if !matches!(name, Some(b"Xing" | b"Info")) {
            // Some writers do not count the checksum.
            at -= header.crc();
            name = frame.get(at..at + 4);
        }
        if !matches!(name, Some(b"Xing" | b"Info")) {
            return None;
        }
        let flags = be32(frame, at + 4)?;
        at += 8;
        let mut info = Self::default();
        if flags & HAS_FRAMES != 0 {
            info.frames = be32(frame, at);
            at += 4;
        }
        if flags & HAS_BYTES != 0 {
            info.bytes = be32(frame, at);
            at += 4;
        }
        if flags & HAS_TABLE != 0 {
            info.table = frame.get(at..at + ENTRIES).and_then(|table| table.try_into().ok());
            at += ENTRIES;
        }
        if flags & HAS_QUALITY != 0 {
            at += 4;
        }
        let encoder = frame.get(at..at + 4).unwrap_or_default();
        if matches!(encoder, b"LAME" | b"Lavf" | b"Lavc")
            && let (Some(high), Some(low)) = (be16(frame, at + 21), frame.get(at + 23))
        {
            let both = u32::from(high) << 8 | u32::from(*low);
            info.padding = Some((both >> 12, both & 0xfff));
            info.is_lame = encoder == b"LAME";
        }
        Some(info)
    }

    /// Which of so many samples are the recording.
    pub(super) fn trim(&self, samples: u64) -> Trim {
        let Some((before, behind)) = self.padding else {
            return Trim { skip: 0, keep: samples };
        };
        let start = u64::from(before + DECODER_DELAY).min(samples);
        let kept = samples.saturating_sub(u64::from(before) + u64::from(behind));
        Trim { skip: start, keep: kept.min(samples - start) }
    }

    /// Padding for a stream before which a silent frame is put: all browsers then play as many samples
    /// as there are without it. Firefox leaves out its decoder's delay wherever there is a head.
    pub(super) fn padding_of_silent_frame(header: Header) -> (u32, u32) {
        (header.samples().saturating_sub(DECODER_DELAY), DECODER_DELAY)
    }

    /// A frame that holds this head, for a stream whose first frame has the header `like`, in these
    /// bytes.
    pub(super) fn frame(&self, like: [u8; 4], is_constant: bool) -> Option<Vec<u8>> {
        let [sync, kind, coding, mode] = like;
        let table = if self.table.is_some() { ENTRIES } else { 0 };
        let needed = |header: Header| Header::LEN + header.side_info() + 8 + 8 + table + 4 + 36;
        // Without a checksum and padding, at the lowest bitrate that has room.
        let (bytes, header) = (1..15)
            .map(|bitrate| [sync, kind | 1, bitrate << 4 | coding & 0x0d, mode])
            .find_map(|bytes| {
                let header = Header::parse(&bytes)?;
                (header.length() >= needed(header)).then_some((bytes, header))
            })?;
        let mut frame = bytes.to_vec();
        frame.resize(Header::LEN + header.side_info(), 0);
        frame.extend(if is_constant { b"Info" } else { b"Xing" });
        let has_table = if self.table.is_some() { HAS_TABLE } else { 0 };
        frame.extend((HAS_FRAMES | HAS_BYTES | has_table | HAS_QUALITY).to_be_bytes());
        frame.extend(self.frames?.to_be_bytes());
        // The head's own frame is counted among the bytes.
        let bytes = self.bytes?.checked_add(u32::try_from(header.length()).ok()?)?;
        frame.extend(bytes.to_be_bytes());
        frame.extend(self.table.iter().flatten());
        frame.extend([0; 4]);
        if let Some((before, behind)) = self.padding {
            frame.extend(b"LAME3.100");
            frame.extend([0; 12]);
            let both = before << 12 | behind;
            frame.extend(&both.to_be_bytes()[1..]);
        }
        frame.resize(header.length(), 0);
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_head_reads_the_same() {
        let mut table = [0; ENTRIES];
        table[99] = 250;
        let info = Info {
            frames: Some(420),
            bytes: Some(40_000),
            table: Some(table),
            padding: Some((576, 1_000)),
            is_lame: true,
        };
        for like in [*b"\xff\xfb\x90\x64", *b"\xff\xe3\x28\xc0", *b"\xff\xf2\x48\xc0"] {
            let frame = info.frame(like, false).unwrap();
            let header = Header::parse(&frame).unwrap();
            assert_eq!(frame.len(), header.length());
            let bytes = Some(40_000 + u32::try_from(frame.len()).unwrap());
            assert_eq!(Info::parse(header, &frame), Some(Info { bytes, ..info.clone() }));
        }
    }

    #[test]
    fn padding_is_left_out() {
        let info = |padding| Info { padding, ..Info::default() };
        assert_eq!(info(None).trim(1_000), Trim { skip: 0, keep: 1_000 });
        assert_eq!(info(Some((576, 1_000))).trim(10_000), Trim { skip: 1_105, keep: 8_424 });
        assert_eq!(
            info(Some((576, 0))).trim(10_000),
            Trim { skip: 1_105, keep: 8_895 },
            "the decoder is late"
        );
        assert_eq!(info(Some((4_095, 4_095))).trim(100), Trim { skip: 100, keep: 0 });
    }
}
