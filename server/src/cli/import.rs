//! `tapedeck import FILE`: opens, runs, and says in one line what became of it. The only part
//! of the import that writes to standard output.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use super::{Format, ImportError, Input, Terminal, run};
use crate::store::Calls;

/// How an import ended that came to its input's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every row was taken.
    AllKept,
    /// Some rows were refused, and named.
    SomeRefused,
}

impl From<Outcome> for ExitCode {
    /// 0 or 1; where there was no outcome, it is [`ImportError::EXIT_CODE`].
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::AllKept => Self::SUCCESS,
            Outcome::SomeRefused => Self::from(1),
        }
    }
}

/// Imports a file, or standard input where the path is `-`. An error is one line, to be printed.
pub async fn command(store: &dyn Calls, path: &Path) -> Result<Outcome, ImportError> {
    let input = Input::open(path)?;
    let mut terminal = Terminal::new(input.size());
    let summary = run(store, input, Format::of(path), &mut terminal).await;
    drop(terminal); // the bar goes before the last line comes
    let summary = summary?;
    // The import is done, whether somebody reads this or not.
    let _ = writeln!(io::stdout(), "{summary}");
    Ok(if summary.refused == 0 { Outcome::AllKept } else { Outcome::SomeRefused })
}
