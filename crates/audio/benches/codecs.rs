//! How many seconds of sound each decoder gives in a second of the processor's time, and by how much
//! memory the process grows meanwhile, beside `ffmpeg -f null` with the same stream in the same run: `cargo bench -p audio --bench codecs`.
//! Each stream is ten minutes long: a fixture again and again, or of ffmpeg's encoder.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)] // a program, whose figures are rounded

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use audio::codec::{
    AmrBand, AmrDecoder, BitOrder, Decoder, G722Decoder, G726Decoder, G726Rate, G729Decoder,
    GsmDecoder, GsmPacking, OpusDecoder, OpusHead, VorbisDecoder,
};

/// Seconds of sound in a stream.
const SECONDS: usize = 600;
/// Frames decoded before their samples are dropped.
const AT_ONCE: usize = 16_384;

/// One codec's decoder, its packets, and how ffmpeg is to read the same.
struct Case {
    name: &'static str,
    decoder: Box<dyn Decoder>,
    packets: Vec<Vec<u8>>,
    /// The file's bytes, and ffmpeg's options before it.
    file: Vec<u8>,
    options: &'static [&'static str],
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    println!("{:<18}{:>12}{:>12}{:>12}{:>14}", "codec", "here", "memory", "ffmpeg", "its memory");
    for mut case in cases(folder.path()) {
        let (time, memory) = decode(&mut case);
        let path = folder.path().join("stream");
        fs::write(&path, &case.file).unwrap();
        let theirs = ffmpeg_decodes(case.options, &path);
        let (their_speed, their_memory) =
            theirs.map_or((String::new(), String::new()), |(t, m)| (speed(t), format!("{m} kB")));
        println!(
            "{:<18}{:>12}{:>12}{their_speed:>12}{their_memory:>14}",
            case.name,
            speed(time),
            format!("{memory} kB"),
        );
    }
}

/// Seconds of sound in a second of the processor's time.
fn speed(time: Duration) -> String {
    format!("{:.0} s/s", SECONDS as f64 / time.as_secs_f64())
}

/// Decodes all packets; the processor's time that takes, and by how many kB this process grows at most.
fn decode(case: &mut Case) -> (Duration, u64) {
    fs::write("/proc/self/clear_refs", "5").ok(); // the high-water mark begins anew
    let before = memory("VmRSS");
    let start = processor_time();
    let channels = usize::from(case.decoder.spec().channels);
    let mut samples = Vec::new();
    let mut frames = 0;
    for packet in &case.packets {
        case.decoder.decode(packet, &mut samples).unwrap();
        if samples.len() >= AT_ONCE * channels {
            frames += samples.len() / channels;
            samples.clear();
        }
    }
    frames += samples.len() / channels;
    let time = processor_time().saturating_sub(start);
    let rate = usize::try_from(case.decoder.spec().sample_rate).unwrap();
    assert!(frames >= rate * (SECONDS - 1), "{}: {frames} frames", case.name);
    (time, memory("VmHWM").saturating_sub(before))
}

/// How long this thread has run, not counting when others did (proc(5)).
fn processor_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}

/// A figure of this process's memory, in kB; 0 where the system does not tell.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// The processor's time that ffmpeg needs for the same, its start and end included, and its memory in
/// kB.
fn ffmpeg_decodes(options: &[&str], path: &Path) -> Option<(Duration, u64)> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-benchmark"]).args(options).arg("-i").arg(path);
    let output = command.args(["-f", "null", "-"]).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let field = |name| {
        let (_, rest) = text.rsplit_once(name)?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        rest[..end].parse::<f64>().ok()
    };
    let memory = field("maxrss=")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few GB at most")]
    Some((Duration::from_secs_f64(field("utime=")? + field("stime=")?), memory as u64))
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/fixtures/codecs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn cases(folder: &Path) -> Vec<Case> {
    let g726 = |rate| Box::new(G726Decoder::new(rate, BitOrder::LeastSignificantFirst));
    let mut cases = vec![
        fixed(
            "GSM",
            "voice.gsm",
            33,
            Box::new(GsmDecoder::new(GsmPacking::Headless)),
            &["-f", "gsm"],
        ),
        fixed("G.722", "voice.g722", 160, Box::new(G722Decoder::new()), &["-f", "g722"]),
        fixed(
            "G.726-32",
            "voice-4.g726",
            160,
            g726(G726Rate::Kbit32),
            &["-f", "g726le", "-code_size", "4"],
        ),
        fixed(
            "G.729",
            "voice.g729",
            10,
            Box::new(G729Decoder::new()),
            &["-f", "g729", "-bit_rate", "8000"],
        ),
        amr("AMR", "voice.amr", "#!AMR\n", AmrBand::Narrow),
        amr("AMR-WB", "voice-wb.amr", "#!AMR-WB\n", AmrBand::Wide),
    ];
    let ogg = |name, arguments: &[&str]| encoded(folder, arguments).map(|file| of_ogg(name, file));
    cases.extend(ogg(
        "Opus, 24 kbit/s",
        &["-ac", "1", "-c:a", "libopus", "-b:a", "24k", "-application", "voip"],
    ));
    cases.extend(ogg("Opus, stereo", &["-c:a", "libopus", "-b:a", "64k"]));
    cases.extend(ogg("Vorbis, stereo", &["-c:a", "libvorbis", "-q:a", "3"]));
    cases
}

/// A fixture that is cut into packets of one size, again and again.
fn fixed(
    name: &'static str,
    file: &str,
    size: usize,
    decoder: Box<dyn Decoder>,
    options: &'static [&'static str],
) -> Case {
    let file = fixture(file).repeat(SECONDS / 2); // two seconds each
    let packets = file.chunks(size).map(Vec::from).collect();
    Case { name, decoder, packets, file, options }
}

fn amr(name: &'static str, file: &str, magic: &str, band: AmrBand) -> Case {
    let frames = fixture(file)[magic.len()..].repeat(SECONDS / 2);
    let (mut packets, mut rest) = (Vec::new(), &frames[..]);
    while let Some(&first) = rest.first() {
        let (packet, behind) = rest.split_at(band.frame_size(first).unwrap());
        packets.push(packet.to_vec());
        rest = behind;
    }
    let file = [magic.as_bytes(), &frames].concat();
    Case { name, decoder: Box::new(AmrDecoder::new(band)), packets, file, options: &["-f", "amr"] }
}

/// Ten minutes of a sweep and noise, in Ogg; nothing without ffmpeg.
fn encoded(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let path = folder.join("sound.ogg");
    let sound = format!(
        "aevalsrc='0.3*sin(2*PI*(300+200*sin(t))*t)|0.3*sin(2*PI*440*t)+0.1*(random(0)-0.5)':s=48000:d={SECONDS}"
    );
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", &sound]).args(arguments);
    let status = command.arg(&path).stdin(Stdio::null()).status().ok()?;
    status.success().then(|| fs::read(&path).unwrap())
}

fn of_ogg(name: &'static str, file: Vec<u8>) -> Case {
    let mut packets = packets(&file);
    let is_opus = packets[0].starts_with(b"OpusHead");
    let decoder: Box<dyn Decoder> = if is_opus {
        Box::new(OpusDecoder::new(OpusHead::read(&packets[0]).unwrap()))
    } else {
        Box::new(VorbisDecoder::new(&[&packets[0][..], &packets[2]].concat()).unwrap())
    };
    packets.drain(..if is_opus { 2 } else { 3 });
    let options: &[&str] = if is_opus { &["-c:a", "libopus"] } else { &[] };
    Case { name, decoder, packets, file, options }
}

/// The packets of an Ogg file with one stream (RFC 3533 6).
fn packets(mut file: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut packet) = (Vec::new(), Vec::new());
    while file.starts_with(b"OggS") {
        let (table, mut data) = file[27..].split_at(file[26].into());
        for &size in table {
            let (part, rest) = data.split_at(size.into());
            packet.extend_from_slice(part);
            data = rest;
            if size < 255 {
                packets.push(std::mem::take(&mut packet));
            }
        }
        file = data;
    }
    packets
}
