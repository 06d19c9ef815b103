//! The stages of `cargo xtask test`, one after another; stops at the first that fails.

use std::{
    io::{BufRead, BufReader},
    process::{Command, ExitCode, Stdio},
};

use crate::count::Counts;

/// What is run, in order. `frontend` is left out: it turns on the browser's half of Leptos, which
/// must not meet the server's in one build.
const STAGES: [(&str, &[&str]); 3] = [
    ("formatting", &["fmt", "--all", "--", "--check"]),
    (
        "lints",
        &[
            "clippy",
            "--workspace",
            "--exclude",
            "frontend",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ),
    ("tests", &["test", "--workspace", "--exclude", "frontend", "--no-fail-fast"]),
];

/// Runs all stages; says at the end how many tests passed, failed and were skipped.
pub(crate) fn run_all() -> ExitCode {
    let mut counts = Counts::default();
    let mut code = ExitCode::SUCCESS;
    for (name, arguments) in STAGES {
        println!("== {name}: cargo {}", arguments.join(" "));
        match run(arguments, &mut counts) {
            Ok(true) => {}
            Ok(false) => {
                println!("== {name} failed");
                code = ExitCode::FAILURE;
                break;
            }
            Err(error) => {
                println!("== {name}: cargo could not be run: {error}");
                code = ExitCode::FAILURE;
                break;
            }
        }
    }
    println!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    code
}

/// Runs cargo, passing its output on as it comes. Gives whether it succeeded.
fn run(arguments: &[&str], counts: &mut Counts) -> std::io::Result<bool> {
    let mut child = Command::new(env!("CARGO"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            counts.read_line(&line);
        }
    }
    Ok(child.wait()?.success())
}
