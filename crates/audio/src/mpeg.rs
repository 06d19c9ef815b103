//! MPEG audio frames (ISO/IEC 11172-3, 2.4.1.3 and 13818-3), as far as their headers tell. Pure.

use super::bytes::array;

/// kbit/s by bitrate index 1 to 14, for MPEG-1 layers I, II, III and MPEG-2 layers I, II/III.
const BITRATES: [[u32; 14]; 5] = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// What the four bytes at the beginning of a frame say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    is_version_1: bool,
    layer: u8,
    /// bit/s
    bitrate: u32,
    /// Hz
    rate: u32,
    padding: u32,
}

impl Frame {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let [sync, kind, coding, mode] = array(bytes, 0)?;
        let (version, layer) = (kind >> 3 & 0b11, 4 - (kind >> 1 & 0b11));
        let (bitrate, rate) = (usize::from(coding >> 4), usize::from(coding >> 2 & 0b11));
        let is_header = sync == 0xff && kind >> 5 == 0b111;
        // Reserved values, and a free bitrate, which nobody uses and no length follows from.
        if !is_header || version == 1 || layer == 4 || mode & 0b11 == 2 {
            return None;
        }
        let is_version_1 = version == 3;
        let column = match (is_version_1, layer) {
            (true, _) => usize::from(layer) - 1,
            (false, 1) => 3,
            (false, _) => 4,
        };
        Some(Self {
            is_version_1,
            layer,
            bitrate: BITRATES[column].get(bitrate.checked_sub(1)?)? * 1_000,
            rate: [44_100, 48_000, 32_000].get(rate)? >> [2, 0, 1, 0][usize::from(version)],
            padding: u32::from(coding >> 1 & 1),
        })
    }

    fn samples(self) -> u32 {
        match (self.layer, self.is_version_1) {
            (1, _) => 384,
            (3, false) => 576,
            _ => 1_152,
        }
    }

    /// In bytes, the header among them.
    fn length(self) -> usize {
        let slot = if self.layer == 1 { 4 } else { 1 };
        let slots = self.samples() / 8 / slot * self.bitrate / self.rate + self.padding;
        (slots * slot) as usize
    }

    fn continues(self, other: Self) -> bool {
        (self.is_version_1, self.layer, self.rate) == (other.is_version_1, other.layer, other.rate)
    }
}

/// The length of the ID3 tag that begins here (id3.org, "ID3 tag version 2.4.0 - Main Structure", 3.1).
pub(super) fn id3_length(head: &[u8]) -> Option<usize> {
    let [b'I', b'D', b'3', 2..=4, _, flags, sizes @ ..] = array::<10>(head, 0)? else {
        return None;
    };
    if sizes.iter().any(|byte| *byte > 0x7f) {
        return None;
    }
    let size = sizes.iter().fold(0, |size, byte| size << 7 | usize::from(*byte));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    Some(10 + size + footer)
}

/// Whether a frame begins here, and another one where it ends.
pub(super) fn is_stream(head: &[u8]) -> bool {
    let mut frames = frames(head);
    frames.next().is_some() && frames.next().is_some()
}

/// The frames from the beginning on, as far as they follow each other.
fn frames(head: &[u8]) -> impl Iterator<Item = Frame> {
    let first = Frame::parse(head);
    let mut at = 0;
    std::iter::from_fn(move || {
        let frame = Frame::parse(head.get(at..)?)?;
        at += frame.length();
        first?.continues(frame).then_some(frame)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MPEG-1 layer III, 44.1 kHz, joint stereo, at 128 kbit/s: 417 bytes.
    const CONSTANT: [u8; 4] = *b"\xff\xfb\x90\x64";
    /// The same at 64 kbit/s: 208 bytes.
    const HALF: [u8; 4] = *b"\xff\xfb\x50\x64";

    fn frame(header: [u8; 4], content: &[u8]) -> Vec<u8> {
        let mut frame = [&header, content].concat();
        frame.resize(Frame::parse(&header).unwrap().length(), 0);
        frame
    }

    #[test]
    fn a_header_gives_the_length_of_its_frame() {
        for (header, length) in [
            (CONSTANT, 417),
            (HALF, 208),
            (*b"\xff\xfb\x92\x64", 418),
            (*b"\xff\xf3\x40\xc4", 104), // MPEG-2, 22.05 kHz, 32 kbit/s, mono
            (*b"\xff\xe3\x40\xc4", 208), // MPEG-2.5, 11.025 kHz
            (*b"\xff\xff\x14\x00", 32),  // layer I, 48 kHz, 32 kbit/s
            (*b"\xff\xfd\x84\x00", 384), // layer II, 48 kHz, 128 kbit/s
        ] {
            assert_eq!(Frame::parse(&header).unwrap().length(), length, "{header:x?}");
        }
    }

    #[test]
    fn a_stream_is_two_frames_of_one_kind() {
        let two = [frame(CONSTANT, b""), frame(HALF, b"")].concat();
        assert!(is_stream(&two));
        assert!(!is_stream(&two[..417]));
        let other_rate = [frame(CONSTANT, b""), frame(*b"\xff\xfb\x94\x64", b"")].concat();
        assert!(!is_stream(&other_rate));
    }

    #[test]
    fn reserved_values_are_no_header() {
        for header in [
            *b"\xff\xfb\x00\x64",
            *b"\xff\xfb\xf0\x64",
            *b"\xff\xfb\x9c\x64",
            *b"\xff\xeb\x90\x64",
            *b"\xff\xf9\x90\x64",
            *b"\xff\xfb\x90\x66",
            *b"\xfe\xfb\x90\x64",
        ] {
            assert_eq!(Frame::parse(&header), None, "{header:x?}");
        }
    }
}
