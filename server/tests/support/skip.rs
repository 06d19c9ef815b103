//! How a test says that it did not run, because a program that it needs is not installed.

use std::io::Write as _;

/// Reports the test of this thread as skipped.
///
/// Writes past libtest's capture, which hides what a passing test prints: `cargo xtask test` counts these
/// lines, and fails.
pub(crate) fn report(program: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stdout(), "skipped: {test}: {program} is not installed");
}
