//! Set-up and tests of tapedeck: `cargo xtask test`. Knows nothing of the program's inside.

mod count;
mod stage;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test    formatting, lints, then all tests; ends with a line that counts what ran";

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    match task.as_deref() {
        Some("test") => stage::run_all(),
        Some("help" | "--help" | "-h") | None => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        Some(other) => {
            eprintln!("no task {other:?}; there is:\n{HELP}");
            ExitCode::from(2)
        }
    }
}
