//! What the program can be told to do, and how it ends.

mod metrics;
mod serve;
mod shutdown;
mod worker;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use shared::CallSid;

use crate::{
    clock::SystemClock,
    import,
    operator::{self, Form, Which},
    settings::Settings,
    start,
};

/// The recording gateway that never leaves a listener guessing.
///
/// Settings come from the environment, and from a file `.env`; README.md lists them.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves API and pages, with a worker inside (the default)
    Serve(Serve),
    /// Works on the queue alone; as many as wanted on the same database
    Worker,
    /// Brings the database up to date; `serve` and `worker` do so too
    Migrate,
    /// Shows whether the queue moves, what waits and runs, what failed, and who works
    Queue {
        #[command(flatten)]
        form: Form,
    },
    /// Shows the runs of a call
    Runs {
        /// The call
        call_sid: CallSid,
        #[command(flatten)]
        form: Form,
    },
    /// Has the recordings of failed calls fetched again, whatever the attempts say
    Retry {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        form: Form,
    },
    /// Registers calls from a file of CSV or JSON lines
    Import {
        /// The file; `-` for standard input
        file: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, Default, Args)]
struct Serve {
    /// Without a worker: runs wait for another process
    #[arg(long)]
    no_worker: bool,
    /// With demo calls, and a provider of their recordings
    #[arg(long)]
    demo: bool,
}

impl Cli {
    /// What is logged where `TAPEDECK_LOG` does not say: a command's own answer is enough, a
    /// process that goes on tells what it does.
    pub fn log_default(&self) -> &'static str {
        match self.command {
            None | Some(Command::Serve(_) | Command::Worker) => "info",
            Some(_) => "warn",
        }
    }

    /// Does what was asked for. An error is for the operator, in one line.
    pub async fn run(self, settings: Settings) -> Result<ExitCode> {
        match self.command.unwrap_or(Command::Serve(self.serve)) {
            Command::Serve(serve) => serve::run(settings, serve).await?,
            Command::Worker => worker::run(settings).await?,
            Command::Migrate => {
                start::open_store(&settings, Arc::new(SystemClock)).await?;
                println!("the database is up to date");
            }
            Command::Queue { form } => return operator::show_queue(&settings, form).await,
            Command::Runs { call_sid, form } => {
                return operator::show_runs(&settings, &call_sid, form).await;
            }
            Command::Retry { which, form } => return operator::retry(&settings, which, form).await,
            Command::Import { file } => {
                let store = start::open_store(&settings, Arc::new(SystemClock)).await?;
                return Ok(import::command(&*store, &file).await?.into());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
