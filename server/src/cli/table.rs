//! Aligned columns for a terminal of 80 columns. No colours; no cell can move the cursor or turn the
//! reading direction. Not `comfy-table`: it writes no notes below a row, and passes control characters on.

use std::fmt;

/// Rows below headings, each with notes below it.
#[derive(Debug, Default)]
pub(super) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<(Vec<String>, Vec<String>)>,
}

impl Table {
    pub(super) fn new(headings: impl Into<Vec<&'static str>>) -> Self {
        Self { headings: headings.into(), rows: Vec::new() }
    }

    /// Adds a row, with lines to stand below it.
    pub(super) fn row(
        &mut self,
        cells: impl IntoIterator<Item = String>,
        notes: impl IntoIterator<Item = String>,
    ) {
        let clean = |cell: String| cell.chars().map(harmless).collect();
        let cells = cells.into_iter().map(clean).collect();
        self.rows.push((cells, notes.into_iter().map(clean).collect()));
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn widths(&self) -> Vec<usize> {
        let width = |(at, heading): (usize, &&str)| {
            let cells = self.rows.iter().filter_map(|(cells, _)| cells.get(at));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(heading.len())
        };
        self.headings.iter().enumerate().map(width).collect()
    }
}

/// Control characters, and those that turn the reading direction (Unicode Standard Annex 9,
/// section 2), become a replacement character.
fn harmless(c: char) -> char {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { char::REPLACEMENT_CHARACTER } else { c }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let padded: Vec<_> =
                cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(f, "{}", padded.join("  ").trim_end())
        };
        line(&mut self.headings.iter().copied())?;
        for (cells, notes) in &self.rows {
            line(&mut cells.iter().map(String::as_str))?;
            for note in notes {
                line(&mut std::iter::once(format!("  {note}").as_str()))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_are_replaced() {
        let mut table = Table::new(["CALL", "FOR"]);
        let cells = |cells: [&str; 2]| cells.map(str::to_owned);
        table.row(cells(["CA1", "4m 12s"]), ["why".to_owned()]);
        table.row(cells(["long-\u{202e}name\u{1b}[2J", "1s"]), []);
        let lines = [
            "CALL            FOR",
            "CA1             4m 12s",
            "  why",
            "long-\u{fffd}name\u{fffd}[2J  1s",
            "",
        ];
        assert_eq!(table.to_string(), lines.join("\n"));
    }
}
