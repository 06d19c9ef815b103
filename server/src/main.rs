//! The `tapedeck` program. Its parts are in the library beside it; wiring them is still to come.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!("tapedeck does not serve yet: see \"Where it stands\" in README.md");
    ExitCode::from(2)
}
