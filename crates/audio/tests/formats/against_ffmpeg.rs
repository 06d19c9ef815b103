//! Lengths, channels and waveforms against ffmpeg's decode of the same file, and ffmpeg's decode of what
//! is served against that of what came. Left out, and said so, where the machine has no ffmpeg.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use audio::{Peaks, Serving};

use crate::support::{analyze_as, to_wav};

/// A sweep on the left that stops every other two seconds, two tones on the right.
const SOUND: &str = "aevalsrc=0.3*sin(2*PI*(200*t+20*t*t))*between(mod(t\\,4)\\,0\\,2)\
    |0.2*sin(2*PI*440*t)+0.1*sin(2*PI*660*t):s=48000:d=13.3";
/// Files that ffmpeg writes: name, media type, options, and how many seconds the decoders may differ.
#[rustfmt::skip]
const FILES: &[(&str, &str, &str, f64)] = &[
    ("u8.wav", "audio/wav", "-ac 1 -ar 8000 -c:a pcm_u8", 0.0),
    ("s24.wav", "audio/wav", "-ac 2 -ar 44100 -c:a pcm_s24le", 0.0),
    ("s32.wav", "audio/wav", "-ac 2 -ar 8000 -c:a pcm_s32le", 0.0),
    ("float.wav", "audio/wav", "-ac 1 -ar 16000 -c:a pcm_f32le", 0.0),
    ("double.wav", "audio/wav", "-ac 2 -ar 16000 -c:a pcm_f64le", 0.0),
    ("rf64.wav", "audio/wav", "-ac 1 -ar 8000 -c:a pcm_s16le -rf64 always", 0.0),
    ("gsm.wav", "audio/wav", "-ac 1 -ar 8000 -c:a libgsm_ms", 0.0),
    ("g726.wav", "audio/wav", "-ac 1 -ar 8000 -c:a g726 -b:a 32k", 0.001), // ffmpeg strays from ITU-T's vectors
    ("headless.g722", "audio/G722", "-ac 1 -ar 16000 -c:a g722 -f g722", 0.0),
    ("headless.ul", "audio/basic", "-ac 1 -ar 8000 -c:a pcm_mulaw -f mulaw", 0.0),
    ("sound.au", "audio/basic", "-ac 2 -ar 8000 -c:a pcm_s16be", 0.0),
    ("sound.aiff", "audio/aiff", "-ac 2 -ar 44100 -c:a pcm_s24be", 0.0),
    ("sound.caf", "audio/x-caf", "-ac 2 -ar 44100 -c:a pcm_s16le", 0.0),
    ("constant.mp3", "audio/mpeg", "-ac 1 -ar 8000 -c:a libmp3lame -b:a 16k -write_xing 0", 0.0),
    ("varying.mp3", "audio/mpeg", "-ac 1 -ar 8000 -c:a libmp3lame -q:a 6", 0.0),
    ("stereo.mp3", "audio/mpeg", "-ac 2 -ar 44100 -c:a libmp3lame -q:a 4", 0.0),
    ("unsaid.mp3", "audio/mpeg", "-ac 2 -ar 22050 -c:a libmp3lame -q:a 6 -write_xing 0", 0.0),
    ("joint.mp3", "audio/mpeg", "-ac 2 -ar 48000 -c:a libmp3lame -b:a 96k", 0.0),
    ("layer2.mp2", "audio/mpeg", "-ac 2 -ar 44100 -c:a mp2 -b:a 128k -f mp2", 0.0),
    ("last.m4a", "audio/mp4", "-ac 2 -ar 44100 -c:a aac -b:a 64k", 0.03),
    ("first.m4a", "audio/mp4", "-ac 1 -ar 8000 -c:a aac -b:a 16k -movflags +faststart", 0.15),
    ("pieces.m4a", "audio/mp4", "-ac 1 -ar 16000 -c:a aac -b:a 24k -movflags frag_keyframe+empty_moov -frag_duration 500000", 0.15),
    ("lossless.m4a", "audio/mp4", "-ac 2 -ar 44100 -c:a alac", 0.0),
    ("pcm.mov", "video/quicktime", "-ac 2 -ar 8000 -c:a pcm_s16be", 0.0),
    ("law.mov", "video/quicktime", "-ac 1 -ar 8000 -c:a pcm_mulaw", 0.0),
    ("sound.aac", "audio/aac", "-ac 1 -ar 16000 -c:a aac -b:a 24k", 0.15),
    ("sound.flac", "audio/flac", "-ac 2 -ar 16000 -c:a flac", 0.0),
    ("opus.ogg", "audio/ogg", "-ac 1 -c:a libopus -b:a 16k", 0.0),
    ("vorbis.ogg", "audio/ogg", "-ac 2 -ar 44100 -c:a libvorbis", 0.0),
    ("flac.ogg", "audio/ogg", "-ac 1 -ar 8000 -c:a flac -f ogg", 0.0),
    ("opus.webm", "audio/webm", "-ac 2 -c:a libopus -b:a 24k", 0.01),
    ("live.webm", "audio/webm", "-ac 1 -c:a libopus -b:a 16k -live 1 -cluster_time_limit 1000", 0.01),
    ("vorbis.webm", "audio/webm", "-ac 1 -ar 16000 -c:a libvorbis", 0.02),
    ("aac.mka", "audio/x-matroska", "-ac 1 -ar 16000 -c:a aac", 0.15),
];

fn program() -> String {
    std::env::var("TAPEDECK_TEST_FFMPEG").unwrap_or_else(|_| "ffmpeg".to_owned())
}

fn has_ffmpeg(test: &str) -> bool {
    let found = Command::new(program()).arg("-version").output().is_ok();
    if !found {
        // Past libtest's capture: `cargo xtask test` counts these lines, and fails.
        let _ = std::io::Write::write_fmt(
            &mut std::io::stdout(),
            format_args!("skipped: {test}: ffmpeg is not installed\n"),
        );
    }
    found
}

fn ffmpeg(arguments: &[&str]) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program());
    command.args(["-v", "error", "-nostdin", "-y"]).args(arguments).stdin(Stdio::null());
    let output = command.output().unwrap();
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// What ffmpeg decodes: samples in turn.
fn decode(options: &[&str], path: &Path) -> Vec<i16> {
    let path = path.to_str().unwrap();
    let bytes = ffmpeg(&[options, &["-i", path, "-f", "s16le", "-"]].concat()).unwrap();
    bytes.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect()
}

fn field(dat: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(dat[at..at + 4].try_into().unwrap())
}

#[test]
fn lengths_and_waveforms_are_those_of_ffmpegs_decode() {
    if !has_ffmpeg("lengths_and_waveforms_are_those_of_ffmpegs_decode") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut tried = 0;
    for (name, media_type, options, inexact) in FILES {
        let path = folder.path().join(name);
        let encode: Vec<&str> = options.split(' ').collect();
        let all = [&["-f", "lavfi", "-i", SOUND], &encode[..], &[path.to_str().unwrap()]].concat();
        if let Err(error) = ffmpeg(&all) {
            eprintln!("skipped: {name}: {error}");
            continue;
        }
        tried += 1;
        let came = std::fs::read(&path).unwrap();
        let analyzed = analyze_as(&came, Some(media_type)).unwrap();
        let facts = analyzed.analysis.facts;
        let dat = analyzed.analysis.peaks.as_deref().unwrap();
        let (rate, channels) = (field(dat, 8), field(dat, 20));
        let reading: &[&str] = match *name {
            "headless.ul" => &["-f", "mulaw", "-ar", "8000"],
            // ffmpeg's own decoder of Opus resamples in another way than libopus.
            name if name.starts_with("opus") || name == "live.webm" => &["-c:a", "libopus"],
            _ => &[],
        };
        let theirs = decode(reading, &path);
        // Length, to a hundredth of a second where both know the encoder's delay.
        let seconds = theirs.len() as f64 / f64::from(channels) / f64::from(rate);
        let found = facts.duration_seconds.unwrap();
        assert!((found - seconds).abs() <= inexact + 0.005, "{name}: {found} and not {seconds}");
        assert_eq!(facts.channels.map(u32::from), Some(channels), "{name}");
        assert_eq!(facts.damage, None, "{name}");
        // The waveform, to one step.
        let mut peaks = Peaks::new(channels as usize);
        peaks.add(&theirs);
        let expected = peaks.to_dat(rate).unwrap();
        if *inexact == 0.0 {
            assert_eq!(dat[..20], expected[..20], "{name}");
            let steps = dat[24..].iter().zip(&expected[24..]);
            let most = steps.map(|(a, b)| a.cast_signed().abs_diff(b.cast_signed())).max();
            assert!(most <= Some(1), "{name}: {most:?} steps");
        }
        // What is served decodes to the same.
        if analyzed.analysis.serving != Serving::Stored {
            let served = folder.path().join("served");
            std::fs::write(&served, analyzed.served(&came)).unwrap();
            let ours = decode(&[], &served);
            let differ = (ours.len().abs_diff(theirs.len())) as f64 / f64::from(channels);
            let differ = differ / f64::from(rate);
            assert!(differ <= inexact + 0.005, "{name}: served differs by {differ} s");
        }
        if analyzed.analysis.wants_wav() {
            std::fs::write(&path, to_wav(&came)).unwrap();
            let ours = decode(&[], &path);
            let differ = ours.len().abs_diff(theirs.len()) as f64;
            assert!(differ <= 0.02 * f64::from(rate * channels), "{name} as WAV: {differ}");
        }
    }
    assert!(tried > 15, "ffmpeg encodes only {tried} of the files");
}

#[test]
fn a_varying_bitrate_becomes_a_constant_one_with_the_same_samples() {
    if !has_ffmpeg("a_varying_bitrate_becomes_a_constant_one_with_the_same_samples") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for options in ["-ac 1 -ar 8000", "-ac 2 -ar 22050", "-ac 2 -ar 44100", "-ac 1 -ar 48000"] {
        let path = folder.path().join("varying.mp3");
        let encode: Vec<&str> = options.split(' ').collect();
        let lame = ["-c:a", "libmp3lame", "-q:a", "5", "-write_xing", "0", "-id3v2_version", "0"];
        let to = [path.to_str().unwrap()];
        if ffmpeg(&[&["-f", "lavfi", "-i", SOUND], &encode[..], &lame, &to].concat()).is_err() {
            eprintln!("skipped: ffmpeg has no libmp3lame");
            return;
        }
        let came = std::fs::read(&path).unwrap();
        let analyzed = analyze_as(&came, Some("audio/mpeg")).unwrap();
        let served = folder.path().join("served.mp3");
        std::fs::write(&served, analyzed.output.unwrap()).unwrap();
        assert!(decode(&[], &served) == decode(&[], &path), "{options}");
    }
}
