//! Reports an import on standard error: a line for each bad row, and on a terminal a progress bar
//! below them. Writes nothing to standard output.

use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use crate::import::Report;

const OF_A_FILE: &str = "{bar:30} {percent}% of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
const OF_A_STREAM: &str = "{spinner} {bytes}, {binary_bytes_per_sec}";

/// The progress bar of an import; dropping it removes the bar.
pub(super) struct ImportProgress(ProgressBar);

impl ImportProgress {
    /// `size` is the input's, in bytes. The bar hides itself where standard error is no terminal.
    pub(super) fn new(size: Option<u64>) -> Self {
        let (bar, template) = match size {
            Some(size) => (ProgressBar::new(size), OF_A_FILE),
            None => (ProgressBar::new_spinner(), OF_A_STREAM),
        };
        let style = ProgressStyle::with_template(template);
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }
}

impl Report for ImportProgress {
    fn bad_row(&mut self, line: u64, why: &str) {
        // A closed standard error is no reason to stop the import.
        self.0.suspend(|| _ = writeln!(io::stderr(), "line {line}: {why}"));
    }

    fn progress(&mut self, bytes: u64) {
        self.0.set_position(bytes);
    }
}

impl Drop for ImportProgress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_are_understood() {
        for template in [OF_A_FILE, OF_A_STREAM] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
