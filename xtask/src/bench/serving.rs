//! A recording that is there, against nginx on the same file with as many workers as cores.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use super::{
    Bench, median,
    nginx::Nginx,
    provider::Provider,
    report::{Report, thousands},
    tapedeck::{self, Tapedeck, file, wait_for},
    wrk::{self, Load, Rate},
};
use crate::checkout::Outcome;

const SMALL: usize = 64 * 1024;
const LARGE: usize = 100 * 1024 * 1024;
pub(super) const MIB: usize = 1024 * 1024;
const ROUNDS: usize = 5;
const SECONDS: u32 = 3;
const CONNECTIONS: [u32; 2] = [16, 64];

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let deck = Tapedeck::start(bench, &[], &[])?;
    let files = bench.scratch.folder()?;
    fetch(bench, &deck, "small", SMALL, &files)?;
    fetch(bench, &deck, "large", LARGE, &files)?;
    let nginx = Nginx::start(bench, &files, "")?;
    let sides = |name| [(deck.address, file(name)), (nginx.address, format!("/{name}"))];

    let how =
        how("The file route of `tapedeck serve` and nginx (`sendfile`, `open_file_cache`, a \
         worker for each core) on the same bytes");
    let columns = ["64 kB, requests a second", "tapedeck", "nginx", "ratio"];
    report.section("Serving a small recording", &how, columns);
    let first = |size: usize| vec![(0, size as u64 - 1)];
    for (name, ranges) in [("whole", Vec::new()), ("as a range", first(SMALL))] {
        for connections in CONNECTIONS {
            let load = Load { connections, ranges: ranges.clone() };
            let [ours, theirs] = compare(bench, &sides("small"), &load, |rate| rate.requests)?;
            let what = format!("{name}, {connections} connections");
            report.row(&what, &thousands(ours), &thousands(theirs), ours / theirs);
        }
    }
    let columns = ["100 MB, MB a second", "tapedeck", "nginx", "ratio"];
    report.section("Serving a large recording", &how, columns);
    let steps: Vec<_> =
        (0..LARGE / MIB).map(|n| ((n * MIB) as u64, ((n + 1) * MIB) as u64 - 1)).collect();
    for (name, ranges) in [("whole", Vec::new()), ("by ranges of 1 MiB", steps)] {
        for connections in CONNECTIONS {
            let load = Load { connections, ranges: ranges.clone() };
            let [ours, theirs] = compare(bench, &sides("large"), &load, |rate| rate.bytes)?;
            let what = format!("{name}, {connections} connections");
            let megabytes = |bytes: f64| thousands(bytes / 1e6);
            report.row(&what, &megabytes(ours), &megabytes(theirs), ours / theirs);
        }
    }
    if let Some(bytes) = deck.peak_memory() {
        let megabytes = bytes / 1_000_000;
        report.note(&format!(
            "tapedeck's memory while it fetched and served this: {megabytes} MB at most."
        ));
    }
    Ok(())
}

/// Has tapedeck fetch a recording, and puts the same bytes where nginx serves them.
fn fetch(bench: &Bench, deck: &Tapedeck, name: &str, bytes: usize, files: &Path) -> Outcome {
    let mut connection = deck.connect()?;
    tapedeck::put(&mut connection, bench, name, &Provider::path(bytes, Duration::ZERO, name))?;
    let answer = wait_for(&mut connection, name)?;
    if answer.body.len() != bytes {
        return Err(format!("{name} has {} bytes, not {bytes}", answer.body.len()));
    }
    let path = files.join(name);
    fs::write(&path, &answer.body).map_err(|why| format!("{}: {why}", path.display()))
}

/// Says of two that are compared how they were.
pub(super) fn how(what: &str) -> String {
    format!(
        "{what}, by `wrk` with 2 threads, in turns; the median of {ROUNDS} times {SECONDS} s after a \
         warm-up. Aim: 0.9."
    )
}

/// Ours and nginx's figure, asked in turns at these addresses for these paths.
pub(super) fn compare(
    bench: &Bench,
    sides: &[(SocketAddr, String); 2],
    load: &Load,
    figure: fn(Rate) -> f64,
) -> Outcome<[f64; 2]> {
    for (address, path) in sides {
        wrk::run(bench, load, *address, path, 1)?;
    }
    let mut figures = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for ((address, path), figures) in sides.iter().zip(&mut figures) {
            figures.push(figure(wrk::run(bench, load, *address, path, SECONDS)?));
        }
    }
    Ok(figures.map(|mut figures| median(&mut figures)))
}
