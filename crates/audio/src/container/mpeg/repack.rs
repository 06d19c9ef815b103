//! Makes a stream of layer III with a varying bitrate one with a constant bitrate, without decoding it:
//! each frame gets its own main data (ISO/IEC 11172-3, 2.4.2.7; RFC 5219, section 4) and zeros behind
//! it. Browsers then find every position exactly; with a varying bitrate they have a table of 100
//! entries, each a 256th of the file. Pure.

use super::header::Header;
use crate::bytes::be16;

/// How far back main data may begin, in bytes.
const MOST_BACK: usize = 511;

/// Collects the main data of each frame.
#[derive(Default)]
pub(super) struct Repacker {
    /// Main data of the frames before.
    reservoir: Vec<u8>,
}

/// A frame's side information and its own main data.
pub(super) struct Contained {
    side: Vec<u8>,
    main: Vec<u8>,
}

impl Contained {
    /// Bytes that it takes in a frame.
    pub(super) fn len(&self) -> usize {
        Header::LEN + self.side.len() + self.main.len()
    }

    /// The frame, as long as its header says. The header has no checksum.
    pub(super) fn frame(&self, header: [u8; 4], length: usize) -> Vec<u8> {
        let mut frame = header.to_vec();
        frame.extend(&self.side);
        frame.extend(&self.main);
        frame.resize(length, 0);
        frame
    }
}

impl Repacker {
    /// Takes the next frame. One whose data is lost becomes silence.
    pub(super) fn add(&mut self, header: Header, frame: &[u8]) -> Contained {
        let from = Header::LEN + header.crc();
        let mut side = frame.get(from..from + header.side_info()).unwrap_or_default().to_vec();
        side.resize(header.side_info(), 0);
        let area = frame.get(from + header.side_info()..).unwrap_or_default();
        let (back, bits) = sizes(header, &side);
        let start = self.reservoir.len().checked_sub(back);
        self.reservoir.extend_from_slice(area);
        let main = start.and_then(|start| self.reservoir.get(start..start + bits.div_ceil(8)));
        if main.is_none() {
            side.fill(0);
        }
        let main = main.unwrap_or_default().to_vec();
        let done = self.reservoir.len().saturating_sub(MOST_BACK);
        self.reservoir.drain(..done);
        // The main data begins in this frame.
        side[0] = 0;
        if header.is_version_1 {
            side[1] &= 0x7f;
        }
        Contained { side, main }
    }
}

/// How far back a frame's main data begins, in bytes, and how long it is, in bits.
fn sizes(header: Header, side: &[u8]) -> (usize, usize) {
    let channels = usize::from(header.spec.channels);
    let first = be16(side, 0).unwrap_or_default();
    let (back, start, granules, each) = match (header.is_version_1, channels) {
        (true, 1) => (first >> 7, 18, 2, 59),
        (true, _) => (first >> 7, 20, 4, 59),
        (false, 1) => (first >> 8, 9, 1, 63),
        (false, _) => (first >> 8, 10, 2, 63),
    };
    let bits = (0..granules).map(|granule| bits12(side, start + granule * each)).sum();
    (usize::from(back), bits)
}

/// Twelve bits at this bit.
fn bits12(bytes: &[u8], at: usize) -> usize {
    let three = [0, 1, 2].map(|more| usize::from(*bytes.get(at / 8 + more).unwrap_or(&0)));
    let all = three[0] << 16 | three[1] << 8 | three[2];
    all >> (12 - at % 8) & 0xfff
}

/// Frames of one bitrate, whose lengths differ by one byte where the rates do not divide.
pub(super) struct Constant {
    header: [u8; 4],
    /// Bytes of a frame, in parts of the sample rate.
    length: u64,
    sample_rate: u64,
    frames: u64,
}

impl Constant {
    /// The lowest bitrate whose frames hold `needed` bytes, for a stream with headers like this one.
    pub(super) fn new(like: [u8; 4], needed: usize) -> Option<Self> {
        let [sync, kind, coding, mode] = like;
        (1..15).map(|bitrate| [sync, kind | 1, bitrate << 4 | coding & 0x0d, mode]).find_map(
            |header| {
                let parsed = Header::parse(&header)?;
                (parsed.length() >= needed).then_some(Self {
                    header,
                    length: u64::from(parsed.samples() / 8) * u64::from(parsed.bitrate),
                    sample_rate: parsed.spec.sample_rate.into(),
                    frames: 0,
                })
            },
        )
    }

    /// The header of the next frame, whose mode is this, and its length.
    pub(super) fn next(&mut self, mode: u8) -> ([u8; 4], usize) {
        let end = |frames: u64| frames * self.length / self.sample_rate;
        let length = end(self.frames + 1) - end(self.frames);
        let is_padded = length > self.length / self.sample_rate;
        self.frames += 1;
        let [sync, kind, coding, _] = self.header;
        let header = [sync, kind, coding | u8::from(is_padded) << 1, mode];
        (header, usize::try_from(length).unwrap_or(0))
    }

    /// The header without padding.
    pub(super) fn header(&self) -> [u8; 4] {
        self.header
    }

    /// How long so many frames are.
    pub(super) fn bytes(&self, frames: u64) -> u64 {
        frames * self.length / self.sample_rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_one_bitrate_are_padded_to_its_mean() {
        let mut constant = Constant::new(*b"\xff\xfb\x10\x64", 400).unwrap();
        assert_eq!(Header::parse(&constant.header()).unwrap().bitrate, 128_000);
        let mut bytes = 0;
        for _ in 0..100 {
            let (header, length) = constant.next(0x64);
            assert_eq!(Header::parse(&header).unwrap().length(), length);
            bytes += length as u64;
        }
        assert_eq!(bytes, constant.bytes(100));
        assert_eq!(bytes, 100 * 144 * 128_000 / 44_100);
    }

    #[test]
    fn main_data_that_began_earlier_is_put_into_its_frame() {
        let header = Header::parse(b"\xff\xe3\x18\xc0").unwrap(); // 8 kHz, mono
        let frame = |back: u8, bits: u16, area: &[u8]| {
            let mut side = vec![back, 0, 0, 0, 0, 0, 0, 0, 0];
            side[1] = (bits >> 5).to_be_bytes()[1];
            side[2] = (bits << 3).to_be_bytes()[1];
            [&b"\xff\xe3\x18\xc0"[..], &side, area].concat()
        };
        let mut repacker = Repacker::default();
        assert_eq!(repacker.add(header, &frame(0, 16, b"ab..cd")).main, b"ab");
        let second = repacker.add(header, &frame(2, 32, b"efgh"));
        assert_eq!((&second.main[..], second.side[0]), (&b"cdef"[..], 0));
        assert_eq!(repacker.add(header, &frame(200, 32, b"")).main, b"", "it is lost");
    }
}
