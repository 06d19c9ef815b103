//! The head of RIFF/WAVE (Microsoft, "Multiple Channel Audio Data and WAVE Files"), RF64 and BW64
//! (EBU Tech 3306).

use std::io::{Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::well_known as codec;

use super::{Coding, Layout, NoLayout, Shape, take};
use crate::bytes::{array, le16, le32};

/// No honest file has more chunks before its samples.
const MOST_CHUNKS: usize = 1_000;
/// What follows the format tag in the identifier of an extensible format's kind.
const SUBFORMAT: [u8; 14] = *b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";

/// Whoever streams a WAV writes no true lengths, and many a recorder that was cut off never came to
/// write them: the samples go no further than the file, and the length of the whole is not looked at.
pub(super) fn layout(file: &mut (impl Read + Seek), len: u64) -> Result<Layout, NoLayout> {
    file.seek(SeekFrom::Start(0))?;
    let riff: [u8; 12] = take(file)?;
    let is_closed = le32(&riff, 4).map(u64::from) == len.checked_sub(8);
    let mut at = 12;
    let mut format = None;
    let mut long_data = None;
    for _ in 0..MOST_CHUNKS {
        if at + 8 > len {
            return Err(NoLayout::Broken("it has no samples"));
        }
        file.seek(SeekFrom::Start(at))?;
        let head: [u8; 8] = take(file)?;
        let size = u64::from(le32(&head, 4).unwrap_or_default());
        let content = at + 8;
        match &head[..4] {
            b"fmt " => format = Some(Format::read(file, size.min(len - content))?),
            b"ds64" if size >= 16 => {
                let [_whole, data] = [take::<8>(file)?, take::<8>(file)?];
                long_data = Some(u64::from_le_bytes(data));
            }
            b"data" => {
                let format = format.ok_or(NoLayout::Broken("it does not say how it is coded"))?;
                let left = len - content;
                let size = match size {
                    0 if !is_closed => left,
                    0xffff_ffff => long_data.unwrap_or(left),
                    size => size,
                };
                return Ok(format.layout(content..content + size.min(left)));
            }
            _ => {}
        }
        // Chunks begin at even places.
        at = content + size + (size & 1);
    }
    Err(NoLayout::Broken("it has too many parts"))
}

/// What a `fmt ` chunk says.
struct Format {
    tag: u16,
    shape: Shape,
    block: u16,
    bits: u16,
}

impl Format {
    fn read(file: &mut impl Read, size: u64) -> Result<Self, NoLayout> {
        let mut chunk = Vec::new();
        file.take(size.min(40)).read_to_end(&mut chunk)?;
        let parse = || {
            let mut tag = le16(&chunk, 0)?;
            if tag == 0xfffe && array(&chunk, 26) == Some(SUBFORMAT) {
                tag = le16(&chunk, 24)?;
            }
            let shape = Shape { channels: le16(&chunk, 2)?.into(), rate: le32(&chunk, 4)? };
            Some(Self { tag, shape, block: le16(&chunk, 12)?, bits: le16(&chunk, 14).unwrap_or(8) })
        };
        parse().ok_or(NoLayout::Broken("it does not say how it is coded"))
    }

    fn layout(&self, data: std::ops::Range<u64>) -> Layout {
        let coding = match (self.tag, self.bits) {
            (1, 1..=8) => Coding::Plain(codec::CODEC_ID_PCM_U8, 1),
            (1, 9..=16) => Coding::Plain(codec::CODEC_ID_PCM_S16LE, 2),
            (1, 17..=24) => Coding::Plain(codec::CODEC_ID_PCM_S24LE, 3),
            (1, 25..=32) => Coding::Plain(codec::CODEC_ID_PCM_S32LE, 4),
            (2, 4) => Coding::Microsoft(self.block.into()),
            (3, 32) => Coding::Plain(codec::CODEC_ID_PCM_F32LE, 4),
            (3, 64) => Coding::Plain(codec::CODEC_ID_PCM_F64LE, 8),
            (6, _) => Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1),
            (7, _) => Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1),
            (0x11, 4) => Coding::Ima(self.block.into()),
            _ => Coding::Unknown,
        };
        let must_convert = matches!(self.tag, 2 | 6 | 7 | 0x11);
        Layout { shape: self.shape, coding, data, must_convert }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A `fmt ` chunk at 8 kHz.
    fn format(tag: u16, channels: u16, block: u16, bits: u16, more: &[u8]) -> Vec<u8> {
        let mut format = Vec::new();
        format.extend(tag.to_le_bytes());
        format.extend(channels.to_le_bytes());
        format.extend(8_000_u32.to_le_bytes());
        format.extend(0_u32.to_le_bytes());
        format.extend(block.to_le_bytes());
        format.extend(bits.to_le_bytes());
        format.extend(more);
        chunk(*b"fmt ", &format)
    }

    fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        let padding = if content.len() % 2 == 1 { &b"\0"[..] } else { b"" };
        [&name, &size, content, padding].concat()
    }

    fn wav(chunks: &[&[u8]]) -> Vec<u8> {
        [&b"RIFF\0\0\0\0WAVE"[..], &chunks.concat()].concat()
    }

    fn read(wav: &[u8]) -> Result<Layout, NoLayout> {
        layout(&mut Cursor::new(wav), wav.len() as u64)
    }

    #[test]
    fn it_says_how_samples_are_coded_and_what_browsers_do_not_play() {
        let extensible =
            |tag: u16| [&[22, 0, 16, 0, 0, 0, 0, 0][..], &tag.to_le_bytes(), &SUBFORMAT].concat();
        for (format, coding, must_convert) in [
            (format(1, 1, 1, 8, b""), Coding::Plain(codec::CODEC_ID_PCM_U8, 1), false),
            (format(1, 2, 4, 16, b""), Coding::Plain(codec::CODEC_ID_PCM_S16LE, 2), false),
            (format(3, 1, 4, 32, b""), Coding::Plain(codec::CODEC_ID_PCM_F32LE, 4), false),
            (
                format(0xfffe, 2, 6, 24, &extensible(1)),
                Coding::Plain(codec::CODEC_ID_PCM_S24LE, 3),
                false,
            ),
            (format(6, 1, 1, 8, b"\0\0"), Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1), true),
            (format(7, 1, 1, 8, b"\0\0"), Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1), true),
            (
                format(0xfffe, 1, 1, 8, &extensible(7)),
                Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1),
                true,
            ),
            (format(2, 1, 256, 4, b""), Coding::Microsoft(256), true),
            (format(0x11, 1, 256, 4, b""), Coding::Ima(256), true),
            (format(0x31, 1, 65, 0, b"\x02\0\x40\x01"), Coding::Unknown, false),
            (format(0xfffe, 1, 1, 8, &[0; 24]), Coding::Unknown, false),
        ] {
            let layout = read(&wav(&[&format, &chunk(*b"data", &[0; 9])])).unwrap();
            assert_eq!((layout.coding, layout.must_convert), (coding, must_convert));
            assert_eq!((layout.shape.rate, layout.data.end - layout.data.start), (8_000, 9));
        }
    }

    #[test]
    fn samples_go_no_further_than_the_file_whatever_is_claimed() {
        let format = format(1, 1, 2, 16, b"");
        for claimed in [0, 101, u32::MAX - 1, u32::MAX] {
            let data = [&b"data"[..], &claimed.to_le_bytes(), &[0; 100]].concat();
            assert_eq!(read(&wav(&[&format, &data])).unwrap().frames(), 50, "{claimed}");
        }
        let size = 100_u64.to_le_bytes();
        let long = chunk(*b"ds64", &[&[0; 8], &size[..], &[0; 12]].concat());
        let data = [&b"data\xff\xff\xff\xff"[..], &[0; 110]].concat();
        assert_eq!(read(&wav(&[&long, &format, &data])).unwrap().frames(), 50);
    }

    #[test]
    fn a_recording_of_nothing_is_one_whatever_follows_it() {
        let format = format(1, 1, 2, 16, b"");
        let mut file = wav(&[&format, b"data\0\0\0\0", &chunk(*b"LIST", b"INFO")]);
        let riff = u32::try_from(file.len() - 8).unwrap();
        file[4..8].copy_from_slice(&riff.to_le_bytes());
        assert_eq!(read(&file).unwrap().frames(), 0);
    }

    #[test]
    fn other_chunks_are_passed_over_but_not_for_ever() {
        let format = format(1, 1, 2, 16, b"");
        let data = chunk(*b"data", &[0; 100]);
        let odd = chunk(*b"LIST", b"abc");
        assert_eq!(read(&wav(&[&odd, &format, &odd, &data])).unwrap().frames(), 50);
        let many = chunk(*b"junk", b"").repeat(MOST_CHUNKS);
        for broken in [
            wav(&[]),
            wav(&[&format]),
            wav(&[&data]),
            wav(&[b"fmt \x04\0\0\0\x01\0\x01\0", &data]),
            wav(&[b"junk\xff\xff\xff\xff", &format, &data]),
            wav(&[&many, &format, &data]),
        ] {
            assert!(matches!(read(&broken), Err(NoLayout::Broken(_))));
        }
    }

    #[test]
    fn the_last_block_counts_as_far_as_it_is_there() {
        for (coding, channels, bytes, frames) in [
            (Coding::Microsoft(256), 1, 256, 500),
            (Coding::Microsoft(256), 1, 256 + 6, 500),
            (Coding::Microsoft(256), 1, 256 + 8, 504),
            (Coding::Microsoft(256), 2, 256 + 15, 244 + 3),
            (Coding::Ima(256), 1, 256 + 5, 505 + 3),
            (Coding::Ima(256), 2, 256 + 16, 249 + 9),
            (Coding::Ima(256), 2, 256 + 15, 249 + 1),
            (Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1), 2, 7, 3),
        ] {
            let shape = Shape { rate: 8_000, channels };
            let layout = Layout { shape, coding, data: 0..bytes, must_convert: true };
            assert_eq!(layout.frames(), frames, "{layout:?}");
        }
    }
}
