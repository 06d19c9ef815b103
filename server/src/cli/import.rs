//! `tapedeck import FILE`: runs the import and prints a summary line.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use super::import_progress::ImportProgress;
use crate::{
    import::{Format, ImportError, Input, run},
    store::Calls,
};

/// The outcome of an import that reached the end of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every row was registered.
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
pub async fn import_file(store: &dyn Calls, path: &Path) -> Result<Outcome, ImportError> {
    let input = Input::open(path)?;
    let mut progress = ImportProgress::new(input.size());
    let summary = run(store, input, Format::of(path), &mut progress).await;
    drop(progress); // removes the bar before the summary line
    let summary = summary?;
    // The import is complete even if standard output is closed.
    let _ = writeln!(io::stdout(), "{summary}");
    Ok(if summary.refused == 0 { Outcome::AllKept } else { Outcome::SomeRefused })
}
