//! `tapedeck retry`: new runs, regardless of the attempts used. Runs made in bulk queue behind what
//! listeners wait for, and never count as stuck, because no listener waits for them.

use std::{process::ExitCode, sync::Arc};

use anyhow::{Context as _, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use shared::{
    CallSid,
    body::{RetriedBody, SkippedBody},
};

use super::{
    output::{OutputFormat, refused, unknown_call},
    units::counted,
};
use crate::{
    api::bodies,
    bootstrap::{open_existing_store, recording_service_on},
    clock::SystemClock,
    config::Settings,
    engine::{
        RecordingService, RetryOutcome,
        rules::{Final, Purpose},
    },
    store::{FailedCursor, Upkeep},
};

/// Calls read at once.
const PAGE: u32 = 500;
/// The most calls that one command retries; the next goes on where it ended.
const MOST: u64 = 10_000;

/// Which calls to retry.
#[derive(Clone, Debug, Args)]
pub(super) struct Selection {
    /// The call
    #[arg(required_unless_present = "failed", conflicts_with = "failed")]
    call_sid: Option<CallSid>,
    /// Every call whose last run failed; what listeners wait for goes before them
    #[arg(long)]
    failed: bool,
}

/// `tapedeck retry SID` and `tapedeck retry --failed`
pub(super) async fn run(
    settings: &Settings,
    selection: Selection,
    format: OutputFormat,
) -> Result<ExitCode> {
    let store = open_existing_store(settings, Arc::new(SystemClock)).await?;
    let service = recording_service_on(settings, store.clone()).await?;
    match selection.call_sid {
        Some(call_sid) => one(&service, &call_sid, format).await,
        None => all_failed(&*store, &service, format).await,
    }
}

/// One call, as `POST /api/calls/{call_sid}/retry` does it.
async fn one(
    service: &RecordingService,
    call_sid: &CallSid,
    format: OutputFormat,
) -> Result<ExitCode> {
    let view = match service.retry(call_sid, Purpose::Listen).await? {
        RetryOutcome::Preparing { view, .. } => view,
        RetryOutcome::AlreadyReady => {
            let why = format!("the recording of {call_sid} is ready; there is nothing to retry");
            return Ok(refused(why));
        }
        RetryOutcome::Final(Final::CallNotFound) => return Ok(unknown_call(call_sid)),
        RetryOutcome::Final(Final::NoRecordingUrl) => {
            return Ok(refused(format_args!("{call_sid} has no recording URL")));
        }
        RetryOutcome::Final(_) => {
            return Ok(refused(format_args!("the recording of {call_sid} was deleted")));
        }
    };
    let progress = bodies::progress(&view, service.policy()).context("there is no run")?;
    let run = view.last_run.as_ref().map(|run| run.id.to_string()).unwrap_or_default();
    format.write(&progress, || format!("{call_sid} is {}: run {run}", progress.status))?;
    Ok(ExitCode::SUCCESS)
}

/// Every call in the state `failed`; those that failed last first.
async fn all_failed(
    store: &dyn Upkeep,
    service: &RecordingService,
    format: OutputFormat,
) -> Result<ExitCode> {
    let mut done = RetriedBody::default();
    // Half a minute for the most; hides itself where standard error is no terminal.
    let shown = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{spinner} {pos} calls")?);
    let gone_through = go_through(store, service, MOST, &mut done, &shown).await;
    shown.finish_and_clear();
    gone_through.with_context(|| {
        let so_far = counted(done.retried, "call");
        format!("stopped with {so_far} retried; do it again to go on")
    })?;
    format.write(&done, || as_text(&done))?;
    Ok(ExitCode::SUCCESS)
}

async fn go_through(
    store: &dyn Upkeep,
    service: &RecordingService,
    most: u64,
    done: &mut RetriedBody,
    shown: &ProgressBar,
) -> Result<()> {
    let mut after = FailedCursor::START;
    loop {
        let page = store.failed_calls(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.cursor;
        for failed in page {
            if done.retried >= most {
                done.more = true;
                return Ok(());
            }
            shown.inc(1);
            match service.retry(&failed.call_sid, Purpose::Prefetch).await? {
                RetryOutcome::Preparing { is_new: true, .. } => done.retried += 1,
                RetryOutcome::Preparing { is_new: false, .. } => done.skipped.being_prepared += 1,
                RetryOutcome::AlreadyReady => done.skipped.already_ready += 1,
                RetryOutcome::Final(_) => done.skipped.never += 1,
            }
        }
    }
}

fn as_text(done: &RetriedBody) -> String {
    let mut lines = vec![format!("retried {}", counted(done.retried, "call"))];
    let SkippedBody { being_prepared, already_ready, never } = done.skipped;
    for (number, why) in [
        (being_prepared, "being prepared already"),
        (already_ready, "ready meanwhile"),
        (never, "deleted meanwhile, or without a recording URL now"),
    ] {
        if number > 0 {
            lines.push(format!("skipped {}: {why}", counted(number, "call")));
        }
    }
    if done.more {
        lines.push("there are more; do it again to go on".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_were_retried_and_why_others_were_not() {
        let skipped = SkippedBody { being_prepared: 1, already_ready: 0, never: 2 };
        let done = RetriedBody { retried: 5_000, skipped, more: true };
        let lines = [
            "retried 5000 calls",
            "skipped 1 call: being prepared already",
            "skipped 2 calls: deleted meanwhile, or without a recording URL now",
            "there are more; do it again to go on",
        ];
        assert_eq!(as_text(&done), lines.join("\n"));
        assert_eq!(as_text(&RetriedBody::default()), "retried 0 calls");
    }
}
