//! What the elements of a file say: the sound track, its clusters, and where the blocks are.

use std::{
    collections::VecDeque,
    io::{self, Read, Seek},
    ops::Range,
};

use super::ebml::{self, UNKNOWN, elements, float, unsigned};
use crate::{
    codec::SignalSpec,
    container::{mp4::AAC_RATES, window::Window},
    input::Source,
    rewrite::MOST_PARTS,
};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
const CUES: u32 = 0x1c53_bb6b;
const EBML: u32 = 0x1a45_dfa3;
const TIMESTAMP: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const DISCARD_PADDING: u32 = 0x75a2;

/// Heads that are read whole: information and tracks.
const MOST_HEAD: u64 = 1 << 20;
/// Clusters that are kept for cues.
const MOST_CLUSTERS: usize = 1 << 17;
/// The largest block.
const MOST_BLOCK: usize = 1 << 20;
/// The head of an element.
const ELEMENT: usize = 12;

/// A codec in Matroska.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Opus,
    Vorbis,
    Aac,
    Mp3,
    Flac,
    Unknown,
}

impl Codec {
    fn of(id: &[u8]) -> Self {
        match id {
            b"A_OPUS" => Self::Opus,
            b"A_VORBIS" => Self::Vorbis,
            b"A_MPEG/L3" => Self::Mp3,
            b"A_FLAC" => Self::Flac,
            _ if id.starts_with(b"A_AAC") => Self::Aac,
            _ => Self::Unknown,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Opus => "Opus",
            Self::Vorbis => "Vorbis",
            Self::Aac => "AAC",
            Self::Mp3 => "MP3",
            Self::Flac => "FLAC",
            Self::Unknown => "an unknown codec",
        }
    }
}

/// The first sound track.
pub(super) struct Track {
    pub(super) number: u64,
    pub(super) codec: Codec,
    pub(super) private: Vec<u8>,
    pub(super) spec: SignalSpec,
    /// What a decoder gives before the recording begins, in nanoseconds.
    pub(super) delay: u64,
}

/// A cluster: when it begins, and where its blocks are.
pub(super) struct Cluster {
    pub(super) time: u64,
    pub(super) blocks: Vec<Range<u64>>,
}

impl Cluster {
    pub(super) fn size(&self) -> u64 {
        self.blocks.iter().map(|range| range.end - range.start).sum()
    }
}

/// See the module.
pub(super) struct Survey {
    pub(super) track: Track,
    /// The body of the tracks' element.
    pub(super) tracks: Vec<u8>,
    /// Nanoseconds in a unit of time.
    pub(super) scale: u64,
    /// What the head claims, in seconds.
    pub(super) duration: Option<f64>,
    pub(super) has_cues: bool,
    /// Every size is known, and nothing is cut off.
    pub(super) is_whole: bool,
    pub(super) clusters: Vec<Cluster>,
    /// The time of the first block.
    pub(super) first_time: u64,
    /// Blocks of the sound track.
    pub(super) blocks: u64,
    /// There is more than is kept of where blocks are.
    pub(super) is_plan_full: bool,
    first_cluster: u64,
}

impl Survey {
    /// Reads the heads of all elements; nothing where there is no sound track.
    pub(super) fn of<R: Read + Seek>(source: &mut Source<R>) -> io::Result<Option<Self>> {
        let len = source.len();
        let mut walk = Walk { window: Window::new(source, 0, len) };
        let (mut scale, mut duration, mut has_cues, mut is_whole) = (1_000_000, None, false, true);
        let mut tracks: Option<(Track, Vec<u8>)> = None;
        let mut clusters: Vec<Cluster> = Vec::new();
        let (mut first_time, mut first_cluster, mut blocks) = (None, None, 0);
        let (mut ranges, mut is_plan_full) = (0, false);
        while let Some(found) = walk.next()? {
            is_whole &= found.size != UNKNOWN && found.end() <= len;
            match found.id {
                SEGMENT => {}
                INFO if found.size <= MOST_HEAD => {
                    for (id, body) in elements(&walk.body(&found)?) {
                        match id {
                            0x2a_d7b1 => scale = unsigned(body).max(1),
                            0x4489 => duration = float(body).filter(|n| n.is_finite() && *n > 0.0),
                            _ => {}
                        }
                    }
                }
                TRACKS if found.size <= MOST_HEAD => {
                    let body = walk.body(&found)?;
                    if let Some(track) = sound_track(&body) {
                        tracks = Some((track, body));
                    }
                }
                CUES => {
                    has_cues = true;
                    walk.skip(&found);
                }
                CLUSTER => {
                    first_cluster = first_cluster.or(Some(found.at));
                    if clusters.len() < MOST_CLUSTERS {
                        clusters.push(Cluster { time: 0, blocks: Vec::new() });
                    } else {
                        is_plan_full = true;
                    }
                }
                TIMESTAMP if found.size <= 8 => {
                    let time = unsigned(&walk.body(&found)?);
                    if let Some(cluster) = clusters.last_mut() {
                        cluster.time = time;
                    }
                }
                SIMPLE_BLOCK | BLOCK_GROUP => {
                    let number = tracks.as_ref().map(|(track, _)| track.number);
                    if let Some(cluster) = clusters.last_mut().filter(|_| found.end() <= len) {
                        let bytes = walk.peek(&found, 32)?;
                        let block = match found.id {
                            SIMPLE_BLOCK => Some(&bytes[..]),
                            _ => {
                                elements(&bytes).find(|(id, _)| *id == BLOCK).map(|(_, body)| body)
                            }
                        };
                        if let Some((track, time)) = block.and_then(block_head)
                            && Some(track) == number
                        {
                            let time = cluster.time.saturating_add_signed(time.into());
                            first_time = first_time.or(Some(time));
                            blocks += 1;
                        }
                        let range = found.at..found.end();
                        match cluster.blocks.last_mut() {
                            Some(last) if last.end == range.start => last.end = range.end,
                            _ if ranges < MOST_PARTS => {
                                ranges += 1;
                                cluster.blocks.push(range);
                            }
                            _ => is_plan_full = true,
                        }
                    }
                    walk.skip(&found);
                }
                _ => walk.skip(&found),
            }
        }
        clusters.retain(|cluster| !cluster.blocks.is_empty());
        #[allow(clippy::cast_precision_loss)] // far from 2^53
        let in_seconds = |units: f64| units * scale as f64 / 1e9;
        Ok(tracks.map(|(track, tracks)| Self {
            track,
            tracks,
            scale,
            duration: duration.map(in_seconds),
            has_cues,
            is_whole,
            clusters,
            first_time: first_time.unwrap_or(0),
            blocks,
            is_plan_full,
            first_cluster: first_cluster.unwrap_or(0),
        }))
    }
}

/// The first sound track in the body of the tracks' element.
fn sound_track(body: &[u8]) -> Option<Track> {
    let mut found = None;
    for (_, entry) in elements(body).filter(|(id, _)| *id == 0xae) {
        let (mut kind, mut codec, mut private, mut delay) = (0, Codec::Unknown, Vec::new(), 0);
        let (mut number, mut rate, mut channels) = (0, 8_000.0, 1);
        for (id, body) in elements(entry) {
            match id {
                0xd7 => number = unsigned(body),
                0x83 => kind = unsigned(body),
                0x86 => codec = Codec::of(body.trim_ascii_end()),
                0x63a2 => private = body.to_vec(),
                0x56aa => delay = unsigned(body),
                0xe1 => {
                    for (id, body) in elements(body) {
                        match id {
                            0xb5 => rate = float(body).unwrap_or(rate),
                            0x9f => channels = unsigned(body),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        if kind != 2 || found.is_some() {
            continue;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
        let mut sample_rate = rate as u32;
        if codec == Codec::Opus {
            sample_rate = super::opus::RATE;
            // Its own head knows better than some writers' container.
            let pre_skip = crate::bytes::le16(&private, 10).map_or(0, u64::from);
            delay = pre_skip * 1_000_000_000 / u64::from(sample_rate);
        }
        if codec == Codec::Aac && private.len() < 2 {
            // Some writers leave the configuration out, and say all in the track.
            let index = AAC_RATES.iter().position(|rate| *rate == sample_rate).unwrap_or(11);
            let bits =
                2 << 11 | (index & 15) << 7 | (usize::try_from(channels).unwrap_or(1) & 15) << 3;
            private = u16::try_from(bits).unwrap_or_default().to_be_bytes().to_vec();
        }
        let spec = SignalSpec { sample_rate, channels: channels.try_into().unwrap_or(u16::MAX) };
        found = Some(Track { number, codec, private, spec, delay });
    }
    found
}

/// The head of a block: its track and its time in the cluster.
fn block_head(block: &[u8]) -> Option<(u64, i16)> {
    let (track, width) = ebml::vint(block)?;
    Some((track, i16::from_be_bytes(crate::bytes::array(block, width)?)))
}

/// An element that was found.
struct Found {
    id: u32,
    at: u64,
    head: usize,
    size: u64,
}

impl Found {
    fn end(&self) -> u64 {
        self.at.saturating_add(self.head as u64).saturating_add(self.size)
    }
}

/// Goes from element to element; into segments and clusters.
struct Walk<'a, R> {
    window: Window<'a, R>,
}

impl<R: Read + Seek> Walk<'_, R> {
    /// The next element. The window then stands behind its head.
    fn next(&mut self) -> io::Result<Option<Found>> {
        loop {
            self.window.fill(ELEMENT)?;
            let bytes = self.window.bytes();
            if bytes.is_empty() {
                return Ok(None);
            }
            let at = self.window.at();
            if let Some((id, size, head)) = ebml::head(bytes)
                && is_known(id)
                && (size != UNKNOWN || matches!(id, SEGMENT | CLUSTER))
            {
                self.window.skip(head as u64);
                return Ok(Some(Found { id, at, head, size }));
            }
            // Damage: the next cluster is where it goes on.
            self.window.fill(1 << 16)?;
            let bytes = self.window.bytes();
            let next = bytes[1..].windows(4).position(|four| four == CLUSTER.to_be_bytes());
            let skip = next.map_or(bytes.len().saturating_sub(3).max(1), |at| at + 1);
            self.window.skip(skip as u64);
        }
    }

    fn skip(&mut self, found: &Found) {
        self.window.skip(found.size);
    }

    fn body(&mut self, found: &Found) -> io::Result<Vec<u8>> {
        let size = usize::try_from(found.size).unwrap_or(usize::MAX);
        self.window.fill(size)?;
        Ok(self.window.take(size).to_vec())
    }

    fn peek(&mut self, found: &Found, bytes: usize) -> io::Result<Vec<u8>> {
        let size = usize::try_from(found.size).unwrap_or(usize::MAX).min(bytes);
        self.window.fill(size)?;
        let bytes = self.window.bytes();
        Ok(bytes[..size.min(bytes.len())].to_vec())
    }
}

/// Whether an element of this name may stand in a segment or a cluster.
fn is_known(id: u32) -> bool {
    matches!(
        id,
        EBML | SEGMENT
            | INFO
            | TRACKS
            | CLUSTER
            | CUES
            | TIMESTAMP
            | SIMPLE_BLOCK
            | BLOCK_GROUP
            | 0xec // Void
            | 0xbf // CRC-32
            | 0xa7 // Position
            | 0xab // PrevSize
            | 0x5854 // SilentTracks
            | 0xaf // EncryptedBlock
            | 0x114d_9b74 // SeekHead
            | 0x1254_c367 // Tags
            | 0x1043_a770 // Chapters
            | 0x1941_a469 // Attachments
    )
}

/// The packets of the sound track, with their times.
pub(super) struct Blocks<'a, R> {
    walk: Walk<'a, R>,
    number: u64,
    cluster: u64,
    ready: VecDeque<Vec<u8>>,
    /// What the last packet of the block has too much, in nanoseconds.
    discard: u64,
    time: u64,
    len: u64,
}

impl<'a, R: Read + Seek> Blocks<'a, R> {
    pub(super) fn new(survey: &Survey, source: &'a mut Source<R>) -> Self {
        let len = source.len();
        Self {
            walk: Walk { window: Window::new(source, survey.first_cluster, len) },
            number: survey.track.number,
            cluster: 0,
            ready: VecDeque::new(),
            discard: 0,
            time: 0,
            len,
        }
    }

    /// Puts the next packet into `packet`; says when it plays. Packets of one block have one time.
    pub(super) fn next(&mut self, packet: &mut Vec<u8>) -> io::Result<Option<u64>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                *packet = ready;
                return Ok(Some(self.time));
            }
            let Some(found) = self.walk.next()? else { return Ok(None) };
            match found.id {
                SEGMENT | CLUSTER => {}
                TIMESTAMP if found.size <= 8 => self.cluster = unsigned(&self.walk.body(&found)?),
                SIMPLE_BLOCK | BLOCK_GROUP
                    if found.end() <= self.len && found.size <= MOST_BLOCK as u64 =>
                {
                    let body = self.walk.body(&found)?;
                    let block = match found.id {
                        SIMPLE_BLOCK => Some(&body[..]),
                        _ => elements(&body).find(|(id, _)| *id == BLOCK).map(|(_, body)| body),
                    };
                    self.discard = match found.id {
                        SIMPLE_BLOCK => 0,
                        _ => elements(&body)
                            .find(|(id, _)| *id == DISCARD_PADDING)
                            .map_or(0, |(_, body)| unsigned(body)),
                    };
                    if let Some(block) = block {
                        self.add(block);
                    }
                }
                _ => self.walk.skip(&found),
            }
        }
    }

    /// What the packet that came last has too much, in nanoseconds.
    pub(super) fn discard(&self) -> u64 {
        if self.ready.is_empty() { self.discard } else { 0 }
    }

    fn add(&mut self, block: &[u8]) {
        let Some((track, time)) = block_head(block) else { return };
        let Some((_, width)) = ebml::vint(block) else { return };
        if track != self.number {
            return;
        }
        self.time = self.cluster.saturating_add_signed(time.into());
        let Some(flags) = block.get(width + 2) else { return };
        let body = block.get(width + 3..).unwrap_or_default();
        if let Some(frames) = laced(flags >> 1 & 3, body) {
            self.ready.extend(frames.into_iter().map(<[u8]>::to_vec));
        }
    }
}

/// The frames of a block (RFC 9559, 10.3): one, or several behind a list of their sizes.
fn laced(lacing: u8, body: &[u8]) -> Option<Vec<&[u8]>> {
    if lacing == 0 {
        return Some(vec![body]);
    }
    let count = usize::from(*body.first()?) + 1;
    let mut at = 1;
    let mut sizes = Vec::new();
    match lacing {
        1 => {
            for _ in 1..count {
                let mut size = 0;
                loop {
                    let byte = *body.get(at)?;
                    at += 1;
                    size += usize::from(byte);
                    if byte < 255 {
                        break;
                    }
                }
                sizes.push(size);
            }
        }
        2 => sizes = vec![(body.len() - 1) / count; count - 1],
        _ => {
            let mut size = 0_i64;
            for index in 1..count {
                let (value, width) = ebml::vint(body.get(at..)?)?;
                at += width;
                let value = i64::try_from(value).ok()?;
                // Differences are signed, around the middle of what their width holds.
                size = match index {
                    1 => value,
                    _ => size + value - ((1 << (7 * width - 1)) - 1),
                };
                sizes.push(usize::try_from(size).ok()?);
            }
        }
    }
    let mut frames = Vec::new();
    for size in sizes {
        frames.push(body.get(at..at + size)?);
        at += size;
    }
    frames.push(body.get(at..)?);
    Some(frames)
}
