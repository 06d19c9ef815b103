//! Reads what telephony systems record, and makes it playable in browsers.
//!
//! [`analyze`] takes a recording of any kind and says what it is, how long it plays, what its waveform
//! looks like, and what to serve: the bytes as they came, the same sound behind a true head, 16-bit
//! PCM WAV, or nothing. [`recognize()`] tells from the first bytes alone whether it is audio.
//!
//! ```
//! use std::io::Cursor;
//!
//! use audio::{CancelFlag, Serving, analyze};
//!
//! // A recorder that was killed never wrote the lengths into its WAV head.
//! let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0".to_vec();
//! wav.resize(44 + 2 * 8_000, 0);
//!
//! let mut served = Vec::new();
//! let len = wav.len() as u64;
//! let analysis = analyze(Cursor::new(wav), len, Some("audio/x-wav"), &CancelFlag::new(), &mut |piece| {
//!     served.extend(piece);
//!     Ok(())
//! })?;
//! assert_eq!(analysis.facts.duration_seconds, Some(1.0));
//! assert!(matches!(analysis.serving, Serving::Rewritten(_)));
//! assert_eq!(served[40..44], 16_000_u32.to_le_bytes());
//! # Ok::<(), audio::AnalysisError>(())
//! ```
//!
//! # Bounds
//! Whatever a recording claims: at most 16 channels, 192 kHz and 48 hours. Memory: 64 MB for the index
//! of an MPEG-4 file and 32 MB for its samples, 16 MB for the plan of a rewritten file, and under
//! 2 MB beside those; the waveform has at most 8,192 points a channel. Time: each byte is read a
//! fixed number of times, and [`CancelFlag`] ends the analysis between two packets.

#![allow(
    clippy::similar_names,
    reason = "codecs and boxes have the names that their standards give"
)]

mod adapter;
mod analysis;
mod analyzer;
mod appearance;
mod audio_type;
mod bytes;
mod cancel;
pub mod codec;
mod conform;
mod container;
mod input;
mod layout;
mod output;
mod pcm;
mod peaks;
mod pipeline;
mod recognize;
mod rewrite;
mod samples;
mod symphonia_file;

pub use analysis::{Analysis, AnalysisError, Damage, Facts, Format, Serving, analyze, to_wav};
pub use audio_type::AudioType;
pub use cancel::{CancelFlag, CancelOnDrop};
pub use output::Output;
pub use peaks::{Peaks, is_whole_dat};
pub use recognize::{HEAD, Recognized, Unrecognized, recognize};
