//! From the first request for a recording until it can be played, one recording after another. Beside
//! it what the disk and the provider alone cost: a plain program that fetches the same bytes, writes
//! them, and makes file and folder durable.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use super::{
    Bench, percentile,
    provider::Provider,
    report::Report,
    tapedeck::{self, Tapedeck, file, wait_for},
};
use crate::checkout::Outcome;

const TIMES: usize = 200;
const WARM_UP: usize = 20;

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let deck = Tapedeck::start(bench, &[], &[])?;
    let how = format!(
        "Milliseconds from the first `GET` (a 202) until the head of the 200, which a second `GET` with \
         `Prefer: wait=30` on the same connection waits for; {TIMES} recordings, one after another, \
         from a local provider, durable on disk. The peer fetches the same bytes over a new \
         connection, writes a temporary file, fsyncs it, renames it and fsyncs the folder. Aims: p50 \
         under 10 ms for 64 kB and 25 ms for 1 MB."
    );
    report.section(
        "From the first request to playable",
        &how,
        ["", "tapedeck, ms", "fetch, write and fsync alone, ms", "ratio"],
    );
    for (name, bytes) in [("64 kB", 64 * 1024), ("1 MB", 1024 * 1024)] {
        let [mut ours, mut floor] = [Vec::new(), Vec::new()];
        let folder = bench.scratch.folder()?;
        for n in 0..TIMES + WARM_UP {
            let path = Provider::path(bytes, Duration::ZERO, &format!("{n}"));
            let taken = [
                until_playable(bench, &deck, &format!("play-{bytes}-{n}"), &path, bytes)?,
                until_durable(bench, &folder, &path).map_err(|why| format!("the peer: {why}"))?,
            ];
            if n >= WARM_UP {
                ours.push(taken[0].as_secs_f64() * 1000.0);
                floor.push(taken[1].as_secs_f64() * 1000.0);
            }
        }
        for percent in [50, 99] {
            let [ours, floor] = [&mut ours, &mut floor].map(|times| percentile(times, percent));
            let what = format!("{name}, p{percent}");
            report.row(&what, &format!("{ours:.1}"), &format!("{floor:.1}"), ours / floor);
        }
    }
    Ok(())
}

fn until_playable(
    bench: &Bench,
    deck: &Tapedeck,
    call_sid: &str,
    path: &str,
    bytes: usize,
) -> Outcome<Duration> {
    let mut connection = deck.connect()?;
    tapedeck::put(&mut connection, bench, call_sid, path)?;
    let began = Instant::now();
    let first =
        connection.get(&file(call_sid), "").map_err(|why| format!("GET {call_sid}: {why}"))?;
    let ready = if first.status == 200 { first } else { wait_for(&mut connection, call_sid)? };
    if ready.body.len() == bytes {
        Ok(ready.at - began)
    } else {
        Err(format!("{call_sid} has {} bytes, not {bytes}", ready.body.len()))
    }
}

fn until_durable(bench: &Bench, folder: &Path, path: &str) -> std::io::Result<Duration> {
    let began = Instant::now();
    let mut stream = TcpStream::connect(bench.provider.host())?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: provider\r\n\r\n")?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let [temporary, place] = ["temporary", "place"].map(|name| folder.join(name));
    let mut file = File::create(&temporary)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, &place)?;
    File::open(folder)?.sync_all()?;
    Ok(began.elapsed())
}
