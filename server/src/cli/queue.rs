//! `tapedeck queue`: whether the queue moves, then the counts, then runs, failures and workers.

use std::{fmt::Write as _, process::ExitCode};

use anyhow::Result;
use shared::QueueState;

use super::{
    output::OutputFormat,
    table::Table,
    units::{length, progress, since},
};
use crate::{
    api::bodies,
    clock::elapsed,
    engine::rules::Policy,
    model::{Worker, WorkerId},
    store::{Queue, Upkeep},
};

/// The most rows of one table: the whole should be seen at a glance. `--json` has more.
const MOST_ROWS: usize = 10;

pub(super) async fn run(
    store: &dyn Upkeep,
    policy: &Policy,
    format: OutputFormat,
) -> Result<ExitCode> {
    let queue = store.queue().await?;
    let body = bodies::queue(&queue, policy);
    format.write(&body, || as_text(&queue, body.state))?;
    Ok(ExitCode::SUCCESS)
}

fn as_text(queue: &Queue, state: QueueState) -> String {
    let mut text = format!("{}\n\n{}", headline(queue, state), numbers(queue));
    for table in [running(queue), failures(queue), workers(queue)].into_iter().flatten() {
        let _ = write!(text, "\n{table}"); // writing to a String can't fail
    }
    text
}

fn headline(queue: &Queue, state: QueueState) -> String {
    let now = queue.now;
    match state {
        QueueState::Idle => "The queue is empty.".to_owned(),
        QueueState::Moving => "The queue moves.".to_owned(),
        QueueState::StandsStill => format!(
            "THE QUEUE STANDS STILL: a listener has waited for {}, and nothing was taken{}.",
            since(queue.oldest_wanted_at, now),
            queue
                .last_claim_at
                .map_or_else(String::new, |at| format!(" for {}", length(elapsed(at, now)))),
        ),
        QueueState::NoWorker => match queue.offline.first() {
            Some(last) => format!(
                "NO WORKER IS LIVE: the last one was heard {} ago, {}.",
                length(elapsed(last.last_seen_at, now)),
                last.place.as_deref().unwrap_or("no one knows where"),
            ),
            None => "NO WORKER IS LIVE.".to_owned(),
        },
    }
}

fn numbers(queue: &Queue) -> String {
    let now = queue.now;
    let ago = |at| match since(at, now).as_str() {
        "-" => "never, or long ago".to_owned(),
        time => format!("{time} ago"),
    };
    let oldest = match queue.oldest_wanted_at {
        Some(at) => format!(", the oldest for {}", length(elapsed(at, now))),
        None => String::new(),
    };
    format!(
        "queued     {} wanted{oldest}; {} that nobody waits for\n\
         running    {}\n\
         last hour  {} ready, {} failed\n\
         last taken {}; last ready {}\n\
         workers    {} live, {} lost\n",
        queue.queued_wanted,
        queue.queued_unwanted,
        queue.running,
        queue.ready,
        queue.failed,
        ago(queue.last_claim_at),
        ago(queue.last_ready_at),
        queue.workers.len(),
        queue.offline_workers,
    )
}

fn running(queue: &Queue) -> Option<String> {
    let mut table = Table::new(["RUNNING", "FOR", "TRY", "PROGRESS", "WORKER"]);
    for run in queue.runs.iter().take(MOST_ROWS) {
        let cells = [
            run.call_sid.to_string(),
            since(run.started_at, queue.now),
            run.attempt.to_string(),
            progress(run.bytes_done, run.bytes_total),
            run.worker.map_or_else(|| "-".to_owned(), |worker| name_of(worker, queue)),
        ];
        table.row(cells, []);
    }
    written(&table, queue.running)
}

fn failures(queue: &Queue) -> Option<String> {
    let mut table = Table::new(["FAILED", "LAST", "WHY"]);
    for failure in queue.failures.iter().take(MOST_ROWS) {
        let why = format!("{}: {}", failure.kind.as_str(), failure.reason);
        let last = format!("{} ago", length(elapsed(failure.last_at, queue.now)));
        let look = format!("tapedeck runs {}", failure.call_sid);
        table.row([failure.runs.to_string(), last, why], [look]);
    }
    written(&table, queue.failures.len() as u64)
}

fn workers(queue: &Queue) -> Option<String> {
    let mut table = Table::new(["WORKER", "STATE", "RUNS", "UP", "HEARD", "TOOK A RUN"]);
    let mut add = |worker: &Worker, state: &str| {
        let cells = [
            name(worker),
            state.to_owned(),
            worker.running.to_string(),
            length(elapsed(worker.started_at, queue.now)),
            format!("{} ago", length(elapsed(worker.last_seen_at, queue.now))),
            since(worker.last_claim_at, queue.now),
        ];
        table.row(cells, []);
    };
    // Where workers are missing, the lost ones are what matters.
    queue.offline.iter().take(MOST_ROWS / 2).for_each(|worker| add(worker, "lost"));
    queue.workers.iter().take(MOST_ROWS).for_each(|worker| add(worker, "live"));
    written(&table, queue.offline_workers + queue.workers.len() as u64)
}

/// The table, and how many rows it lacks; nothing where it would be empty.
fn written(table: &Table, total: u64) -> Option<String> {
    let left = total.saturating_sub(table.len() as u64);
    let more = if left > 0 { format!("… and {left} more\n") } else { String::new() };
    (total > 0).then(|| format!("{table}{more}"))
}

fn name_of(id: WorkerId, queue: &Queue) -> String {
    let known = queue.workers.iter().chain(&queue.offline).find(|worker| worker.id == id);
    known.map_or_else(|| id.to_string(), name)
}

fn name(worker: &Worker) -> String {
    worker.place.clone().unwrap_or_else(|| worker.id.to_string())
}
