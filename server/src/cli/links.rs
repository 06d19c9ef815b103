//! `tapedeck links`: signed links, and the keys that sign them. Reads no database: a link is made from the
//! settings alone.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Args, Subcommand};
use shared::CallSid;

use super::output::OutputFormat;
use crate::{
    api::link_input::{LinkInput, link_body},
    clock::{Clock as _, SystemClock},
    config::Settings,
};

#[derive(Debug, Subcommand)]
pub(super) enum LinksCommand {
    /// Makes a link to one call
    ///
    /// Example: tapedeck links create CA1 --expires 1h --by dana@example.com
    Create(LinkArguments),
    /// Prints a new key for `TAPEDECK_LINK_KEYS`
    ///
    /// Put it before the keys that are there: the first key signs, the others stay valid until you remove
    /// them.
    Key {
        /// The key's id, which each token names
        #[arg(default_value_t = default_kid())]
        kid: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct LinkArguments {
    /// The call
    call_sid: CallSid,
    /// What the link allows: listen, download or both, comma-separated
    #[arg(long, default_value = "listen")]
    scope: String,
    /// How long it is valid, at most 7 days
    #[arg(long, default_value = "1h", value_parser = humantime::parse_duration)]
    expires: std::time::Duration,
    /// One part of the call alone
    #[arg(long)]
    part: Option<u32>,
    /// The person whom the audit names
    #[arg(long)]
    by: Option<String>,
    /// The only site that may frame the player
    #[arg(long)]
    origin: Option<String>,
    #[command(flatten)]
    format: OutputFormat,
}

pub(super) fn run(settings: &Settings, command: LinksCommand) -> Result<ExitCode> {
    match command {
        LinksCommand::Create(arguments) => create(settings, arguments)?,
        LinksCommand::Key { kid } => println!("{kid}:{}", STANDARD.encode(random_bytes()?)),
    }
    Ok(ExitCode::SUCCESS)
}

fn create(settings: &Settings, arguments: LinkArguments) -> Result<()> {
    let Some(key) = settings.link_keys.signing() else {
        bail!("no key signs links; set TAPEDECK_LINK_KEYS to the output of `tapedeck links key`");
    };
    let LinkArguments { call_sid, scope, expires, part, by, origin, format } = arguments;
    let input = LinkInput::new(Some(&scope), Some(expires.as_secs()), part, by, origin)
        .map_err(anyhow::Error::msg)?;
    let link = input.into_link(call_sid, key, SystemClock.now());
    let body = link_body(&link, key, settings.public_url.as_ref());
    format.write(&body, || body.url.clone())
}

/// `tapedeck token`: an administrator's token, 32 random bytes.
pub(super) fn print_token() -> Result<ExitCode> {
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random_bytes()?);
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}

fn random_bytes() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(bytes)
}

/// The day, so that the age of a key shows.
fn default_kid() -> String {
    SystemClock.now().strftime("%Y-%m-%d").to_string()
}
