//! Analyzes a recording once: what it is, how long it plays, its waveform, and what browsers can be
//! served. To be called where a thread may block.
//!
//! Memory does not grow with the recording beyond the bounds in the crate's documentation, nor with
//! what it claims; whatever its bytes are, the analysis ends or can be cancelled. (A decoder's panic
//! is the caller's to catch.)

use std::{
    fmt,
    io::{self, Read, Seek},
};

use crate::{
    AudioType, CancelFlag,
    analyzer::{Measured, seconds},
    container::{adts, amr, flac, matroska, mp4, mpeg, ogg},
    input::{Guard, Source, Trouble},
    layout::{Coding, Layout, NoLayout},
    output::Output,
    recognize::{HEAD, Kind, recognize},
    samples, symphonia_file,
};

/// A container and the codec in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The type of the file.
    pub container: AudioType,
    /// What people call the codec.
    pub codec: &'static str,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { container, codec } = self;
        match (container, container.name() == *codec) {
            (_, true) => f.write_str(codec),
            (AudioType::Headless, _) => write!(f, "{codec} without a head"),
            _ => write!(f, "{codec} in {}", container.name()),
        }
    }
}

/// How long a recording plays, and what is known of its sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    /// How long it plays, in seconds, where known.
    pub duration_seconds: Option<f64>,
    /// How many channels it has, where known.
    pub channels: Option<u16>,
    /// What is missing of it.
    pub damage: Option<Damage>,
}

/// Less was decoded than the recording should have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damage {
    /// How long the recording should be, in seconds.
    pub expected_seconds: f64,
    /// How much of it could be decoded, in seconds.
    pub decoded_seconds: f64,
    /// The end is missing: the head promises more than came. Else silence stands in for damaged
    /// parts.
    pub is_cut_off: bool,
}

impl Damage {
    /// Of a recording that was measured, and whose head promises so many seconds if it is cut off.
    pub(crate) fn of(measured: &Measured, promised: Option<f64>) -> Option<Self> {
        let decoded = measured.frames - measured.damaged;
        let decoded_seconds = seconds(decoded, measured.spec.sample_rate);
        match promised {
            Some(expected_seconds) if expected_seconds > measured.seconds() => {
                Some(Self { expected_seconds, decoded_seconds, is_cut_off: true })
            }
            _ if measured.damaged > 0 => {
                let expected_seconds = measured.seconds();
                Some(Self { expected_seconds, decoded_seconds, is_cut_off: false })
            }
            _ => None,
        }
    }
}

/// What browsers are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// The source as it came; it is of this type.
    AsItCame(AudioType),
    /// What the output took: the same sound data under a new head. It is of this type.
    Rewritten(AudioType),
    /// What the output took: 16-bit PCM WAV.
    Converted,
    /// Nothing: the recording can be kept, but no browser plays it, and this library does not
    /// decode it.
    Stored,
    /// Nothing: the recording has a head and no sound.
    Empty,
}

/// What was found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// What came.
    pub format: Format,
    /// What browsers are served.
    pub serving: Serving,
    /// How long and how wide.
    pub facts: Facts,
    /// The waveform ([`crate::Peaks::to_dat`]), where the recording could be decoded and is not
    /// empty.
    pub peaks: Option<Vec<u8>>,
}

impl Analysis {
    /// The type of what is served; nothing where nothing is.
    pub fn served(&self) -> Option<AudioType> {
        match self.serving {
            Serving::AsItCame(kind) | Serving::Rewritten(kind) => Some(kind),
            Serving::Converted => Some(AudioType::Wav),
            Serving::Stored | Serving::Empty => None,
        }
    }

    /// Whether some browsers in use play only [`crate::to_wav`]'s form of what is served: Ogg and
    /// `WebM`.
    pub fn wants_wav(&self) -> bool {
        let is_open = matches!(self.served(), Some(AudioType::Ogg | AudioType::WebM));
        is_open && self.peaks.is_some()
    }
}

/// Why a recording could not be analyzed.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// It is not audio, or audio that is broken. The text says what came.
    #[error("{0}")]
    Rejected(String),
    /// It could not be read.
    #[error("cannot read: {0}")]
    Storage(io::Error),
    /// The output failed.
    #[error("cannot write: {0}")]
    Output(io::Error),
    /// It was cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl AnalysisError {
    pub(crate) fn nothing() -> Self {
        Self::Rejected("nothing in the recording could be decoded".to_owned())
    }

    pub(crate) fn broken(why: &str) -> Self {
        Self::Rejected(format!("the recording can't be played: {why}"))
    }

    /// Why a read failed.
    pub(crate) fn of(guard: &Guard) -> Self {
        match guard.trouble() {
            Some(Trouble::Cancelled) => Self::Cancelled,
            Some(Trouble::Storage(error)) => Self::Storage(error),
            Some(Trouble::TooMuch) | None => Self::nothing(),
        }
    }
}

/// Analyzes the `len` bytes of `source`. `media_type` is what the sender called them: it decides
/// only where the bytes have no head. `output` takes what is served in the source's place, if
/// anything is.
pub fn analyze<R: Read + Seek + Send>(
    source: R,
    len: u64,
    media_type: Option<&str>,
    cancel: &CancelFlag,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    run(source, len, media_type, false, cancel, output)
}

/// Converts a recording to 16-bit PCM WAV, for browsers that do not play what is served
/// ([`Analysis::wants_wav`]): Ogg and `WebM`. The waveform stays that of the analysis.
pub fn to_wav<R: Read + Seek + Send>(
    source: R,
    len: u64,
    cancel: &CancelFlag,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    run(source, len, None, true, cancel, output)
}

fn run<R: Read + Seek + Send>(
    source: R,
    len: u64,
    media_type: Option<&str>,
    as_wav: bool,
    cancel: &CancelFlag,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let guard = Guard::new(cancel);
    let mut source = Source::new(source, len, guard.clone());
    let (kind, start) = find(&mut source, media_type).map_err(|error| match error {
        Some(error) => error,
        None => AnalysisError::of(&guard),
    })?;
    dispatch(kind, start, as_wav, &mut source, &guard, output)
}

/// Recognizes the recording, and behind tags that are longer than the head too.
fn find<R: Read + Seek>(
    source: &mut Source<R>,
    media_type: Option<&str>,
) -> Result<(Kind, u64), Option<AnalysisError>> {
    let mut from = 0;
    for _ in 0..MOST_TAGS {
        let head = source.read_at(from, HEAD).map_err(|_| None)?;
        let found = recognize(&head, media_type)
            .map_err(|what| Some(AnalysisError::Rejected(what.to_string())))?;
        // An ID3 tag may be longer than what was read, and stand before other things than MP3.
        let tag = mpeg::id3_length(&head).unwrap_or_default() as u64;
        if found.kind != Kind::File(AudioType::Mpeg)
            || tag <= found.start
            || from + tag >= source.len()
        {
            return Ok((found.kind, from + found.start));
        }
        from += tag;
        let behind = source.read_at(from, HEAD).map_err(|_| None)?;
        if recognize(&behind, None).is_err() {
            return Ok((found.kind, from));
        }
    }
    Ok((Kind::File(AudioType::Mpeg), from))
}

/// Tags in a row that are passed over.
const MOST_TAGS: usize = 8;

fn dispatch<R: Read + Seek + Send>(
    kind: Kind,
    start: u64,
    as_wav: bool,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    let kind = match kind {
        Kind::File(kind) => kind,
        Kind::Headless(headless) => {
            let layout = headless.layout(source.len());
            return samples::analyze(AudioType::Headless, &layout, source, guard, output);
        }
    };
    match Layout::read(kind, source, start) {
        Some(Ok(Layout { coding: Coding::Stream(inner), data, .. })) => {
            let (start, end) = (data.start, data.end);
            return stream(inner, start..end, source, guard, output);
        }
        Some(Ok(layout)) => return samples::analyze(kind, &layout, source, guard, output),
        Some(Err(NoLayout::Empty)) => {
            let format = Format { container: kind, codec: kind.name() };
            let facts = Facts { duration_seconds: Some(0.0), ..Facts::default() };
            return Ok(Analysis { format, serving: Serving::Empty, facts, peaks: None });
        }
        Some(Err(NoLayout::Broken(why))) => return Err(AnalysisError::broken(why)),
        Some(Err(NoLayout::Unread)) => return Err(AnalysisError::of(guard)),
        None => {}
    }
    let all = start..source.len();
    match kind {
        AudioType::Mpeg | AudioType::Aac => stream(kind, all, source, guard, output),
        AudioType::Mp4 | AudioType::ThreeGpp => mp4::analyze(kind, start, source, guard, output),
        AudioType::Ogg => ogg::analyze(start, as_wav, source, guard, output),
        AudioType::WebM | AudioType::Matroska => {
            matroska::analyze(kind, as_wav, source, guard, output)
        }
        AudioType::Amr | AudioType::AmrWb => amr::analyze(kind, start, source, guard, output),
        AudioType::Flac => flac::analyze(start, source, guard, output),
        _ => symphonia_file::analyze(kind, start, source, guard, output),
    }
}

/// Frames that delimit themselves, in a file of their own or in another.
fn stream<R: Read + Seek + Send>(
    kind: AudioType,
    data: std::ops::Range<u64>,
    source: &mut Source<R>,
    guard: &Guard,
    output: Output<'_>,
) -> Result<Analysis, AnalysisError> {
    match kind {
        AudioType::Aac => adts::analyze(data, source, guard, output),
        _ => mpeg::analyze(data, source, guard, output),
    }
}
