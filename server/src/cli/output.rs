//! `tapedeck queue`, `runs` and `retry`: what an operator asks and does at night, on the database
//! itself, so it works while no server does. Is no worker, and never touches the storage.
//!
//! Standard output is what was asked for: tables, or with `--json` the API's bodies, one object.
//! Why something can't be done is one line on standard error.

mod queue;
mod retry;
mod runs;
mod table;
mod words;

use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use shared::CallSid;

use crate::{
    clock::SystemClock,
    settings::Settings,
    start::{desk_on, open_existing_store},
};

/// How the answer is written.
#[derive(Clone, Copy, Debug, Args)]
pub struct Form {
    /// One JSON object, as the API has it, for scripts
    #[arg(long)]
    json: bool,
}

/// Which calls to retry.
#[derive(Clone, Debug, Args)]
pub struct Which {
    /// The call
    #[arg(required_unless_present = "failed", conflicts_with = "failed")]
    call_sid: Option<CallSid>,
    /// Every call whose last run failed; what listeners wait for goes before them
    #[arg(long)]
    failed: bool,
}

/// `tapedeck queue`
pub async fn show_queue(settings: &Settings, form: Form) -> Result<ExitCode> {
    let store = open_existing_store(settings, Arc::new(SystemClock)).await?;
    queue::command(&*store, &settings.policy, form).await
}

/// `tapedeck runs SID`
pub async fn show_runs(settings: &Settings, call_sid: &CallSid, form: Form) -> Result<ExitCode> {
    let store = open_existing_store(settings, Arc::new(SystemClock)).await?;
    runs::command(&*store, call_sid, form).await
}

/// `tapedeck retry SID` and `tapedeck retry --failed`
pub async fn retry(settings: &Settings, which: Which, form: Form) -> Result<ExitCode> {
    let store = open_existing_store(settings, Arc::new(SystemClock)).await?;
    let desk = desk_on(settings, store.clone()).await?;
    match which.call_sid {
        Some(call_sid) => retry::one(&desk, &call_sid, form).await,
        None => retry::all_failed(&*store, &desk, form).await,
    }
}

impl Form {
    /// Writes the answer in this form.
    fn write(self, body: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let answer = if self.json { serde_json::to_string(body)? } else { text() };
        // Whoever closes standard output does not want to read on: no reason to complain.
        let _ = writeln!(io::stdout(), "{}", answer.trim_end());
        Ok(())
    }
}

/// What was asked for is not there, or can't be: one line, and exit code 1.
fn refused(why: impl Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "tapedeck: {why}");
    ExitCode::from(1)
}

fn unknown_call(call_sid: &CallSid) -> ExitCode {
    refused(format_args!("no call {call_sid} is registered"))
}
