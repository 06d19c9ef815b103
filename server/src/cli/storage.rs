//! `tapedeck storage unknown`: the objects of the storage that the database does not know. Lists
//! them, adopts them as recordings, or removes them. Reads database and storage themselves, so it
//! works while no server runs.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use bytesize::ByteSize;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    output::{OutputFormat, refused},
    table::Table,
    units::counted,
};
use crate::{
    bootstrap::{open_existing_store, open_own_storage, open_storage, open_store},
    clock::SystemClock,
    config::Settings,
    engine::{Adopted, Quarantine, Removal},
    model::{Description, ObjectKey, Quarantined},
    storage::take_over,
    store::Store,
};

/// Rows that a listing shows.
const MOST_LISTED: usize = 1_000;

/// What to do with the storage.
#[derive(Debug, Subcommand)]
pub(super) enum StorageCommand {
    /// Shows, adopts or removes the objects that the database does not know
    ///
    /// After a restore of an older database: `tapedeck storage unknown --adopt`
    Unknown {
        #[command(flatten)]
        action: Action,
        #[command(flatten)]
        format: OutputFormat,
    },
}

/// What to do with the unknown objects.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Action {
    /// Show them (the default)
    #[arg(long, conflicts_with_all = ["adopt", "remove"])]
    list: bool,
    /// Make recordings of them again, by the descriptions that lie beside them
    #[arg(long, conflicts_with = "remove")]
    adopt: bool,
    /// Remove them for good
    #[arg(long)]
    remove: bool,
    /// First bind the storage of a lost database to this new, empty one
    #[arg(long, requires = "adopt")]
    new_database: bool,
    /// Do not ask before removing
    #[arg(long)]
    yes: bool,
    /// Only these objects, as `--list` shows them
    #[arg(value_parser = parse_key)]
    keys: Vec<ObjectKey>,
}

fn parse_key(text: &str) -> Result<ObjectKey, &'static str> {
    ObjectKey::parse(text)
        .ok_or("is no object's name; `tapedeck storage unknown --list` shows them")
}

#[derive(Serialize)]
struct ListBody {
    objects: Vec<ObjectBody>,
    total_objects: u64,
    total_bytes: u64,
    /// Whether there are more than are listed.
    more: bool,
}

#[derive(Serialize)]
struct ObjectBody {
    key: String,
    bytes: u64,
    written_at: String,
    /// Whether a description says whose it is.
    described: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<f64>,
}

#[derive(Default, Serialize)]
struct AdoptBody {
    adopted: u64,
    refused: Vec<RefusedBody>,
}

#[derive(Serialize)]
struct RefusedBody {
    key: String,
    reason: String,
}

#[derive(Serialize)]
struct RemoveBody {
    removed: u64,
    bytes: u64,
    kept: u64,
}

/// `tapedeck storage …`
pub(super) async fn run(settings: &Settings, command: StorageCommand) -> Result<ExitCode> {
    let StorageCommand::Unknown { action, format } = command;
    let clock = Arc::new(SystemClock);
    let store = if action.new_database {
        let store = open_store(settings, clock).await?;
        take_over(&open_storage(settings)?, &*store).await.context("TAPEDECK_STORAGE_URL")?;
        store
    } else {
        open_existing_store(settings, clock).await?
    };
    let storage = open_own_storage(settings, &*store).await.context("TAPEDECK_STORAGE_URL")?;
    let quarantine = Quarantine::new(store.clone(), storage);
    // What is older than this command is whole; the sweep waits longer, and removes.
    quarantine.scan(store.now().await?, Removal::Forbidden).await?;
    if action.adopt {
        adopt(&quarantine, &action.keys, format).await
    } else if action.remove {
        remove(&*store, &quarantine, &action, format).await
    } else {
        list(&*store, &quarantine, &action.keys, format).await
    }
}

async fn list(
    store: &dyn Store,
    quarantine: &Quarantine,
    only: &[ObjectKey],
    format: OutputFormat,
) -> Result<ExitCode> {
    let size = store.quarantine_size().await?;
    let mut objects = Vec::new();
    let is_complete = quarantine
        .list(only, &mut |object| {
            objects.push(object_body(&object));
            objects.len() < MOST_LISTED
        })
        .await?;
    let body = ListBody {
        objects,
        total_objects: size.objects,
        total_bytes: size.bytes,
        more: !is_complete,
    };
    format.write(&body, || list_text(&body))?;
    Ok(ExitCode::SUCCESS)
}

fn object_body(object: &Quarantined) -> ObjectBody {
    let json = object.description.as_deref().unwrap_or_default().as_bytes();
    let description = Description::parse(&object.key, json).ok();
    ObjectBody {
        key: object.key.to_string(),
        bytes: object.bytes,
        written_at: object.written_at.to_string(),
        described: description.is_some(),
        call_sid: description.as_ref().map(|known| known.call_sid.to_string()),
        part: description.as_ref().map(|known| known.part),
        content_type: description.as_ref().map(|known| known.content_type.clone()),
        duration_seconds: description.as_ref().and_then(|known| known.duration_seconds),
    }
}

fn list_text(body: &ListBody) -> String {
    if body.objects.is_empty() {
        return "the database knows every object of the storage".to_owned();
    }
    let mut table = Table::new(["OBJECT", "SIZE", "CALL", "PART"]);
    for object in &body.objects {
        let call = object.call_sid.clone().unwrap_or_else(|| "no description".to_owned());
        let part = object.part.map_or_else(|| "-".to_owned(), |part| part.to_string());
        table.row([object.key.clone(), size(object.bytes), call, part], []);
    }
    let total = format!("{}, {}", counted(body.total_objects, "object"), size(body.total_bytes));
    let more = if body.more { "\nthere are more than are shown here" } else { "" };
    format!("{table}\n{total}{more}")
}

async fn adopt(
    quarantine: &Quarantine,
    only: &[ObjectKey],
    format: OutputFormat,
) -> Result<ExitCode> {
    let mut body = AdoptBody::default();
    let adopted = quarantine
        .adopt(only, &mut |Adopted { key, result }| match result {
            Ok(_) => body.adopted += 1,
            Err(refusal) => {
                body.refused
                    .push(RefusedBody { key: key.to_string(), reason: refusal.to_string() });
            }
        })
        .await;
    adopted.with_context(|| {
        let so_far = counted(body.adopted, "recording");
        format!("stopped with {so_far} adopted; run it again to continue")
    })?;
    format.write(&body, || adopt_text(&body))?;
    Ok(if body.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn adopt_text(body: &AdoptBody) -> String {
    let mut lines = vec![format!("adopted {}", counted(body.adopted, "recording"))];
    for RefusedBody { key, reason } in &body.refused {
        lines.push(format!("not adopted: {key}: {reason}"));
    }
    lines.join("\n")
}

async fn remove(
    store: &dyn Store,
    quarantine: &Quarantine,
    action: &Action,
    format: OutputFormat,
) -> Result<ExitCode> {
    let (objects, bytes) = if action.keys.is_empty() {
        let all = store.quarantine_size().await?;
        (all.objects, format!(", {}", size(all.bytes)))
    } else {
        (action.keys.len() as u64, String::new())
    };
    if objects > 0 && !action.yes && !confirmed(objects, &bytes)? {
        return Ok(refused("nothing was removed; say --yes to remove without a question"));
    }
    let removed = quarantine.remove(&action.keys).await?;
    let body = RemoveBody { removed: removed.objects, bytes: removed.bytes, kept: removed.kept };
    format.write(&body, || {
        format!("removed {}, {}", counted(body.removed, "object"), size(body.bytes))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Asks on a terminal; elsewhere the answer is no.
fn confirmed(objects: u64, bytes: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    let what = counted(objects, "object");
    write!(io::stderr(), "Remove {what}{bytes} for good? [y/N] ")?;
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn size(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_says_whose_the_objects_are_and_how_many_there_are() {
        let object = |key: &str, call_sid: Option<&str>| ObjectBody {
            key: key.to_owned(),
            bytes: 2_048,
            written_at: "2026-11-25T07:00:00Z".to_owned(),
            described: call_sid.is_some(),
            call_sid: call_sid.map(str::to_owned),
            part: call_sid.map(|_| 1),
            content_type: None,
            duration_seconds: None,
        };
        let body = ListBody {
            objects: vec![object("CA1/a", Some("CA1")), object("CA2/b", None)],
            total_objects: 3,
            total_bytes: 6_144,
            more: true,
        };
        let lines = [
            "OBJECT  SIZE     CALL            PART",
            "CA1/a   2.0 KiB  CA1             1",
            "CA2/b   2.0 KiB  no description  -",
            "",
            "3 objects, 6.0 KiB",
            "there are more than are shown here",
        ];
        assert_eq!(list_text(&body), lines.join("\n"));
    }

    #[test]
    fn an_adoption_reports_each_refusal() {
        let refused =
            vec![RefusedBody { key: "CA1/a".into(), reason: "the recording is ready".into() }];
        let body = AdoptBody { adopted: 1, refused };
        let lines = ["adopted 1 recording", "not adopted: CA1/a: the recording is ready"];
        assert_eq!(adopt_text(&body), lines.join("\n"));
    }
}
