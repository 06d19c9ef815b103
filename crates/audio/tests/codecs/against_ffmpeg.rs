//! The decoders against ffmpeg's encoders and decoders, in more settings than fixtures are kept of.
//! Left out, and said so, where the machine has no ffmpeg.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use audio::codec::{Decoder as _, G722Decoder, GsmDecoder, GsmPacking};

use crate::{opus, samples, signal_to_noise};

/// Four seconds of two voices, a sweep and noise, part of it too loud.
const SOUND: &str = "aevalsrc='0.3*sin(2*PI*(120*t+6*sin(5*t)))*between(mod(t,0.9),0.05,0.75)\
    *(1+5*gt(t,3.5))+0.1*(random(0)-0.5)|0.3*sin(2*PI*(200+1500*t)*t)*lt(t,2)\
    +0.3*sin(2*PI*330*t)':s=48000:d=4";

/// ffmpeg, the one on the path or the one that `TAPEDECK_TEST_FFMPEG` names.
fn program() -> Command {
    Command::new(env::var_os("TAPEDECK_TEST_FFMPEG").unwrap_or_else(|| "ffmpeg".into()))
}

fn ffmpeg(arguments: &[&str]) -> Vec<u8> {
    let mut command = program();
    command.args(["-v", "error", "-nostdin", "-y"]).args(arguments).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn has_ffmpeg(test: &str) -> bool {
    let found = program().arg("-version").output().is_ok();
    if !found {
        // Past libtest's capture: `cargo xtask test` counts these lines, and fails.
        let _ = std::io::Write::write_fmt(
            &mut std::io::stdout(),
            format_args!("skipped: {test}: ffmpeg is not installed\n"),
        );
    }
    found
}

/// What ffmpeg encodes and what it decodes of that.
fn there_and_back(
    folder: &Path,
    encode: &[&str],
    name: &str,
    decode: &[&str],
) -> (Vec<u8>, Vec<i16>) {
    let file = folder.join(name);
    let path = file.to_str().unwrap();
    ffmpeg(&[&["-f", "lavfi", "-i", SOUND], encode, &[path]].concat());
    let decoded = ffmpeg(&[decode, &["-i", path, "-f", "s16le", "-"]].concat());
    (std::fs::read(&file).unwrap(), samples(&decoded))
}

#[test]
fn gsm_and_g722_of_loud_sound_are_what_libgsm_and_ffmpeg_decode() {
    if !has_ffmpeg("gsm_and_g722_of_loud_sound_are_what_libgsm_and_ffmpeg_decode") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let encode = ["-ac", "1", "-ar", "8000", "-c:a", "libgsm"];
    let (stream, reference) =
        there_and_back(folder.path(), &encode, "sound.gsm", &["-c:a", "libgsm"]);
    let mut decoded = Vec::new();
    GsmDecoder::new(GsmPacking::Headless).decode(&stream, &mut decoded).unwrap();
    assert!(decoded == reference, "GSM");

    let encode = ["-ac", "1", "-ar", "16000", "-c:a", "g722"];
    let (stream, reference) = there_and_back(folder.path(), &encode, "sound.g722", &[]);
    let mut decoded = Vec::new();
    G722Decoder::new().decode(&stream, &mut decoded).unwrap();
    assert!(decoded == reference, "G.722");
}

#[test]
fn opus_of_every_rate_and_frame_size_is_what_libopus_decodes() {
    if !has_ffmpeg("opus_of_every_rate_and_frame_size_is_what_libopus_decodes") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (rate, application) in [("14k", "voip"), ("40k", "voip"), ("96k", "lowdelay")] {
        for duration in ["2.5", "10", "20", "60"] {
            for channels in ["1", "2"] {
                let encode = [
                    "-ac",
                    channels,
                    "-c:a",
                    "libopus",
                    "-b:a",
                    rate,
                    "-application",
                    application,
                    "-frame_duration",
                    duration,
                ];
                let decode = ["-c:a", "libopus"];
                let (file, reference) =
                    there_and_back(folder.path(), &encode, "sound.opus", &decode);
                let (_, decoded) = opus::decoded(&file);
                // libopus bends what is too loud, where this decoder cuts it off.
                let clean = reference.len() * 3 / 4;
                assert_eq!(decoded.len(), reference.len(), "{encode:?}");
                let ratio = signal_to_noise(&decoded[..clean], &reference[..clean]);
                assert!(ratio > 80.0, "{encode:?}: {ratio} dB");
            }
        }
    }
}
