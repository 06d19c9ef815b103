//! Finds every frame of an MPEG stream, past tags and junk. Reads headers alone.

use std::io::{self, Read, Seek};

use super::header::Header;
use crate::{bytes::le32, container::window::Window, input::Source};

/// Frames in a row that tell a stream from chance, where junk stands before them. Fewer are enough
/// where the stream ends with them.
const FRAMES_BEHIND_JUNK: usize = 4;
/// Bytes that have to be in memory to tell.
const AHEAD: usize = 16 * 1024;

/// A frame and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) at: u64,
    pub(crate) header: Header,
    /// Bytes that are no frame were passed over before it.
    pub(crate) is_behind_junk: bool,
}

impl Frame {
    pub(crate) fn end(&self) -> u64 {
        self.at + self.header.length() as u64
    }
}

/// The frames of a stream, from its beginning to its end.
pub(crate) struct Scanner<'a, R> {
    window: Window<'a, R>,
    /// The frame before.
    last: Option<Header>,
}

impl<'a, R: Read + Seek> Scanner<'a, R> {
    /// Scans the source from `start` to `end`.
    pub(crate) fn new(source: &'a mut Source<R>, start: u64, end: u64) -> Self {
        Self { window: Window::new(source, start, end), last: None }
    }

    /// The next frame.
    pub(crate) fn next_frame(&mut self) -> io::Result<Option<Frame>> {
        let mut is_behind_junk = false;
        loop {
            self.window.fill(AHEAD)?;
            let bytes = self.window.bytes();
            if bytes.len() < Header::LEN {
                return Ok(None);
            }
            if let Some(header) = Header::parse(bytes) {
                let is_next =
                    !is_behind_junk && self.last.is_some_and(|last| header.continues(last));
                let length = header.length();
                // A last frame that is cut off is no frame.
                if length <= bytes.len() && (is_next || is_stream(bytes)) {
                    let at = self.window.at();
                    self.last = Some(header);
                    return Ok(Some(Frame { at, header, is_behind_junk }));
                }
            }
            let tag = tag_length(bytes).unwrap_or(0);
            self.window.skip(tag.max(1));
            is_behind_junk = true;
        }
    }

    /// The bytes of the frame that was found last; moves behind it.
    pub(crate) fn take(&mut self, frame: &Frame) -> &[u8] {
        self.window.take(frame.header.length())
    }
}

/// Whether frames of one kind follow each other from here on.
pub(super) fn is_stream(bytes: &[u8]) -> bool {
    let mut at = 0;
    let mut first: Option<Header> = None;
    for frames in 0..FRAMES_BEHIND_JUNK {
        let rest = bytes.get(at..).unwrap_or_default();
        match Header::parse(rest) {
            Some(header) if first.is_none_or(|first| header.continues(first)) => {
                first = Some(header);
                at += header.length();
            }
            // The stream ends here, or what was read of it does.
            _ => return frames >= 2 && (rest.len() < Header::LEN || is_tag(rest)),
        }
    }
    true
}

fn is_tag(bytes: &[u8]) -> bool {
    [&b"TAG"[..], b"ID3", b"APETAGEX", b"LYRICSBEGIN"].iter().any(|tag| bytes.starts_with(tag))
}

/// The length of the tag that begins here.
fn tag_length(bytes: &[u8]) -> Option<u64> {
    if bytes.starts_with(b"TAG") {
        return Some(128);
    }
    id3_length(bytes).map(|length| length as u64).or_else(|| ape_length(bytes))
}

/// The length of the ID3 tag that begins here (id3.org, "ID3 tag version 2.4.0 - Main Structure", 3.1).
pub(crate) fn id3_length(head: &[u8]) -> Option<usize> {
    let [b'I', b'D', b'3', 2..=4, _, flags, sizes @ ..] = crate::bytes::array::<10>(head, 0)?
    else {
        return None;
    };
    if sizes.iter().any(|byte| *byte > 0x7f) {
        return None;
    }
    let size = sizes.iter().fold(0, |size, byte| size << 7 | usize::from(*byte));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    Some(10 + size + footer)
}

/// The length of the `APEv2` tag whose head or foot begins here.
fn ape_length(head: &[u8]) -> Option<u64> {
    if !head.starts_with(b"APETAGEX") {
        return None;
    }
    let (size, flags) = (le32(head, 12)?, le32(head, 20)?);
    let is_head = flags & 0x2000_0000 != 0;
    // The size counts the items and the foot; a foot stands behind its items.
    Some(if is_head { 32 + u64::from(size) } else { 32 })
}
