//! How many seconds of sound a second the analysis of whole files takes, with what is written in their
//! place, beside `ffmpeg -f null` with the same file in the same run: `cargo bench -p audio --bench files`.
//! Ten minutes of two channels each, of ffmpeg's encoders; nothing without ffmpeg.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)] // a program, whose figures are rounded

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use audio::{CancelFlag, analyze};

/// Seconds of sound in a file.
const SECONDS: u32 = 600;
/// Name, media type, ffmpeg's options.
const FILES: [(&str, &str, &str); 13] = [
    ("pcm.wav", "audio/wav", "-ac 2 -ar 8000 -c:a pcm_s16le"),
    ("mulaw.wav", "audio/wav", "-ac 2 -ar 8000 -c:a pcm_mulaw"),
    ("gsm.wav", "audio/wav", "-ac 1 -ar 8000 -c:a libgsm_ms"),
    ("constant.mp3", "audio/mpeg", "-ac 2 -ar 8000 -c:a libmp3lame -b:a 24k"),
    ("varying.mp3", "audio/mpeg", "-ac 2 -ar 44100 -c:a libmp3lame -q:a 5"),
    ("last.m4a", "audio/mp4", "-ac 2 -ar 44100 -c:a aac -b:a 64k"),
    ("pieces.m4a", "audio/mp4", "-ac 2 -ar 16000 -c:a aac -movflags frag_keyframe+empty_moov"),
    ("lossless.m4a", "audio/mp4", "-ac 2 -ar 44100 -c:a alac"),
    ("sound.aac", "audio/aac", "-ac 2 -ar 16000 -c:a aac"),
    ("sound.flac", "audio/flac", "-ac 2 -ar 16000 -c:a flac"),
    ("opus.ogg", "audio/ogg", "-ac 2 -c:a libopus -b:a 32k"),
    ("vorbis.ogg", "audio/ogg", "-ac 2 -ar 44100 -c:a libvorbis"),
    ("live.webm", "audio/webm", "-ac 2 -c:a libopus -b:a 32k -live 1"),
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    println!("{:<16}{:>12}{:>12}{:>12}{:>12}", "file", "bytes", "served", "here", "ffmpeg");
    for (name, media_type, options) in FILES {
        let path = folder.path().join(name);
        if !encode(&path, options) {
            println!("{name:<16} skipped: ffmpeg does not encode it");
            continue;
        }
        let len = fs::metadata(&path).unwrap().len();
        let start = Instant::now();
        let mut served = 0;
        let file = File::open(&path).unwrap();
        analyze(file, len, Some(media_type), &CancelFlag::new(), &mut |piece| {
            served += piece.len();
            Ok(())
        })
        .unwrap();
        let here = f64::from(SECONDS) / start.elapsed().as_secs_f64();
        let start = Instant::now();
        let decoded = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(&path)
            .args(["-f", "null", "-"])
            .stdin(Stdio::null())
            .status();
        let theirs = f64::from(SECONDS) / start.elapsed().as_secs_f64();
        assert!(decoded.unwrap().success());
        println!("{name:<16}{len:>12}{served:>12}{here:>8.0} s/s{theirs:>8.0} s/s");
        fs::remove_file(&path).unwrap();
    }
}

fn encode(path: &Path, options: &str) -> bool {
    let sound = format!(
        "aevalsrc='0.3*sin(2*PI*(300+200*sin(t))*t)|0.3*sin(2*PI*440*t)+0.1*(random(0)-0.5)':s=48000:d={SECONDS}"
    );
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", &sound]);
    command.args(options.split(' ')).arg(path).stdin(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
