//! bench/RESULTS.md: tables of figures, each with its peer and the ratio.

use std::fmt::Write as _;

#[derive(Default)]
pub(super) struct Report {
    text: String,
}

impl Report {
    /// A heading, how it was measured, and a table's head.
    pub(super) fn section(&mut self, title: &str, how: &str, columns: [&str; 4]) {
        println!("-- {title}");
        let [what, ours, peer, ratio] = columns;
        let _ = write!(
            self.text,
            "\n## {title}\n\n{how}\n\n| {what} | {ours} | {peer} | {ratio} |\n| --- | ---: | ---: | ---: |\n"
        );
    }

    /// A row. `ratio` is ours by the peer's.
    pub(super) fn row(&mut self, what: &str, ours: &str, peer: &str, ratio: f64) {
        println!("   {what}: {ours}; {peer}; {ratio:.2}");
        let _ = writeln!(self.text, "| {what} | {ours} | {peer} | {ratio:.2} |");
    }

    /// A remark below a table.
    pub(super) fn note(&mut self, text: &str) {
        println!("   {text}");
        let _ = write!(self.text, "\n{text}\n");
    }

    pub(super) fn to_markdown(&self, machine: &str) -> String {
        format!(
            "# Measured\n\nWritten by `cargo xtask bench`. Load, peer and tapedeck share the machine's \
             cores, so only the ratios mean something elsewhere; they hold within one run.\n\n{machine}\n{}",
            self.text
        )
    }
}

/// `12,345`.
pub(super) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([7.4, 123.0, 12_345.6].map(thousands), ["7", "123", "12,346"]);
    }
}
