//! What was measured on, and when.

use std::{fs, thread};

use crate::checkout::{Checkout, capture};

/// A list for the head of the results.
pub(super) fn describe(checkout: &Checkout) -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start_matches([':', ' ', '\t']).trim().to_owned())
    };
    let said = |program: &str, arguments: &[&str]| {
        capture(checkout.command(program).args(arguments)).unwrap_or_else(|_| "unknown".to_owned())
    };
    let processor =
        field("/proc/cpuinfo", "model name").unwrap_or_else(|| "an unknown processor".to_owned());
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .map_or_else(|| "unknown".to_owned(), |kib| format!("{} GiB", kib.div_ceil(1024 * 1024)));
    let disk =
        said("findmnt", &["-n", "-o", "FSTYPE", "-T", &checkout.target().display().to_string()]);
    format!(
        "- {processor}, {cores} cores, {memory} of memory, {disk}, Linux {}\n- {}\n- commit {}, {}\n",
        said("uname", &["-r"]),
        said("rustc", &["--version"]),
        said("git", &["rev-parse", "--short", "HEAD"]),
        said("date", &["-u", "+%Y-%m-%d"]),
    )
}
