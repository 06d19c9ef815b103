//! How an import shows itself to who runs it: bad rows as lines on standard error, and below
//! them, on a terminal, how far it has come. Writes nothing to standard output.

use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use super::Report;

const OF_A_FILE: &str = "{bar:30} {percent}% of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
const OF_A_STREAM: &str = "{spinner} {bytes}, {binary_bytes_per_sec}";

/// See the module. The bar goes when it is dropped.
pub struct Terminal(ProgressBar);

impl Terminal {
    /// `size` is the input's, in bytes. The bar hides itself where standard error is no terminal.
    pub fn new(size: Option<u64>) -> Self {
        let (bar, template) = match size {
            Some(size) => (ProgressBar::new(size), OF_A_FILE),
            None => (ProgressBar::new_spinner(), OF_A_STREAM),
        };
        let style = ProgressStyle::with_template(template);
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }
}

impl Report for Terminal {
    fn bad_row(&mut self, line: u64, why: &str) {
        // Who closes standard error does not want to read: no reason to stop.
        self.0.suspend(|| _ = writeln!(io::stderr(), "line {line}: {why}"));
    }

    fn progress(&mut self, bytes: u64) {
        self.0.set_position(bytes);
    }
}

impl Drop for Terminal {
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
