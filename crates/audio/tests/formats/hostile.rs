//! Recordings that are cut off, damaged, or lie. Whatever the bytes, the analysis ends, panics nowhere,
//! and its facts agree with each other.
//!
//! A longer search: `TAPEDECK_FUZZ=100000 cargo test -p audio hostile`, with as many cases as it
//! says; what is found is printed in hexadecimal.

use std::{
    io::{self, Read, Seek, SeekFrom},
    time::{Duration, Instant},
};

use audio::{AnalysisError, CancelFlag, analyze as analyze_file, is_whole_dat};
use proptest::prelude::*;

use crate::support::{Analyzed, Wav, analyze, fixture};

const FIXTURES: [&str; 16] = [
    "tone.mp3",
    "tone.m4a",
    "tone.aac",
    "tone.flac",
    "tone.webm",
    "tone-flac.ogg",
    "tone-opus.ogg",
    "tone-vorbis.ogg",
    "tone-mulaw.wav",
    "tone-alaw.wav",
    "tone-ima.wav",
    "tone-ms.wav",
    "field/qt-last.mov",
    "field/fragmented.m4a",
    "field/live.webm",
    "field/speech.amr",
];

fn config() -> ProptestConfig {
    let cases = std::env::var("TAPEDECK_FUZZ").map_or(400, |cases| cases.parse().unwrap());
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Analyzes it, and checks what is said of it.
fn check(recording: &[u8]) {
    let began = Instant::now();
    match analyze(recording) {
        Ok(Analyzed { analysis, output }) => {
            if let Some(seconds) = analysis.facts.duration_seconds {
                assert!((0.0..=48.0 * 3_600.0).contains(&seconds), "{seconds}");
            }
            assert_ne!(analysis.facts.channels, Some(0));
            assert!(analysis.peaks.is_none_or(|dat| is_whole_dat(&dat) && dat.len() < 512 * 1024));
            if let Some(wav) = output.filter(|output| output.starts_with(b"RIFF")) {
                let riff = u32::from_le_bytes(wav[4..8].try_into().unwrap()) as usize;
                assert_eq!(riff, wav.len() - 8, "the head says what follows");
            }
        }
        Err(AnalysisError::Rejected(reason)) => assert!(!reason.is_empty()),
        Err(error) => panic!("nothing but the recording can be at fault, not {error:?}"),
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn recordings_may_be_cut_off_anywhere() {
    for name in FIXTURES {
        let whole = fixture(name);
        // Everywhere in the head, where lengths are; in the sound, here and there.
        let sound = (700..whole.len()).step_by(97);
        for end in (0..whole.len().min(700)).chain(sound) {
            check(&whole[..end]);
        }
    }
}

/// Numbers that lie well.
const LIES: [u8; 7] = [0, 1, 0x7f, 0x80, 0xfe, 0xff, 0x10];

proptest! {
    #![proptest_config(config())]
    #[test]
    fn recordings_may_be_damaged_anywhere(
        name in prop::sample::select(&FIXTURES[..]),
        // Most damage is done near the beginning, where the structure is.
        places in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..8),
        values in prop::collection::vec((any::<u8>(), 1_usize..5), 8),
        lie in any::<bool>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut recording = fixture(name);
        for ((in_head, place), (value, width)) in places.iter().zip(values) {
            let within = if *in_head { recording.len().min(256) } else { recording.len() };
            let value = if lie { LIES[usize::from(value) % LIES.len()] } else { value };
            let at = place.index(within);
            let to = (at + width).min(recording.len());
            recording[at..to].fill(value);
        }
        if let Some(cut) = cut {
            recording.truncate(cut.index(recording.len()));
        }
        check(&recording);
    }

    #[test]
    fn parts_of_one_kind_may_stand_in_another(
        name in prop::sample::select(&FIXTURES[..]),
        other in prop::sample::select(&FIXTURES[..]),
        at in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
    ) {
        let (mut recording, other) = (fixture(name), fixture(other));
        recording.truncate(at.index(recording.len()));
        recording.extend(&other[from.index(other.len())..]);
        check(&recording);
    }

    #[test]
    fn any_bytes_may_follow_a_head(
        name in prop::sample::select(&FIXTURES[..]),
        head in 0_usize..200,
        rest in prop::collection::vec(any::<u8>(), 0..3_000),
    ) {
        let mut recording = fixture(name);
        recording.truncate(head);
        recording.extend(rest);
        check(&recording);
    }

    #[test]
    fn a_wav_may_claim_anything(
        tag in prop::sample::select(vec![1_u16, 2, 3, 6, 7, 0x11, 0x31, 0x45, 0x55, 0x65, 0x83, 0xff, 0xfffe]),
        channels in prop_oneof![0_u16..20, any::<u16>()],
        rate in prop_oneof![Just(8_000_u32), 0..10_u32, any::<u32>()],
        block in prop_oneof![0_u16..600, any::<u16>()],
        bits in prop_oneof![Just(4_u16), Just(8), Just(16), Just(24), Just(64), any::<u16>()],
        claimed in any::<u32>(),
        data in prop::collection::vec(any::<u8>(), 0..3_000),
    ) {
        check(&Wav { tag, channels, rate, block, bits }.claiming(claimed, &data));
    }
}

#[test]
fn a_tiny_file_may_claim_billions_of_samples() {
    for wav in [Wav::PCM, Wav::MULAW] {
        let seconds = analyze(&wav.claiming(u32::MAX - 100, &[0x55; 800])).unwrap().seconds();
        assert!(seconds <= 0.1, "{seconds}");
    }
    // The MP4's table of sample sizes: as many as can be said, all of one size.
    let mut mp4 = fixture("tone.m4a");
    let stsz = mp4.windows(4).position(|name| name == b"stsz").unwrap();
    for size in [1_u32, 0x7fff_ffff] {
        mp4[stsz + 8..stsz + 12].copy_from_slice(&size.to_be_bytes());
        mp4[stsz + 12..stsz + 16].fill(0xff);
        check(&mp4);
    }
}

/// A file that goes on for ever: one beginning, then the same again and again.
struct Endless {
    head: Vec<u8>,
    again: Vec<u8>,
    len: u64,
    at: u64,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len - self.at).unwrap_or(usize::MAX);
        let rest = match usize::try_from(self.at) {
            Ok(at) if at < self.head.len() => &self.head[at..],
            _ => {
                let behind = self.at - self.head.len() as u64;
                &self.again[usize::try_from(behind % self.again.len() as u64).unwrap()..]
            }
        };
        let read = rest.len().min(into.len()).min(left);
        into[..read].copy_from_slice(&rest[..read]);
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            other => panic!("never asked for {other:?}"),
        };
        Ok(self.at)
    }
}

/// A FLAC frame of silence (RFC 9639): 65,535 frames of one channel in 14 bytes.
fn silent_flac() -> Endless {
    let mut info = vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
    // 100 Hz, one channel, 16 bits: a day is over sooner than at 8 kHz.
    info.extend([0x00, 0x06, 0x40, 0xf0, 0, 0, 0, 0]);
    info.extend([0; 16]);
    let head = [b"fLaC\x80\0\0\x22".as_slice(), &info].concat();
    // Variable block sizes would need a counter; the frame number is not checked to grow.
    let mut frame = vec![0xff, 0xf8, 0x70, 0x08, 0x00, 0xff, 0xfe];
    frame.push(crc8(&frame));
    frame.extend([0x00, 0x00, 0x00]); // constant, zero
    let crc = crc16(&frame);
    frame.extend(crc.to_be_bytes());
    Endless { head, again: frame, len: 2 << 30, at: 0 }
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 })
    })
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let crc = crc ^ u16::from(*byte) << 8;
        (0..8).fold(crc, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x8005 })
    })
}

#[test]
fn years_of_packed_silence_are_refused() {
    let flac = silent_flac();
    let len = flac.len;
    let cancel = CancelFlag::new();
    let error = analyze_file(flac, len, None, &cancel, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "the recording is longer than 48 hours");
}

#[test]
fn an_analysis_ends_once_it_is_cancelled() {
    let cancel = CancelFlag::new();
    let canceller = cancel.clone();
    let mut pieces = 0;
    let silence = Endless {
        head: Wav::MULAW.claiming(u32::MAX, b""),
        again: vec![0xff; 4_096],
        len: 1 << 30,
        at: 0,
    };
    let analysis = analyze_file(silence, 1 << 30, None, &cancel, &mut |_| {
        pieces += 1;
        if pieces == 3 {
            canceller.cancel();
        }
        Ok(())
    });
    assert!(matches!(analysis, Err(AnalysisError::Cancelled)));
    assert!(pieces < 10, "{pieces}");
}

#[test]
fn a_storage_that_fails_is_not_blamed_on_the_recording() {
    struct Broken(u64);
    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let head = Wav::PCM.claiming(100_000, b"");
            let head = head.get(usize::try_from(self.0).unwrap()..).unwrap_or_default();
            if head.is_empty() {
                return Err(io::Error::other("the disk is gone"));
            }
            let read = head.len().min(into.len());
            into[..read].copy_from_slice(&head[..read]);
            self.0 += read as u64;
            Ok(read)
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let SeekFrom::Start(at) = to else { panic!("never asked for {to:?}") };
            self.0 = at;
            Ok(at)
        }
    }
    let cancel = CancelFlag::new();
    let analysis = analyze_file(Broken(0), 100_044, None, &cancel, &mut |_| Ok(()));
    assert!(matches!(analysis, Err(AnalysisError::Storage(_))), "{analysis:?}");
}
