//! `tapedeck runs SID`: the history of one call's recording, run by run.

use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use shared::CallSid;

use super::{
    output::{OutputFormat, unknown_call},
    table::Table,
    units::{length, progress, since, time},
};
use crate::{
    api::bodies,
    clock::elapsed,
    model::Run,
    store::{CallDetail, Store},
};

pub(super) async fn run(
    store: &dyn Store,
    call_sid: &CallSid,
    format: OutputFormat,
) -> Result<ExitCode> {
    let now = store.now().await?;
    let Some(detail) = store.call(call_sid).await? else { return Ok(unknown_call(call_sid)) };
    let text = as_text(&detail, now);
    format.write(&bodies::detail(detail), || text)?;
    Ok(ExitCode::SUCCESS)
}

fn as_text(detail: &CallDetail, now: Timestamp) -> String {
    let call = &detail.call.call_sid;
    let state = detail.recording.state;
    if detail.runs.is_empty() {
        return format!("{call} is {state}; it has had no run\n");
    }
    let mut table = Table::new(["RUN", "STATUS", "TRY", "MADE", "TOOK"]);
    for run in &detail.runs {
        let end = run.finished_at.unwrap_or(now);
        let cells = [
            run.id.to_string(),
            run.status.to_string(),
            run.attempt.to_string(),
            time(run.created_at),
            length(elapsed(run.created_at, end)),
        ];
        table.row(cells, notes(run, now));
    }
    format!("{call} is {state}\n\n{table}")
}

fn notes(run: &Run, now: Timestamp) -> Vec<String> {
    let mut notes = Vec::new();
    match run.started_at {
        Some(at) => {
            let worker = run.worker.map_or_else(String::new, |worker| format!(" by {worker}"));
            let waited = length(elapsed(run.queued_at, at));
            notes.push(format!("taken after {waited}{worker}"));
        }
        None if run.wanted_at.is_none() => notes.push("nobody waits for it".to_owned()),
        None => notes.push(format!("wanted since {}", since(run.wanted_at, now))),
    }
    if run.status.is_active() && run.bytes_done > 0 {
        notes.push(progress(run.bytes_done, run.bytes_total));
    }
    if let Some(failure) = &run.failure {
        notes.push(format!("{}: {}", failure.kind.as_str(), failure.reason));
    }
    if let Some(at) = run.refused_at {
        notes.push(format!("another run was refused at {}", time(at)));
    }
    notes
}
