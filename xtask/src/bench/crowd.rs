//! A thousand listeners at once on one call that is not prepared: one run, one download.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use super::{
    Bench, median, percentile,
    provider::Provider,
    report::Report,
    tapedeck::{self, Tapedeck, wait_for},
};
use crate::checkout::Outcome;

const LISTENERS: usize = 1000;
const BYTES: usize = 64 * 1024;
/// How long the provider takes, so that all listeners wait.
const DELAY: Duration = Duration::from_secs(1);
const CALL: &str = "crowd";

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let deck = Tapedeck::start(bench, &[], &[])?;
    let path = Provider::path(BYTES, DELAY, CALL);
    tapedeck::put(&mut deck.connect()?, bench, CALL, &path)?;
    let mut waiting = listen(&deck)?;
    let mut ready = listen(&deck)?;

    let downloads = bench.provider.downloads(&path);
    let call = deck
        .connect()?
        .get(&format!("/api/calls/{CALL}"), "")
        .map_err(|why| format!("GET {CALL}: {why}"))?;
    let runs = call.text().matches("\"queued_at\"").count();
    if (downloads, runs) != (1, 1) {
        return Err(format!("{LISTENERS} listeners made {runs} runs and {downloads} downloads"));
    }

    let how = format!(
        "{LISTENERS} connections that ask for the same 64 kB at the same moment with `Prefer: \
         wait=30`, while the provider takes {} s to answer, which is taken off; the peer is the same crowd once the \
         recording is there. All got all bytes, by **{runs} run** and **{downloads} download**.",
        DELAY.as_secs()
    );
    let columns = ["milliseconds after asking", "not prepared", "already there", "ratio"];
    report.section("A thousand listeners at once", &how, columns);
    let provider = DELAY.as_secs_f64() * 1000.0;
    let mut row = |what: &str, ours: f64, peer: f64| {
        report.row(what, &format!("{ours:.1}"), &format!("{peer:.1}"), ours / peer);
    };
    row("the median listener", median(&mut waiting) - provider, median(&mut ready));
    row("the last listener", percentile(&mut waiting, 100) - provider, percentile(&mut ready, 100));
    Ok(())
}

/// Milliseconds till each listener has the head of the recording.
fn listen(deck: &Tapedeck) -> Outcome<Vec<f64>> {
    let together = Barrier::new(LISTENERS);
    let listener = || {
        let connection = deck.connect();
        together.wait();
        let began = Instant::now();
        let answer = wait_for(&mut connection?, CALL)?;
        if answer.body.len() == BYTES {
            Ok((answer.at - began).as_secs_f64() * 1000.0)
        } else {
            Err(format!("{} bytes of {BYTES}", answer.body.len()))
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..LISTENERS)
            .map(|_| thread::Builder::new().stack_size(128 * 1024).spawn_scoped(scope, listener))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                let thread = thread.map_err(|why| format!("no thread for a listener: {why}"))?;
                thread.join().unwrap_or_else(|_| Err("a listener panicked".to_owned()))
            })
            .collect()
    })
}
