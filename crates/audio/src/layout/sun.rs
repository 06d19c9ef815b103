//! The head of Sun's `.au` (au(5): magic, offset, size, encoding, rate, channels). Of browsers only
//! Safari plays it.

use std::io::{Read, Seek};

use symphonia::core::codecs::audio::well_known as codec;

use super::{Coding, Layout, NoLayout, Serve, SignalSpec, take};
use crate::{
    bytes::be32,
    codec::{BitOrder, G726Rate},
    input::Source,
};

const HEAD: u64 = 24;

/// Reads the head of a file that begins at `start`.
pub(super) fn layout<R: Read + Seek>(file: &mut Source<R>, start: u64) -> Result<Layout, NoLayout> {
    let head: [u8; 24] = take(file, start)?;
    let field = |at| be32(&head, at).unwrap_or_default();
    let g726 = |rate| Coding::G726(rate, BitOrder::LeastSignificantFirst);
    let coding = match field(12) {
        1 => Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1),
        2 => Coding::Plain(codec::CODEC_ID_PCM_S8, 1),
        3 => Coding::Plain(codec::CODEC_ID_PCM_S16BE, 2),
        4 => Coding::Plain(codec::CODEC_ID_PCM_S24BE, 3),
        5 => Coding::Plain(codec::CODEC_ID_PCM_S32BE, 4),
        6 => Coding::Plain(codec::CODEC_ID_PCM_F32BE, 4),
        7 => Coding::Plain(codec::CODEC_ID_PCM_F64BE, 8),
        23 => g726(G726Rate::Kbit32),
        24 => Coding::G722,
        25 => g726(G726Rate::Kbit24),
        26 => g726(G726Rate::Kbit40),
        27 => Coding::Plain(codec::CODEC_ID_PCM_ALAW, 1),
        _ => Coding::Unknown("an unknown codec"),
    };
    let data = (start + u64::from(field(4)).max(HEAD)).min(file.len());
    let left = file.len() - data;
    // All ones: the writer did not know.
    let (size, promised) = match u64::from(field(8)) {
        0xffff_ffff | 0 => (left, None),
        size if size > left => (left, Some(size)),
        size => (size, None),
    };
    let channels = field(20).try_into().unwrap_or(u16::MAX);
    let spec = SignalSpec { sample_rate: field(16), channels };
    Ok(Layout { spec, coding, data: data..data + size, serve: Serve::Convert, promised })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::{CancelFlag, input::Guard};

    fn read(fields: [u32; 5], samples: usize) -> Layout {
        let head = [&b".snd"[..], &fields.map(u32::to_be_bytes).concat()].concat();
        let file = [&head[..], &vec![0; samples]].concat();
        let len = file.len() as u64;
        let guard = Guard::new(&CancelFlag::new());
        layout(&mut Source::new(Cursor::new(file), len, guard), 0).unwrap()
    }

    #[test]
    fn the_samples_end_where_the_file_does() {
        for (offset, size, data, promised) in [
            (24, 50, 24..74, None),
            (24, u32::MAX, 24..124, None),
            (24, 1_000, 24..124, Some(1_000)),
            (0, 50, 24..74, None),
            (u32::MAX, 50, 124..124, Some(50)),
        ] {
            let layout = read([offset, size, 1, 8_000, 1], 100);
            assert_eq!((layout.data, layout.promised), (data, promised));
            assert_eq!(layout.coding, Coding::Plain(codec::CODEC_ID_PCM_MULAW, 1));
            assert_eq!(layout.spec, SignalSpec { sample_rate: 8_000, channels: 1 });
        }
    }
}
