//! Headers of MPEG audio frames (ISO/IEC 11172-3, 2.4.1.3, and 13818-3). Pure.

use crate::{bytes::array, codec::SignalSpec};

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
pub(crate) struct Header {
    pub(super) is_version_1: bool,
    pub(super) layer: u8,
    /// bit/s
    pub(super) bitrate: u32,
    pub(super) spec: SignalSpec,
    padding: u32,
    has_crc: bool,
}

impl Header {
    /// Bytes of a header.
    pub(super) const LEN: usize = 4;

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
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
            spec: SignalSpec {
                sample_rate: [44_100, 48_000, 32_000].get(rate)?
                    >> [2, 0, 1, 0][usize::from(version)],
                channels: if mode >> 6 == 3 { 1 } else { 2 },
            },
            padding: u32::from(coding >> 1 & 1),
            has_crc: kind & 1 == 0,
        })
    }

    /// Frames of sound, which other codecs' documents call samples a channel.
    pub(super) fn samples(self) -> u32 {
        match (self.layer, self.is_version_1) {
            (1, _) => 384,
            (3, false) => 576,
            _ => 1_152,
        }
    }

    /// In bytes, the header among them.
    pub(super) fn length(self) -> usize {
        let slot = if self.layer == 1 { 4 } else { 1 };
        let slots = self.samples() / 8 / slot * self.bitrate / self.spec.sample_rate + self.padding;
        (slots * slot) as usize
    }

    /// Whether this frame can follow the other one in one stream.
    pub(super) fn continues(self, other: Self) -> bool {
        (self.is_version_1, self.layer, self.spec) == (other.is_version_1, other.layer, other.spec)
    }

    /// Bytes between the header and the main data of layer III, where a Xing head stands.
    pub(super) fn side_info(self) -> usize {
        match (self.is_version_1, self.spec.channels) {
            (true, 1) | (false, 2) => 17,
            (true, _) => 32,
            (false, _) => 9,
        }
    }

    /// Bytes of the checksum behind the header.
    pub(super) fn crc(self) -> usize {
        if self.has_crc { 2 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MPEG-1 layer III, 44.1 kHz, joint stereo, at 128 kbit/s: 417 bytes.
    const CONSTANT: [u8; 4] = *b"\xff\xfb\x90\x64";
    #[test]
    fn a_header_gives_the_length_of_its_frame() {
        for (header, length) in [
            (CONSTANT, 417),
            (*b"\xff\xfb\x92\x64", 418),
            (*b"\xff\xf3\x40\xc4", 104), // MPEG-2, 22.05 kHz, 32 kbit/s, mono
            (*b"\xff\xe3\x40\xc4", 208), // MPEG-2.5, 11.025 kHz
            (*b"\xff\xff\x14\x00", 32),  // layer I, 48 kHz, 32 kbit/s
            (*b"\xff\xfd\x84\x00", 384), // layer II, 48 kHz, 128 kbit/s
        ] {
            assert_eq!(Header::parse(&header).unwrap().length(), length, "{header:x?}");
        }
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
            assert_eq!(Header::parse(&header), None, "{header:x?}");
        }
    }
}
