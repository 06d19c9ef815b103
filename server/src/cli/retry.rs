//! `tapedeck retry`: new runs, whatever the attempts say. Many at once wait behind what listeners
//! wait for, and are never called stuck, because nobody waits for them.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use shared::{
    CallSid,
    body::{RetriedBody, SkippedBody},
};

use super::{Form, refused, unknown_call, words::counted};
use crate::{
    engine::{
        Desk, Retried,
        rules::{Asker, Final},
    },
    http::bodies,
    store::{FailedPlace, Upkeep},
};

/// Calls read at once.
const PAGE: u32 = 500;
/// The most calls that one command retries; the next goes on where it ended.
const MOST: u64 = 10_000;

/// One call, as `POST /api/calls/{call_sid}/retry` does it.
pub(super) async fn one(desk: &Desk, call_sid: &CallSid, form: Form) -> Result<ExitCode> {
    let view = match desk.retry(call_sid, Asker::Listener).await? {
        Retried::Preparing { view, .. } => view,
        Retried::AlreadyReady => {
            let why = format!("the recording of {call_sid} is ready; there is nothing to retry");
            return Ok(refused(why));
        }
        Retried::Final(Final::CallNotFound) => return Ok(unknown_call(call_sid)),
        Retried::Final(Final::NoRecordingUrl) => {
            return Ok(refused(format_args!("{call_sid} has no recording URL")));
        }
        Retried::Final(_) => {
            return Ok(refused(format_args!("the recording of {call_sid} was deleted")));
        }
    };
    let progress = bodies::progress(&view, desk.policy()).context("there is no run")?;
    let run = view.last_run.as_ref().map(|run| run.id.to_string()).unwrap_or_default();
    form.write(&progress, || format!("{call_sid} is {}: run {run}", progress.status))?;
    Ok(ExitCode::SUCCESS)
}

/// Every call in the state `failed`; those that failed last first.
pub(super) async fn all_failed(store: &dyn Upkeep, desk: &Desk, form: Form) -> Result<ExitCode> {
    let mut done = RetriedBody::default();
    // Half a minute for the most; hides itself where standard error is no terminal.
    let shown = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{spinner} {pos} calls")?);
    let gone_through = go_through(store, desk, MOST, &mut done, &shown).await;
    shown.finish_and_clear();
    gone_through.with_context(|| {
        let so_far = counted(done.retried, "call");
        format!("stopped with {so_far} retried; do it again to go on")
    })?;
    form.write(&done, || in_words(&done))?;
    Ok(ExitCode::SUCCESS)
}

async fn go_through(
    store: &dyn Upkeep,
    desk: &Desk,
    most: u64,
    done: &mut RetriedBody,
    shown: &ProgressBar,
) -> Result<()> {
    let mut after = FailedPlace::START;
    loop {
        let page = store.failed_calls(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.place;
        for failed in page {
            if done.retried >= most {
                done.more = true;
                return Ok(());
            }
            shown.inc(1);
            match desk.retry(&failed.call_sid, Asker::Prefetch).await? {
                Retried::Preparing { is_new: true, .. } => done.retried += 1,
                Retried::Preparing { is_new: false, .. } => done.skipped.being_prepared += 1,
                Retried::AlreadyReady => done.skipped.already_ready += 1,
                Retried::Final(_) => done.skipped.never += 1,
            }
        }
    }
}

fn in_words(done: &RetriedBody) -> String {
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
        assert_eq!(in_words(&done), lines.join("\n"));
        assert_eq!(in_words(&RetriedBody::default()), "retried 0 calls");
    }
}
