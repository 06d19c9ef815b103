//! `tapedeck config check`: every setting, where it came from, and what each source needs. The
//! settings were read before this runs; a bad one ended the program with its line.

use std::{fmt::Write as _, process::ExitCode};

use anyhow::Result;
use serde_json::json;

use super::{output::OutputFormat, table::Table};
use crate::{
    config::{Recorded, Settings, SourceSettings},
    sources::event::Kind,
};

pub(super) fn run(settings: &Settings, format: OutputFormat) -> Result<ExitCode> {
    format.write(&body(settings), || text(settings))?;
    Ok(if settings.unknown.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn body(settings: &Settings) -> serde_json::Value {
    let value = |record: &Recorded| json!({"name": record.name, "value": record.shown, "from": record.origin.to_string()});
    let source = |source: &SourceSettings| {
        json!({"name": source.name.as_str(), "kind": source.kind.as_str(),
            "url": address(settings, source), "line": source.at.line})
    };
    json!({
        "settings": settings.records.iter().map(value).collect::<Vec<_>>(),
        "sources": settings.sources.iter().map(source).collect::<Vec<_>>(),
        "unknown": settings.unknown,
    })
}

fn text(settings: &Settings) -> String {
    let mut table = Table::new(["SETTING", "VALUE", "FROM"]);
    for record in &settings.records {
        let shown = record.shown.clone().unwrap_or_else(|| "(not set)".to_owned());
        table.row([record.name.to_owned(), shown, record.origin.to_string()], []);
    }
    let mut text = table.to_string();
    if !settings.sources.is_empty() {
        let mut table = Table::new(["SOURCE", "KIND", "ADDRESS FOR ITS CALLBACKS"]);
        for source in &settings.sources {
            let cells = [source.name.to_string(), source.kind.as_str().to_owned()];
            table.row(cells.into_iter().chain([address(settings, source)]), []);
        }
        let _ = write!(text, "\n{table}");
    }
    for name in &settings.unknown {
        let _ = write!(text, "\n{name} is not a setting; README.md lists them");
    }
    text
}

/// What to paste at the provider.
pub(super) fn address(settings: &Settings, source: &SourceSettings) -> String {
    let url = settings.public_url.as_ref().map(|url| url.join(&source.name.path()));
    let url = url.unwrap_or_else(|| source.name.path());
    match source.kind {
        // By default Twilio tries again only where connecting failed: five tries, whatever fails.
        Kind::Twilio => format!("{url}#rc=5&rp=all"),
        _ => url,
    }
}
