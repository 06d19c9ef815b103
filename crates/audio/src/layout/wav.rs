//! The head of RIFF/WAVE (Microsoft, "Multiple Channel Audio Data and WAVE Files"), of its big-endian
//! form RIFX, of RF64 and BW64 (EBU Tech 3306).

use std::io::{Read, Seek};

use symphonia::core::codecs::audio::well_known as codec;

use super::{Coding, Layout, NoLayout, Serve, SignalSpec, take};
use crate::{
    AudioType,
    bytes::{array, be16, be32, le16, le32, le64},
    codec::{BitOrder, G726Rate, GsmPacking},
    input::Source,
};

/// No honest file has more chunks before its samples.
const MOST_CHUNKS: usize = 1_000;
/// Lengths from here on mean that the writer did not know: pipes get 0xFFFFFFFF, 0x7FFFFFFF or a
/// little less.
const UNKNOWN_LENGTH: u64 = 0x7fff_0000;
/// How far behind a chunk with a false length the samples are searched for, in bytes.
const SEARCH: usize = 64 * 1024;
/// What follows the format tag in the identifier of an extensible format's kind.
const SUBFORMAT: [u8; 14] = *b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
/// An `ID3v1` tag, which some append.
const ID3V1: u64 = 128;

/// Reads the head of a file that begins at `start`.
pub(super) fn layout<R: Read + Seek>(file: &mut Source<R>, start: u64) -> Result<Layout, NoLayout> {
    let riff: [u8; 12] = take(file, start)?;
    let head = Head {
        start,
        len: file.len(),
        is_big_endian: riff.starts_with(b"RIFX"),
        is_plain_riff: riff.starts_with(b"RIFF"),
        size: if riff.starts_with(b"RIFX") { be32(&riff, 4) } else { le32(&riff, 4) }
            .unwrap_or_default()
            .into(),
    };
    let mut at = start + 12;
    let mut format = None;
    let mut long_data = None;
    let mut is_strict = true;
    for _ in 0..MOST_CHUNKS {
        let Ok(chunk) = head.chunk(file, at) else {
            return Err(match format {
                Some(_) => NoLayout::Empty,
                None => NoLayout::Broken("it says nowhere how it is coded"),
            });
        };
        match &chunk.name {
            b"fmt " => format = Some(Format::read(file, &chunk, head.is_big_endian)?),
            b"ds64" if chunk.size >= 16 => long_data = le64(&file.read_at(chunk.content, 16)?, 8),
            b"data" => {
                let format = format.ok_or(NoLayout::Broken("it says nowhere how it is coded"))?;
                return head.layout(file, &format, &chunk, long_data, is_strict);
            }
            _ => {}
        }
        (at, is_strict) = match head.behind(file, &chunk)? {
            Some(Next { at, is_strict: this }) => (at, is_strict && this),
            None if format.is_some() => return Err(NoLayout::Empty),
            None => return Err(NoLayout::Broken("it says nowhere how it is coded")),
        };
    }
    Err(NoLayout::Broken("it has too many parts"))
}

/// The file as its first bytes describe it.
struct Head {
    start: u64,
    len: u64,
    is_big_endian: bool,
    is_plain_riff: bool,
    size: u64,
}

struct Chunk {
    name: [u8; 4],
    size: u64,
    content: u64,
}

/// Where the next chunk is, and whether the standard says so too.
struct Next {
    at: u64,
    is_strict: bool,
}

impl Head {
    fn chunk<R: Read + Seek>(&self, file: &mut Source<R>, at: u64) -> Result<Chunk, NoLayout> {
        let head: [u8; 8] = take(file, at)?;
        let size = if self.is_big_endian { be32(&head, 4) } else { le32(&head, 4) };
        let name = array(&head, 0).unwrap_or_default();
        Ok(Chunk { name, size: size.unwrap_or_default().into(), content: at + 8 })
    }

    /// Finds the chunk behind this one. Chunks begin at even offsets; some writers leave the pad byte
    /// out. Where the length is false, the samples are searched for.
    fn behind<R: Read + Seek>(
        &self,
        file: &mut Source<R>,
        chunk: &Chunk,
    ) -> Result<Option<Next>, NoLayout> {
        let end = chunk.content + chunk.size;
        let padded = end + (chunk.size & 1);
        let here = file.read_at(end, 5)?;
        if end > self.len || (here.len() < 5 && chunk.name != *b"fmt ") {
            return search(file, chunk.content - 7);
        }
        let (tight, loose) = (here.get(..4).unwrap_or_default(), here.get(1..).unwrap_or_default());
        let is_tight = match (is_usual(tight), is_usual(loose)) {
            (true, false) => true,
            (_, true) => false,
            _ => is_name(tight) && !is_name(loose),
        };
        if padded != end && is_tight {
            return Ok(Some(Next { at: end, is_strict: false }));
        }
        let strict = file.read_at(padded, 4)?;
        if strict.len() == 4
            && !is_name(&strict)
            && let Some(found) = search(file, chunk.content - 7)?
        {
            return Ok(Some(found));
        }
        Ok(Some(Next { at: padded, is_strict: true }))
    }

    fn layout<R: Read + Seek>(
        &self,
        file: &mut Source<R>,
        format: &Format,
        data: &Chunk,
        long_data: Option<u64>,
        is_strict: bool,
    ) -> Result<Layout, NoLayout> {
        let left = self.len - data.content;
        let block = u64::from(format.block.max(1));
        let claimed = match data.size {
            0xffff_ffff => long_data.unwrap_or(u64::MAX),
            size => size,
        };
        let is_closed = self.start + self.size + 8 == self.len
            || self.start + self.size + 8 == self.len + (data.size & 1);
        let is_unknown = claimed >= UNKNOWN_LENGTH || (claimed == 0 && !is_closed);
        let mut promised = None;
        let size = if is_unknown && (claimed >= left || claimed == 0) {
            left - self.tag(file)?.min(left)
        } else if claimed > left {
            promised = Some(claimed);
            left
        } else if self.is_followed(file, data.content + claimed, claimed & 1)? {
            claimed
        } else {
            // A recorder wrote its head in between, and did not come to write it again.
            left - self.tag(file)?.min(left)
        };
        if size < block {
            return Err(NoLayout::Empty);
        }
        let size = if format.is_plain() { size / block * block } else { size };
        let spec = SignalSpec { sample_rate: format.rate, channels: format.channels };
        let coding = format.coding(self.is_big_endian);
        let is_served = format.is_played() && matches!(coding, Coding::Plain(..));
        let is_true = is_strict
            && self.is_plain_riff
            && self.start == 0
            && is_closed
            && data.size == size
            && format.is_true();
        let serve = match (is_served && !self.is_big_endian, is_true) {
            (true, true) => Serve::AsItCame,
            (true, false) => Serve::NewHead(format.chunk()),
            (false, _) => Serve::Convert,
        };
        Ok(Layout { spec, coding, data: data.content..data.content + size, serve, promised })
    }

    /// Whether the end of the samples is the end of the file, or other chunks follow to its end.
    fn is_followed<R: Read + Seek>(
        &self,
        file: &mut Source<R>,
        end: u64,
        pad: u64,
    ) -> Result<bool, NoLayout> {
        let mut at = end;
        for step in 0..MOST_CHUNKS {
            // A pad byte, and some that nobody asked for.
            if at + 3 >= self.len {
                return Ok(true);
            }
            let mut chunk = self.chunk(file, at).ok();
            if step == 0 && pad == 1 && !chunk.as_ref().is_some_and(|chunk| is_name(&chunk.name)) {
                at += 1;
                chunk = self.chunk(file, at).ok();
            }
            match chunk {
                Some(chunk) if is_name(&chunk.name) => {
                    at = chunk.content + chunk.size + (chunk.size & 1);
                }
                // A tag, or a second file behind the first.
                _ => {
                    let rest = file.read_at(at, 4)?;
                    return Ok(rest.starts_with(b"TAG") || rest.starts_with(b"ID3"));
                }
            }
        }
        Ok(true)
    }

    /// The bytes of an `ID3v1` tag at the end.
    fn tag<R: Read + Seek>(&self, file: &mut Source<R>) -> Result<u64, NoLayout> {
        let Some(at) = self.len.checked_sub(ID3V1) else { return Ok(0) };
        Ok(if file.read_at(at, 3)? == b"TAG" { ID3V1 } else { 0 })
    }
}

/// The next chunk that matters, wherever it begins.
fn search<R: Read + Seek>(file: &mut Source<R>, from: u64) -> Result<Option<Next>, NoLayout> {
    let bytes = file.read_at(from, SEARCH)?;
    let found = bytes.windows(4).position(|name| name == b"data" || name == b"fmt ");
    Ok(found.map(|at| Next { at: from + at as u64, is_strict: false }))
}

/// Chunks' names are printable.
fn is_name(bytes: &[u8]) -> bool {
    bytes.len() == 4
        && bytes.iter().all(|byte| (0x20..0x7f).contains(byte))
        && bytes[0].is_ascii_alphanumeric()
}

/// Chunks that are often seen.
fn is_usual(name: &[u8]) -> bool {
    const USUAL: [&[u8]; 12] = [
        b"fmt ", b"data", b"LIST", b"fact", b"bext", b"JUNK", b"junk", b"PEAK", b"cue ", b"iXML",
        b"id3 ", b"ID3 ",
    ];
    USUAL.contains(&name)
}

/// What a `fmt ` chunk says.
#[derive(Clone, Debug)]
struct Format {
    tag: u16,
    channels: u16,
    rate: u32,
    average: u32,
    block: u16,
    bits: u16,
    /// As in the file, for a new head.
    bytes: Vec<u8>,
}

impl Format {
    fn read<R: Read + Seek>(
        file: &mut Source<R>,
        chunk: &Chunk,
        is_big_endian: bool,
    ) -> Result<Self, NoLayout> {
        let most = usize::try_from(chunk.size.min(40)).unwrap_or(40);
        let bytes = file.read_at(chunk.content, most)?;
        let short = |at| if is_big_endian { be16(&bytes, at) } else { le16(&bytes, at) };
        let long = |at| if is_big_endian { be32(&bytes, at) } else { le32(&bytes, at) };
        let parse = || {
            let mut tag = short(0)?;
            if tag == 0xfffe && array(&bytes, 26) == Some(SUBFORMAT) {
                tag = short(24)?;
            }
            let (channels, rate, average) = (short(2)?, long(4)?, long(8)?);
            let bits = short(14).unwrap_or(8);
            let mut block = short(12)?;
            if matches!(tag, 1 | 3 | 6 | 7) {
                // Each sample has whole bytes; some writers have a block of 0 or 1.
                block = bits.max(1).div_ceil(8).min(8).saturating_mul(channels);
            }
            Some(Self { tag, channels, rate, average, block, bits, bytes: bytes.clone() })
        };
        parse().ok_or(NoLayout::Broken("it says nowhere how it is coded"))
    }

    fn is_plain(&self) -> bool {
        matches!(self.tag, 1 | 3 | 6 | 7)
    }

    /// PCM of whole bytes and 32-bit floats: browsers play them.
    fn is_played(&self) -> bool {
        match self.tag {
            1 => matches!(self.bits, 8 | 16 | 24 | 32),
            3 => self.bits == 32,
            _ => false,
        }
    }

    /// Whether the fields that follow from others are as they must be.
    fn is_true(&self) -> bool {
        le16(&self.bytes, 12) == Some(self.block)
            && self.average == self.rate.wrapping_mul(self.block.into())
    }

    /// The `fmt ` chunk of a new head: the same, with true fields.
    fn chunk(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        if bytes.len() < 40 || le16(&bytes, 0) != Some(0xfffe) {
            bytes.truncate(16);
            bytes[..2].copy_from_slice(&self.tag.to_le_bytes());
        }
        bytes[8..12].copy_from_slice(&self.rate.wrapping_mul(self.block.into()).to_le_bytes());
        bytes[12..14].copy_from_slice(&self.block.to_le_bytes());
        bytes
    }

    fn coding(&self, is_big_endian: bool) -> Coding {
        let plain =
            |little, big, bytes| Coding::Plain(if is_big_endian { big } else { little }, bytes);
        let block = self.block.into();
        match (self.tag, self.bits) {
            (1, 1..=8) => Coding::Plain(codec::CODEC_ID_PCM_U8, 1),
            (1, 9..=16) => plain(codec::CODEC_ID_PCM_S16LE, codec::CODEC_ID_PCM_S16BE, 2),
            (1, 17..=24) => plain(codec::CODEC_ID_PCM_S24LE, codec::CODEC_ID_PCM_S24BE, 3),
            (1, 25..=32) => plain(codec::CODEC_ID_PCM_S32LE, codec::CODEC_ID_PCM_S32BE, 4),
            (2, 4) => Coding::MicrosoftAdpcm(block),
            (3, 32) => plain(codec::CODEC_ID_PCM_F32LE, codec::CODEC_ID_PCM_F32BE, 4),
            (3, 64) => plain(codec::CODEC_ID_PCM_F64LE, codec::CODEC_ID_PCM_F64BE, 8),
            (6, _) => Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1),
            (7, _) => Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1),
            (0x10 | 0x17, 4) => Coding::Oki,
            (0x11, 4) => Coding::ImaAdpcm(block),
            (0x14 | 0x40 | 0x45 | 0x64 | 0x140, bits) => {
                let rate = G726Rate::of_bits(bits)
                    .or_else(|| G726Rate::of_bits(u16::try_from(self.average / 1_000).ok()?));
                rate.map_or(Coding::Unknown("G.726"), |rate| {
                    Coding::G726(rate, BitOrder::MostSignificantFirst)
                })
            }
            (0x31 | 0x32, _) => Coding::Gsm(GsmPacking::Wav49),
            (0x50 | 0x55, _) => Coding::Stream(AudioType::Mpeg),
            (0xff | 0x1600, _) => Coding::Stream(AudioType::Aac),
            (0x65 | 0x28f, _) => Coding::G722,
            (0x83 | 0x133, _) => Coding::G729,
            (0x22, _) => Coding::Unknown("TrueSpeech"),
            (0x42 | 0x111, _) => Coding::Unknown("G.723.1"),
            (0x57 | 0x7361, _) => Coding::Unknown("AMR"),
            (0x58, _) => Coding::Unknown("AMR-WB"),
            (0x160..=0x163, _) => Coding::Unknown("Windows Media Audio"),
            (0xa109, _) => Coding::Unknown("Speex"),
            (0x2000, _) => Coding::Unknown("AC-3"),
            (1 | 3, _) => Coding::Unknown("PCM of a width that nobody plays"),
            _ => Coding::Unknown("an unknown codec"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::{CancelFlag, input::Guard};

    /// A `fmt ` chunk at 8 kHz.
    fn format(tag: u16, channels: u16, block: u16, bits: u16, more: &[u8]) -> Vec<u8> {
        let mut format = Vec::new();
        format.extend(tag.to_le_bytes());
        format.extend(channels.to_le_bytes());
        format.extend(8_000_u32.to_le_bytes());
        format.extend((8_000 * u32::from(block)).to_le_bytes());
        format.extend(block.to_le_bytes());
        format.extend(bits.to_le_bytes());
        format.extend(more);
        chunk(*b"fmt ", &format)
    }

    fn unpadded(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        [&name, &size, content].concat()
    }

    fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        let padding = if content.len() % 2 == 1 { &b"\0"[..] } else { b"" };
        [&unpadded(name, content), padding].concat()
    }

    fn wav(chunks: &[&[u8]]) -> Vec<u8> {
        let body = [b"WAVE", &chunks.concat()[..]].concat();
        [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
    }

    fn read(wav: &[u8]) -> Result<Layout, NoLayout> {
        let guard = Guard::new(&CancelFlag::new());
        layout(&mut Source::new(Cursor::new(wav), wav.len() as u64, guard), 0)
    }

    fn size(layout: &Layout) -> u64 {
        layout.data.end - layout.data.start
    }

    #[test]
    fn the_format_says_how_samples_are_coded_and_what_browsers_play() {
        let extensible =
            |tag: u16| [&[22, 0, 16, 0, 0, 0, 0, 0][..], &tag.to_le_bytes(), &SUBFORMAT].concat();
        let g726 = Coding::G726(G726Rate::Kbit32, BitOrder::MostSignificantFirst);
        for (format, coding, is_served) in [
            (format(1, 1, 1, 8, b""), Coding::Plain(codec::CODEC_ID_PCM_U8, 1), true),
            (format(1, 2, 4, 16, b""), Coding::Plain(codec::CODEC_ID_PCM_S16LE, 2), true),
            (format(3, 1, 4, 32, b""), Coding::Plain(codec::CODEC_ID_PCM_F32LE, 4), true),
            (format(3, 1, 8, 64, b""), Coding::Plain(codec::CODEC_ID_PCM_F64LE, 8), false),
            (
                format(0xfffe, 2, 6, 24, &extensible(1)),
                Coding::Plain(codec::CODEC_ID_PCM_S24LE, 3),
                true,
            ),
            (format(6, 1, 1, 8, b"\0\0"), Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1), false),
            (format(7, 1, 1, 8, b"\0\0"), Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1), false),
            (
                format(0xfffe, 1, 1, 8, &extensible(7)),
                Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1),
                false,
            ),
            (format(2, 1, 256, 4, b""), Coding::MicrosoftAdpcm(256), false),
            (format(0x11, 1, 256, 4, b""), Coding::ImaAdpcm(256), false),
            (format(0x17, 1, 1, 4, b""), Coding::Oki, false),
            (format(0x31, 1, 65, 0, b"\x02\0\x40\x01"), Coding::Gsm(GsmPacking::Wav49), false),
            (format(0x45, 1, 1, 4, b""), g726, false),
            (format(0xfffe, 1, 1, 8, &[0; 24]), Coding::Unknown("an unknown codec"), false),
        ] {
            let layout = read(&wav(&[&format, &chunk(*b"data", &[0; 960])])).unwrap();
            assert_eq!(layout.coding, coding);
            assert_eq!(layout.serve == Serve::AsItCame, is_served, "{coding:?}");
            assert_eq!((layout.spec.sample_rate, size(&layout)), (8_000, 960));
        }
    }

    #[test]
    fn the_samples_end_where_the_file_does_whatever_is_claimed() {
        let format = format(1, 1, 2, 16, b"");
        for (claimed, promised) in [
            (0, None), // though the length of the whole is true
            (102, Some(102)),
            (0x7fff_ffff - 36, None),
            (u32::MAX - 1, None),
            (u32::MAX, None),
            (40, None), // the recorder was killed after it had written so many
        ] {
            let data = [&b"data"[..], &claimed.to_le_bytes(), &[0; 100]].concat();
            let layout = read(&wav(&[&format, &data])).unwrap();
            assert_eq!((size(&layout), layout.promised), (100, promised), "{claimed}");
            assert!(matches!(layout.serve, Serve::NewHead(_)));
        }
        let mut killed = wav(&[&format, b"data\0\0\0\0", &[0; 100]]);
        killed[4..8].fill(0);
        assert_eq!(size(&read(&killed).unwrap()), 100);
    }

    #[test]
    fn a_long_file_says_its_length_elsewhere() {
        let format = format(1, 1, 2, 16, b"");
        let long = chunk(*b"ds64", &[&[0; 8][..], &100_u64.to_le_bytes(), &[0; 12]].concat());
        let data = [&b"data\xff\xff\xff\xff"[..], &[0; 100], &chunk(*b"LIST", b"INFO")].concat();
        let mut file = wav(&[&long, &format, &data]);
        file[..4].copy_from_slice(b"RF64");
        let layout = read(&file).unwrap();
        assert_eq!(size(&layout), 100);
        assert!(matches!(layout.serve, Serve::NewHead(_)), "browsers know no RF64");
    }

    #[test]
    fn a_head_without_samples_is_empty() {
        let format = format(1, 1, 2, 16, b"");
        let nothing = wav(&[&format, b"data\0\0\0\0", &chunk(*b"LIST", b"INFO")]);
        for file in [nothing, wav(&[&format]), wav(&[&format, b"data\x01\0\0\0a"])] {
            assert!(matches!(read(&file), Err(NoLayout::Empty)), "{:?}", read(&file));
        }
    }

    #[test]
    fn chunks_without_their_pad_byte_or_with_a_false_length_are_passed_over() {
        let format = format(1, 1, 2, 16, b"");
        let data = chunk(*b"data", &[0; 100]);
        let odd = unpadded(*b"LIST", b"INFOISFT\x0d\0\0\0Lavf60.16.100");
        for file in [
            wav(&[&chunk(*b"LIST", b"abc"), &format, &data]),
            wav(&[&odd, &format, &odd, &data]),
            wav(&[&format, b"LIST\xff\xff\xff\xffINFO", &data]),
            wav(&[&format, b"LIST\x02\0\0\0INFOx", &data]),
        ] {
            let layout = read(&file);
            assert!(layout.as_ref().is_ok_and(|it| size(it) == 100), "{layout:?} {file:x?}");
        }
    }

    #[test]
    fn a_head_that_never_says_how_it_is_coded_is_broken() {
        let format = format(1, 1, 2, 16, b"");
        let data = chunk(*b"data", &[0; 100]);
        let many = chunk(*b"junk", b"").repeat(MOST_CHUNKS);
        for broken in [
            wav(&[]),
            wav(&[&data]),
            wav(&[b"fmt \x04\0\0\0\x01\0\x01\0", &data]),
            wav(&[&many, &format, &data]),
        ] {
            assert!(matches!(read(&broken), Err(NoLayout::Broken(_))), "{:?}", read(&broken));
        }
    }
}
