//! The header of RIFF/WAVE (Microsoft, "Multiple Channel Audio Data and WAVE Files") and RF64
//! (EBU Tech 3306). Pure.

use super::{
    bytes::{array, le16, le32},
    facts::Facts,
    mpeg::seconds,
};

/// Format tags whose bytes are samples: PCM, float, A-law, μ-law, and the extensible one, of which
/// only such are in use.
const SAMPLES: [u16; 5] = [1, 3, 6, 7, 0xfffe];

/// The parts of a `fmt ` chunk that say how fast its bytes play.
struct Format {
    channels: u16,
    /// Of samples; `None` where something compresses them.
    bytes_per_second: Option<u64>,
}

impl Format {
    fn parse(chunk: &[u8]) -> Option<Self> {
        let (tag, channels) = (le16(chunk, 0)?, le16(chunk, 2)?);
        let (rate, block) = (le32(chunk, 4)?, le16(chunk, 12)?);
        let per_second = u64::from(rate) * u64::from(block);
        Some(Self { channels, bytes_per_second: SAMPLES.contains(&tag).then_some(per_second) })
    }
}

/// What a WAV file of `len` bytes says of itself. Whoever streams one writes no true length, so
/// the data is taken to go no further than the file.
pub(super) fn facts(head: &[u8], len: u64) -> Facts {
    let mut format = None;
    let mut at = 12;
    while let (Some(name), Some(size)) = (array::<4>(head, at), le32(head, at + 4)) {
        let content = at + 8;
        match &name {
            b"fmt " => format = Format::parse(&head[content..]),
            b"data" => {
                let left = len.saturating_sub(content as u64);
                let is_open = size == 0 || size == u32::MAX;
                let data = if is_open { left } else { left.min(size.into()) };
                return known(format, Some(data));
            }
            _ => {}
        }
        // Chunks begin at even places.
        let Some(next) = content.checked_add(size as usize + (size & 1) as usize) else { break };
        at = next;
    }
    known(format, None)
}

fn known(format: Option<Format>, data: Option<u64>) -> Facts {
    let Some(format) = format else { return Facts::default() };
    let duration = data.zip(format.bytes_per_second);
    Facts {
        duration_seconds: duration.and_then(|(data, per_second)| seconds(data, per_second)),
        channels: Some(format.channels).filter(|channels| *channels > 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header for `channels` of 16-bit PCM at 8 kHz.
    fn header(tag: u16, channels: u16, before_data: &[u8], data: u32) -> Vec<u8> {
        let mut head = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        head.extend(tag.to_le_bytes());
        head.extend(channels.to_le_bytes());
        head.extend(8_000_u32.to_le_bytes());
        head.extend((16_000 * u32::from(channels)).to_le_bytes());
        head.extend((2 * channels).to_le_bytes());
        head.extend(b"\x10\0");
        head.extend(before_data);
        head.extend(b"data");
        head.extend(data.to_le_bytes());
        head
    }

    #[test]
    fn the_length_of_the_data_gives_the_duration() {
        let head = header(1, 1, b"", 80_000);
        assert_eq!(facts(&head, 80_044), Facts { duration_seconds: Some(5.0), channels: Some(1) });
        let stereo = facts(&header(1, 2, b"LIST\x03\0\0\0abc\0", 80_000), 80_056);
        assert_eq!(stereo, Facts { duration_seconds: Some(2.5), channels: Some(2) });
    }

    #[test]
    fn data_goes_no_further_than_the_file() {
        for claimed in [0, 160_000, u32::MAX, u32::MAX - 1] {
            let known = facts(&header(1, 1, b"", claimed), 16_044);
            assert_eq!(known.duration_seconds, Some(1.0), "{claimed}");
        }
    }

    #[test]
    fn compressed_samples_and_missing_chunks_give_no_duration() {
        let gsm = facts(&header(0x31, 1, b"", 80_000), 80_044);
        assert_eq!(gsm, Facts { duration_seconds: None, channels: Some(1) });
        let far = header(1, 1, b"junk\xff\xff\xff\xff", 80_000);
        assert_eq!(facts(&far, 80_044).duration_seconds, None);
        assert_eq!(facts(b"RIFF\0\0\0\0WAVE", 12), Facts::default());
    }
}
