//! A recording that lies in a bucket, against nginx that passes on what the same S3 server sends.

use std::time::Duration;

use super::{
    Bench,
    nginx::Nginx,
    provider::Provider,
    report::{Report, thousands},
    s3_server::{Asker, S3Server, path_of},
    serving::{MIB, compare, how},
    tapedeck::{self, Tapedeck, file, wait_for},
    wrk::{Load, Rate},
};
use crate::checkout::Outcome;

const SMALL: usize = 64 * 1024;
const LARGE: usize = 10 * MIB;

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let folder = bench.scratch.folder()?;
    // Two processes on one folder, of the same program: one knows our key, nginx has none.
    let signed = S3Server::start(&folder, Asker::Signed)?;
    let open = S3Server::start(&folder, Asker::Anybody)?;
    let settings = signed.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let deck = Tapedeck::start(bench, &[], &settings)?;
    let nginx = Nginx::before(bench, open.address)?;
    let mut connection = deck.connect()?;
    for (name, bytes) in [("small", SMALL), ("large", LARGE)] {
        tapedeck::put(&mut connection, bench, name, &Provider::path(bytes, Duration::ZERO, name))?;
        wait_for(&mut connection, name)?;
    }

    let how = how(
        "The file route of `tapedeck serve` with its recordings in a bucket, and nginx that passes \
         requests on to the same S3 server (s3s-fs, built without optimisation: it is what takes \
         the time) by connections that it keeps. tapedeck signs what it asks, which that server \
         checks; nginx does not",
    );
    let columns = ["from a bucket", "tapedeck", "nginx", "ratio"];
    report.section("Serving from a bucket", &how, columns);
    let steps: Vec<_> =
        (0..LARGE / MIB).map(|n| ((n * MIB) as u64, ((n + 1) * MIB) as u64 - 1)).collect();
    let requests: fn(Rate) -> f64 = |rate| rate.requests;
    let megabytes: fn(Rate) -> f64 = |rate| rate.bytes / 1e6;
    for (what, name, connections, ranges, figure) in [
        ("64 kB whole, requests a second", "small", 16, Vec::new(), requests),
        ("64 kB whole, requests a second", "small", 64, Vec::new(), requests),
        ("10 MB whole, MB a second", "large", 16, Vec::new(), megabytes),
        ("10 MB by ranges of 1 MiB, MB a second", "large", 16, steps, megabytes),
    ] {
        let load = Load { connections, ranges };
        let sides = [(deck.address, file(name)), (nginx.address, path_of(&folder, name)?)];
        let [ours, theirs] = compare(bench, &sides, &load, figure)?;
        let what = format!("{what}, {connections} connections");
        report.row(&what, &thousands(ours), &thousands(theirs), ours / theirs);
    }
    Ok(())
}
