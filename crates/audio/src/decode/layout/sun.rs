//! The head of Sun's `.au` (au(5): magic, offset, size, encoding, rate, channels). No browser but
//! Safari plays it.

use std::io::{Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::well_known as codec;

use super::{Coding, Layout, NoLayout, Shape, take};
use crate::bytes::be32;

pub(super) fn layout(file: &mut (impl Read + Seek), len: u64) -> Result<Layout, NoLayout> {
    file.seek(SeekFrom::Start(0))?;
    let head: [u8; 24] = take(file)?;
    let field = |at| be32(&head, at).unwrap_or_default();
    let coding = match field(12) {
        1 => Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1),
        2 => Coding::Plain(codec::CODEC_ID_PCM_S8, 1),
        3 => Coding::Plain(codec::CODEC_ID_PCM_S16BE, 2),
        4 => Coding::Plain(codec::CODEC_ID_PCM_S24BE, 3),
        5 => Coding::Plain(codec::CODEC_ID_PCM_S32BE, 4),
        6 => Coding::Plain(codec::CODEC_ID_PCM_F32BE, 4),
        7 => Coding::Plain(codec::CODEC_ID_PCM_F64BE, 8),
        27 => Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1),
        _ => Coding::Unknown,
    };
    let start = u64::from(field(4)).max(head.len() as u64).min(len);
    // A size of all ones: whoever wrote it did not know.
    let end = start.saturating_add(field(8).into()).min(len);
    let end = if field(8) == u32::MAX { len } else { end };
    let shape = Shape { rate: field(16), channels: field(20).try_into().unwrap_or(usize::MAX) };
    Ok(Layout { shape, coding, data: start..end, must_convert: coding != Coding::Unknown })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(fields: [u32; 5], samples: usize) -> Layout {
        let head = [&b".snd"[..], &fields.map(u32::to_be_bytes).concat()].concat();
        let file = [&head[..], &vec![0; samples]].concat();
        layout(&mut Cursor::new(&file), file.len() as u64).unwrap()
    }

    #[test]
    fn its_samples_are_found_and_go_no_further_than_the_file() {
        for (offset, size, data) in [
            (24, 50, 24..74),
            (24, u32::MAX, 24..124),
            (24, 1_000, 24..124),
            (0, 50, 24..74),
            (u32::MAX, 50, 124..124),
        ] {
            let layout = read([offset, size, 1, 8_000, 1], 100);
            assert_eq!((layout.data, layout.must_convert), (data, true));
            assert_eq!(layout.coding, Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1));
            assert_eq!(layout.shape, Shape { rate: 8_000, channels: 1 });
        }
        assert!(!read([24, 50, 23, 8_000, 1], 100).must_convert, "nothing decodes G.721 here");
    }
}
