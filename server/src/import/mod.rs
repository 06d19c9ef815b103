//! `tapedeck import`: calls from a CSV or JSON lines file into the store. A file of millions of
//! rows streams through; no more than a few batches of it are in memory at a time. Must not quote
//! a recording URL, and must not let one bad row keep the good ones out.

mod columns;
mod csv;
mod error;
mod input;
mod json_lines;
mod lines;
mod reading;
mod row;
mod summary;

use std::{panic, thread};

use tokio::sync::mpsc;

pub use error::ImportError;
pub use input::{Format, Input};
pub use summary::Summary;

use crate::store::{Calls, Put, StoreError};
use reading::{Batch, read};

/// Batches that are read ahead while the database writes.
const AHEAD: usize = 2;

/// Receives the progress of an import.
pub trait Report: Send {
    /// A row was refused: its line in the file, counted from 1, and what is wrong with it.
    fn bad_row(&mut self, line: u64, why: &str);
    /// This many bytes of the input are done.
    fn progress(&mut self, bytes: u64);
}

/// Registers the calls of `input`, in the order of the file; without a format, its first
/// characters tell. Bad rows are reported in the order of their lines. What was kept before an
/// error stays, and importing the same input again gives the same calls.
pub async fn run(
    store: &dyn Calls,
    input: Input,
    format: Option<Format>,
    report: &mut dyn Report,
) -> Result<Summary, ImportError> {
    let name = input.name().to_owned();
    let (sender, mut batches) = mpsc::channel(AHEAD);
    // A thread of its own, not the runtime's: a standard input that says nothing must not hold
    // up the program's end.
    let reader = thread::spawn(move || read(input, format, &sender));
    let mut summary = Summary::default();
    while let Some(batch) = batches.recv().await {
        let (line, bytes) = (batch.first_line, batch.bytes);
        keep(store, batch, &mut summary, report).await.map_err(|cause| {
            let kept = summary.kept();
            ImportError::Database { input: name.clone(), line, kept, cause }
        })?;
        report.progress(bytes);
    }
    // The reader has dropped the channel, so it is about to end.
    match reader.join() {
        Ok(Ok(())) => Ok(summary),
        Ok(Err(error)) => Err(error.of(name, summary.kept())),
        Err(panicked) => panic::resume_unwind(panicked),
    }
}

/// Registers a batch and counts it, all of it or nothing.
async fn keep(
    store: &dyn Calls,
    batch: Batch,
    summary: &mut Summary,
    report: &mut dyn Report,
) -> Result<(), StoreError> {
    let puts = match batch.calls.as_slice() {
        [] => Vec::new(),
        calls => store.put_calls(calls).await?,
    };
    let mut refused = batch.refused;
    for (put, line) in puts.into_iter().zip(batch.lines) {
        match put {
            Put::Created => summary.created += 1,
            Put::Replaced => summary.replaced += 1,
            Put::Deleted => {
                let why = "the recording of this call was deleted here, for good; remove the row";
                refused.push((line, why.to_owned()));
            }
        }
    }
    refused.sort_by_key(|(line, _)| *line);
    for (line, why) in refused {
        summary.refused += 1;
        report.bad_row(line, &why);
    }
    Ok(())
}
