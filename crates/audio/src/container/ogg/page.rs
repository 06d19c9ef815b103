//! Pages of Ogg (RFC 3533). A page whose checksum is wrong is passed over.

use std::io::{self, Read, Seek};

use crate::{
    bytes::{le32, le64},
    container::window::Window,
    input::Source,
};

/// A page's head without its table of segments.
const HEAD: usize = 27;
/// The largest page.
pub(super) const MOST_PAGE: usize = HEAD + 255 + 255 * 255;

/// A page.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) at: u64,
    pub(super) is_continued: bool,
    pub(super) is_first: bool,
    /// Where the sound is at the end of the last packet that ends here.
    pub(super) granule: Option<u64>,
    pub(super) serial: u32,
    pub(super) number: u32,
    /// Lengths of the parts of packets, and whether each one ends its packet.
    pub(super) parts: Vec<(usize, bool)>,
    pub(super) body: Vec<u8>,
    /// Bytes between the page before and this one.
    pub(super) is_behind_junk: bool,
    pub(super) size: u64,
}

/// The pages of a file.
pub(super) struct Pages<'a, R> {
    window: Window<'a, R>,
}

impl<'a, R: Read + Seek> Pages<'a, R> {
    pub(super) fn new(source: &'a mut Source<R>, start: u64, end: u64) -> Self {
        Self { window: Window::new(source, start, end) }
    }

    /// The next page that is whole.
    pub(super) fn next(&mut self) -> io::Result<Option<Page>> {
        let mut is_behind_junk = false;
        loop {
            self.window.fill(MOST_PAGE)?;
            let bytes = self.window.bytes();
            if bytes.len() < HEAD {
                return Ok(None);
            }
            if let Some(size) = size(bytes).filter(|size| *size <= bytes.len())
                && is_intact(&bytes[..size])
            {
                let at = self.window.at();
                let page = parse(self.window.take(size));
                return Ok(Some(Page { at, is_behind_junk, size: size as u64, ..page }));
            }
            is_behind_junk = true;
            let next = bytes[1..].windows(4).position(|four| four == b"OggS");
            let skip = next.map_or(bytes.len().saturating_sub(4).max(1), |at| at + 1);
            self.window.skip(skip as u64);
        }
    }
}

fn size(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"OggS\0") {
        return None;
    }
    let segments = usize::from(bytes[26]);
    let table = bytes.get(HEAD..HEAD + segments)?;
    Some(HEAD + segments + table.iter().map(|size| usize::from(*size)).sum::<usize>())
}

fn parse(bytes: &[u8]) -> Page {
    let segments = usize::from(bytes[26]);
    let mut parts: Vec<(usize, bool)> = Vec::new();
    let mut is_open = false;
    for size in &bytes[HEAD..HEAD + segments] {
        let (size, ends) = (usize::from(*size), *size < 255);
        match parts.last_mut() {
            Some(part) if is_open => *part = (part.0 + size, ends),
            _ => parts.push((size, ends)),
        }
        is_open = !ends;
    }
    Page {
        is_continued: bytes[5] & 1 != 0,
        is_first: bytes[5] & 2 != 0,
        granule: le64(bytes, 6).filter(|granule| *granule != u64::MAX),
        serial: le32(bytes, 14).unwrap_or_default(),
        number: le32(bytes, 18).unwrap_or_default(),
        parts,
        body: bytes[HEAD + segments..].to_vec(),
        ..Page::default()
    }
}

/// Checks the checksum (RFC 3533, section 6).
fn is_intact(page: &[u8]) -> bool {
    let mut crc = 0_u32;
    for (at, byte) in page.iter().enumerate() {
        let byte = if (22..26).contains(&at) { 0 } else { *byte };
        crc = crc << 8 ^ CRC[usize::from((crc >> 24).to_be_bytes()[3] ^ byte)];
    }
    le32(page, 22) == Some(crc)
}

const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        #[allow(clippy::cast_possible_truncation)] // 0 to 255
        let mut crc = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = crc << 1 ^ if crc & 0x8000_0000 == 0 { 0 } else { 0x04c1_1db7 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};
