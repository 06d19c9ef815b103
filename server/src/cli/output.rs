//! How a command writes its answer. Standard output carries what the operator asked for: tables, or
//! with `--json` one JSON object as the API has it. A refusal is one line on standard error.

use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use shared::CallSid;

/// The form of a command's answer.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct OutputFormat {
    /// One JSON object, as the API has it, for scripts
    #[arg(long)]
    json: bool,
}

impl OutputFormat {
    /// Writes the answer in this form.
    pub(super) fn write(self, body: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let answer = if self.json { serde_json::to_string(body)? } else { text() };
        // A closed standard output means that the reader has seen enough: not an error.
        let _ = writeln!(io::stdout(), "{}", answer.trim_end());
        Ok(())
    }
}

/// The command is understood, but can't be carried out: one line, and exit code 1.
pub(super) fn refused(why: impl Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "tapedeck: {why}");
    ExitCode::from(1)
}

pub(super) fn unknown_call(call_sid: &CallSid) -> ExitCode {
    refused(format_args!("no call {call_sid} is registered"))
}
