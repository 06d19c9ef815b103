//! Answers a second while a recording is being prepared: a 202 each, from a server without a worker,
//! whose run stays queued. Beside it nginx with a fixed answer, which has to find nothing out.

use std::time::Duration;

use super::{
    Bench, median,
    nginx::Nginx,
    provider::Provider,
    report::{Report, thousands},
    tapedeck::{self, Tapedeck, file},
    wrk::{self, Load},
};
use crate::checkout::Outcome;

const ROUNDS: usize = 5;
const SECONDS: u32 = 3;

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let settings = [("TAPEDECK_JOB_TIMEOUT", "1h"), ("TAPEDECK_RETRY_WINDOW", "2h")];
    let deck = Tapedeck::start(bench, &["--no-worker"], &settings)?;
    let mut connection = deck.connect()?;
    let path = Provider::path(1024, Duration::ZERO, "queued");
    tapedeck::put(&mut connection, bench, "queued", &path)?;
    let failed = |why: std::io::Error| format!("queued: {why}");
    let answer = connection.get(&file("queued"), "").map_err(failed)?;
    if answer.status != 202 {
        return Err(format!("queued: {} {}", answer.status, answer.text()));
    }
    let nginx = Nginx::start(bench, bench.scratch.path(), &answer.text())?;

    let how = format!(
        "`GET` of a recording that stays queued, and nginx's `return 202` with the same body, in \
         turns; the median of {ROUNDS} times {SECONDS} s. Aim: 28,000, ten times what a Flask service \
         gives on 2 cores."
    );
    let columns = ["requests a second", "tapedeck", "nginx", "ratio"];
    report.section("Answers while it is being prepared", &how, columns);
    for connections in [16, 64] {
        let load = Load { connections, ranges: Vec::new() };
        let sides = [(deck.address, file("queued")), (nginx.address, "/preparing".to_owned())];
        for (address, path) in &sides {
            wrk::run(bench, &load, *address, path, 1)?;
        }
        let mut figures = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for ((address, path), figures) in sides.iter().zip(&mut figures) {
                figures.push(wrk::run(bench, &load, *address, path, SECONDS)?.requests);
            }
        }
        let [ours, theirs] = figures.map(|mut figures| median(&mut figures));
        let what = format!("{connections} connections");
        report.row(&what, &thousands(ours), &thousands(theirs), ours / theirs);
    }
    // Another connection: the first has been idle for longer than a server keeps one.
    if deck.connect()?.get(&file("queued"), "").map_err(failed)?.status != 202 {
        return Err("the run did not stay queued".to_owned());
    }
    Ok(())
}
