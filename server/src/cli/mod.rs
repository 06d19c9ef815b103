//! The command line: which commands exist, and the exit code of each. The operator's commands
//! (`queue`, `runs`, `retry`) read the database themselves, so they work while no server runs.

mod config_check;
mod import;
mod import_progress;
mod links;
mod metrics_listener;
mod output;
mod queue;
mod retry;
mod runs;
mod serve;
mod shutdown;
mod storage;
mod systemd;
mod table;
mod units;
mod worker;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use shared::CallSid;

pub use self::{
    import::{Outcome as ImportOutcome, import_file},
    systemd::credentials,
};
use self::{links::LinksCommand, output::OutputFormat, retry::Selection, storage::StorageCommand};
use crate::{
    bootstrap::{open_existing_store, open_store},
    clock::SystemClock,
    config::Settings,
};

/// The recording gateway that never leaves a listener guessing.
///
/// Settings come from the environment, from the file that `TAPEDECK_CONFIG` names, and from a file
/// `.env`; README.md lists them.
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
    /// Runs a worker alone; any number of them may share a database
    Worker,
    /// Brings the database up to date; `serve` and `worker` do so too
    Migrate,
    /// Shows whether the queue moves, what waits and runs, what failed, and the workers
    Queue {
        #[command(flatten)]
        format: OutputFormat,
    },
    /// Shows the runs of a call
    Runs {
        /// The call
        call_sid: CallSid,
        #[command(flatten)]
        format: OutputFormat,
    },
    /// Fetches the recordings of failed calls again, regardless of the attempts used
    Retry {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        format: OutputFormat,
    },
    /// Makes signed links to calls, and the keys that sign them
    Links {
        #[command(subcommand)]
        command: LinksCommand,
    },
    /// Prints a new token for `TAPEDECK_ADMIN_TOKEN`: 32 random bytes
    Token,
    /// Shows the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Compares the storage with the database
    #[command(subcommand)]
    Storage(StorageCommand),
    /// Registers calls from a file of CSV or JSON lines
    Import {
        /// The file; `-` for standard input
        file: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum ConfigCommand {
    /// Shows each setting, where it came from (secrets masked), and what is wrong
    ///
    /// Example: `TAPEDECK_CONFIG=tapedeck.toml tapedeck config check`
    Check {
        #[command(flatten)]
        format: OutputFormat,
    },
}

#[derive(Clone, Copy, Debug, Default, Args)]
struct Serve {
    /// Start without a worker: runs wait for another process
    #[arg(long)]
    no_worker: bool,
    /// Add demo calls, and a provider that serves their recordings
    #[arg(long)]
    demo: bool,
}

impl Cli {
    /// The log level where `TAPEDECK_LOG` sets none: a server or worker logs what it does, a
    /// command prints its answer and logs warnings only.
    pub fn log_default(&self) -> &'static str {
        match self.command {
            None | Some(Command::Serve(_) | Command::Worker) => "info",
            Some(_) => "warn",
        }
    }

    /// Runs the command. An error is one line for the operator.
    pub async fn run(self, settings: Settings) -> Result<ExitCode> {
        match self.command.unwrap_or(Command::Serve(self.serve)) {
            Command::Serve(serve) => serve::run(settings, serve).await?,
            Command::Worker => worker::run(settings).await?,
            Command::Migrate => {
                open_store(&settings, Arc::new(SystemClock)).await?;
                println!("the database is up to date");
            }
            Command::Queue { format } => {
                let store = open_existing_store(&settings, Arc::new(SystemClock)).await?;
                return queue::run(&*store, &settings.policy, format).await;
            }
            Command::Runs { call_sid, format } => {
                let store = open_existing_store(&settings, Arc::new(SystemClock)).await?;
                return runs::run(&*store, &call_sid, format).await;
            }
            Command::Retry { selection, format } => {
                return retry::run(&settings, selection, format).await;
            }
            Command::Links { command } => return links::run(&settings, command),
            Command::Token => return links::print_token(),
            Command::Config(ConfigCommand::Check { format }) => {
                return config_check::run(&settings, format);
            }
            Command::Storage(command) => return storage::run(&settings, command).await,
            Command::Import { file } => {
                let store = open_store(&settings, Arc::new(SystemClock)).await?;
                return Ok(import_file(&*store, &file).await?.into());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
