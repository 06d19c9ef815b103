//! Reads how many tests ran from what `cargo test` prints. The browser tests print the same line
//! (end2end/count-reporter.js). A test that lacks a server prints `skipped: …` (server/tests/support) and
//! returns, which `cargo test` counts as passed.

/// Tests that passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// Skipped tests among those that `cargo test` calls passed.
    returned_early: u64,
}

impl Counts {
    /// Adds what one line of output says, if it is a test binary's closing line,
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, or says that a test was skipped.
    pub(crate) fn read_line(&mut self, line: &str) {
        // libtest may have begun a line: `test name ... skipped: …`.
        if line.starts_with("skipped: ") || line.contains(" ... skipped: ") {
            self.skipped += 1;
            self.returned_early += 1;
            return;
        }
        let Some(rest) = line.trim_start().strip_prefix("test result: ") else { return };
        let counts = rest.split_once(". ").map_or(rest, |(_, counts)| counts);
        for part in counts.split(';') {
            let mut words = part.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
                continue;
            };
            match words.next() {
                Some("passed") => self.passed += number - number.min(self.returned_early),
                Some("failed") => self.failed += number,
                Some("ignored") => self.skipped += number,
                _ => {}
            }
        }
        self.returned_early = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_add_up_and_other_lines_do_not_count() {
        let mut counts = Counts::default();
        counts.read_line(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out",
        );
        counts.read_line("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured");
        counts.read_line("test a_result ... ok");
        assert_eq!(counts, Counts { passed: 7, failed: 2, skipped: 1, returned_early: 0 });
    }

    #[test]
    fn a_test_without_its_server_counts_as_skipped_and_not_as_passed() {
        let mut counts = Counts::default();
        counts.read_line("skipped: the_mirror: redis-server is not installed");
        counts.read_line("test from_a_bucket ... skipped: from_a_bucket: s3s-fs is not installed");
        counts.read_line("test result: ok. 5 passed; 0 failed; 0 ignored");
        counts.read_line("test result: ok. 2 passed; 0 failed; 0 ignored");
        assert_eq!(counts, Counts { passed: 5, failed: 0, skipped: 2, returned_early: 0 });
    }
}
