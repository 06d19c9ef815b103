//! What became of an import's rows, in numbers and in one line.

use std::fmt;

/// The rows of an import, counted. A call that stands in two rows counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Calls that were new.
    pub created: u64,
    /// Calls that were known, and are now as the file says.
    pub replaced: u64,
    /// Rows that were not taken.
    pub refused: u64,
}

impl Summary {
    /// The rows that stand in the database now.
    pub fn kept(&self) -> u64 {
        self.created + self.replaced
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, replaced, refused } = self;
        let calls = counted(self.kept(), "call");
        let rows = counted(*refused, "row");
        write!(f, "imported {calls} ({created} new, {replaced} changed), {rows} refused")
    }
}

/// `1 row`, `2 rows`.
pub(super) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_one_line() {
        let summary = Summary { created: 100, replaced: 20, refused: 3 };
        let line = "imported 120 calls (100 new, 20 changed), 3 rows refused";
        assert_eq!(summary.to_string(), line);
        let summary = Summary { created: 1, replaced: 0, refused: 1 };
        assert_eq!(summary.to_string(), "imported 1 call (1 new, 0 changed), 1 row refused");
    }
}
