//! Set-up, tests and measurements of tapedeck: `cargo xtask dev`, `test`, `bench` and others. Uses only the
//! standard library, so that it is built in seconds on a bare machine. Knows nothing of the program's
//! inside.

mod bench;
mod budget;
mod checkout;
mod count;
mod dependencies;
mod first_page;
mod package;
mod setup;
mod stage;
mod torture;

use std::{os::unix::process::CommandExt, process::ExitCode};

use checkout::{Checkout, Outcome};
use first_page::FirstPage;

const HELP: &str = "\
cargo xtask dev            gets what is missing, then runs `cargo leptos serve`: the whole system at
                           http://127.0.0.1:3000
cargo xtask test           gets what is missing, then formatting, lints, all tests and the browser
                           tests; the last line counts what ran
cargo xtask test STAGE     one stage of it: formatting, lints, page-lints, dependencies, docs, tests,
                           site, browser, package, budget
cargo xtask dependencies   licences, sources, duplicates and advisories of the dependencies
cargo xtask package        builds the release as a Debian package and an archive, in target/package
cargo xtask package try    packages the development build, installs it in a bare Debian, plays a recording,
                           upgrades and removes it
cargo xtask torture        kills, pauses and cuts off real processes by a plan, and counts the damage:
                           --seed N, --calls N, --faults N, --seconds N
cargo xtask budget         builds the release's page, and fails where its WebAssembly is too large
cargo xtask bench          builds the release and measures it beside nginx; writes bench/RESULTS.md
cargo xtask bench page     the page in a browser alone, beside wavesurfer.js and by Lighthouse; printed";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["dev"] => dev(),
        ["test"] => return stage::run(None),
        ["test", stage] => return stage::run(Some(stage)),
        ["torture", options @ ..] => torture::run(options),
        ["budget"] => budget::run(),
        ["dependencies"] => dependencies::check(),
        ["package"] => package::run(),
        ["package", "try"] => package::try_out(),
        ["bench"] => bench::run(bench::Extent::All),
        ["bench", "page"] => bench::run(bench::Extent::Page),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => {
            eprintln!("no task {:?}; the tasks are:\n{HELP}", other.join(" "));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// From a bare machine to the running system. `cargo leptos serve` takes this process's place, so that Ctrl-C
/// reaches it alone.
fn dev() -> Outcome {
    let checkout = Checkout::find()?;
    setup::for_first_page(&checkout)?;
    let first_page = if setup::has_cargo_leptos(&checkout) {
        None
    } else {
        let first_page = FirstPage::serve(&checkout)?;
        println!("-- http://127.0.0.1:3000 is being served; `cargo leptos serve` follows");
        Some(first_page)
    };
    setup::for_pages(&checkout)?;
    drop(first_page);
    println!("-- cargo leptos serve");
    let why = checkout.cargo().args(["leptos", "serve"]).exec();
    Err(format!("cargo could not be run: {why}"))
}
