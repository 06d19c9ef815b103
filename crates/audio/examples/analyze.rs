//! Analyzes a file: `cargo run -p audio --example analyze FILE [MEDIA TYPE [OUTPUT]]`. What is served in
//! its place is written to OUTPUT.

use std::{env, fs, fs::File, io::Write as _};

use audio::{CancelFlag, analyze};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let path = arguments.first().ok_or("usage: analyze FILE [MEDIA TYPE [OUTPUT]]")?;
    let media_type = arguments.get(1).map(String::as_str);
    let mut served = arguments.get(2).map(File::create).transpose()?;
    let len = fs::metadata(path)?.len();
    let file = File::open(path)?;
    let analysis = analyze(file, len, media_type, &CancelFlag::new(), &mut |piece| {
        served.as_mut().map_or(Ok(()), |file| file.write_all(&piece))
    })?;
    let points = analysis.peaks.as_ref().map_or(0, Vec::len);
    println!(
        "{}: {:?} {:?}, {points} bytes of peaks",
        analysis.format, analysis.serving, analysis.facts
    );
    Ok(())
}
