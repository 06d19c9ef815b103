//! The `tapedeck` program: reads the settings, sets up the log, and runs the command. Exits with 2 and one
//! line where it can't start.

use std::{ffi::OsString, io::IsTerminal as _, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Parser as _;
use server::{
    cli::{Cli, credentials},
    config::{LogFormat, Settings},
};
use tracing::warn;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    run(cli).unwrap_or_else(|error| {
        // One line, whatever the causes' own texts are.
        let line = format!("{error:#}").replace('\n', " ");
        eprintln!("tapedeck: {line}");
        ExitCode::from(2)
    })
}

fn run(cli: Cli) -> Result<ExitCode> {
    let environment: Vec<_> = std::env::vars_os().collect();
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => return Err(error).context("the file .env"),
        _ => {}
    }
    // What `.env` added; it counts after the configuration file.
    let is_added =
        |(name, _): &(OsString, OsString)| !environment.iter().any(|(own, _)| own == name);
    let dot_env: Vec<_> = std::env::vars_os().filter(is_added).collect();
    let settings = Settings::read_with(environment.clone(), credentials()?, dot_env)?;
    set_up_log(&settings, cli.log_default());
    for name in &settings.unknown {
        warn!("{name} is not a setting; README.md lists them");
    }
    let runtime = tokio::runtime::Runtime::new().context("threads can't be started")?;
    let code = runtime.block_on(cli.run(settings));
    // The command has ended. Dropping the runtime would take the timer away from threads that still close
    // connections, and they would panic. The end of the process ends them.
    std::mem::forget(runtime);
    code
}

/// The storage's library logs each of its tries, and the decoder text that may come from a recording: both
/// are off unless the filter, which comes later and wins, names them.
fn log_filter(wanted: &str) -> EnvFilter {
    EnvFilter::new(format!("object_store=warn,symphonia=off,{wanted}"))
}

fn set_up_log(settings: &Settings, default: &str) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(log_filter(settings.log.as_deref().unwrap_or(default)))
        .with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
}
