//! `cargo xtask bench`: the figures of bench/RESULTS.md. Each is set beside a peer that was measured
//! in the same run on the same machine, because only the ratio says anything elsewhere.

mod bucket;
mod crowd;
mod figures;
mod first_play;
mod http;
mod machine;
mod nginx;
mod page_size;
mod player_page;
mod preparing;
mod provider;
mod queue;
mod report;
mod s3_server;
mod scratch;
mod serving;
mod tapedeck;
mod wrk;

use std::{env, fs, os::unix::process::CommandExt};

pub(crate) use self::{http::Connection, provider::Provider, tapedeck::free_address};
use self::{report::Report, scratch::Scratch};
use crate::{
    checkout::{self, Checkout, Outcome},
    setup,
};

/// Set in the process that may open many files.
const INSIDE: &str = "XTASK_BENCH_INSIDE";

/// What the measurements share.
struct Bench {
    checkout: Checkout,
    /// A folder on the disk that is measured. It goes when the bench ends.
    scratch: Scratch,
    /// Where recordings come from.
    provider: Provider,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All, for bench/RESULTS.md.
    All,
    /// The page in a browser alone, which is printed.
    Page,
}

/// Measures everything and writes bench/RESULTS.md, or the page alone.
pub(crate) fn run(extent: Extent) -> Outcome {
    let checkout = Checkout::find()?;
    if extent == Extent::All && env::var_os(INSIDE).is_none() {
        return with_many_files(&checkout);
    }
    setup::for_bench(&checkout)?;
    println!("-- cargo leptos build --release --precompress");
    checkout::run(checkout.cargo().args(["leptos", "build", "--release", "--precompress"]))?;

    let scratch = Scratch::new(&checkout.target().join("bench"))?;
    let bench = Bench { checkout, scratch, provider: Provider::start()? };
    let mut report = Report::default();
    if extent == Extent::Page {
        page_size::measure(&bench, &mut report)?;
        player_page::measure(&bench, &mut report)?;
        println!("\n{}", report.to_markdown(&machine::describe(&bench.checkout)));
        return Ok(());
    }
    let measured = measure(&bench, &mut report);

    let path = bench.checkout.root.join("bench/RESULTS.md");
    fs::create_dir_all(bench.checkout.root.join("bench"))
        .and_then(|()| fs::write(&path, report.to_markdown(&machine::describe(&bench.checkout))))
        .map_err(|why| format!("{}: {why}", path.display()))?;
    println!("-- wrote {}", path.display());
    measured
}

/// All sections. One that can't be measured ends it; those before it are written down all the same.
fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let sections = [
        serving::measure,
        bucket::measure,
        preparing::measure,
        first_play::measure,
        crowd::measure,
        queue::measure,
        page_size::measure,
        player_page::measure,
    ];
    sections.iter().try_for_each(|section| section(bench, report))
}

/// Starts this program again, allowed as many open files as the system lets it have: a thousand
/// listeners are two thousand sockets.
fn with_many_files(checkout: &Checkout) -> Outcome {
    let program = env::current_exe().map_err(|why| format!("this program: {why}"))?;
    let mut command = checkout.command("sh");
    command.args(["-c", "ulimit -n $(ulimit -Hn); exec \"$0\" bench"]).arg(program);
    command.env(INSIDE, "1").env("CARGO_MANIFEST_DIR", checkout.root.join("xtask"));
    Err(format!("sh could not be run: {}", command.exec()))
}

/// The middle one, or the lower of the two in the middle.
fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50)
}

/// The value that `percent` of all are not above (nearest rank). 0 without any.
fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut values = [5.0, 1.0, 3.0, 2.0, 4.0];
        let found = [0, 50, 99, 100].map(|percent| percentile(&mut values, percent).to_string());
        assert_eq!(found, ["1", "3", "5", "5"]);
        assert_eq!(median(&mut []).to_string(), "0");
    }
}
