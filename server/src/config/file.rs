//! The file that `TAPEDECK_CONFIG` names: the settings of the environment under shorter names
//! (`job_timeout` for `TAPEDECK_JOB_TIMEOUT`), and one `[[source]]` for each telephony system.
//! Parses text alone. Every value keeps its line and column.

use std::{collections::BTreeMap, fmt, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Where something stands in the file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// What is wrong in the file, and where. Never quotes a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}")]
pub(super) struct InvalidFile {
    /// Where.
    pub at: Position,
    /// Why, and what would do.
    pub why: String,
}

/// The file's name and text, to tell positions.
pub(super) struct Text<'a>(pub(super) &'a str);

impl Text<'_> {
    pub(super) fn position(&self, span: &Range<usize>) -> Position {
        let before = self.0.get(..span.start).unwrap_or(self.0);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        Position { line, column: before[line_start..].chars().count() + 1 }
    }

    pub(super) fn wrong(&self, span: &Range<usize>, why: impl Into<String>) -> InvalidFile {
        InvalidFile { at: self.position(span), why: why.into() }
    }
}

/// A setting of the file: its text as the environment would have it, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileValue {
    pub(super) text: String,
    pub(super) at: Position,
}

/// A parsed file.
pub(super) struct ParsedFile<'a> {
    /// By the environment's name.
    pub(super) values: BTreeMap<String, FileValue>,
    pub(super) sources: Vec<&'a Spanned<DeValue<'a>>>,
}

/// The file as TOML.
pub(super) fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, InvalidFile> {
    DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        // The message of the parser is about the syntax; it quotes no value.
        Text(text).wrong(&span, error.message().replace('\n', ", "))
    })
}

/// The settings and the tables of sources in it.
pub(super) fn settings<'a>(
    text: &str,
    table: &'a DeTable<'a>,
) -> Result<ParsedFile<'a>, InvalidFile> {
    let text = Text(text);
    let mut parsed = ParsedFile { values: BTreeMap::new(), sources: Vec::new() };
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        match (name, value.get_ref()) {
            ("source", DeValue::Array(tables)) => {
                parsed.sources.extend(tables.iter());
            }
            ("source", _) => {
                return Err(text.wrong(&key.span(), "write each source as [[source]]"));
            }
            ("aws", DeValue::Table(keys)) => {
                for (key, value) in keys {
                    add(
                        &text,
                        &mut parsed.values,
                        &format!("AWS_{}", upper(key.get_ref())),
                        value,
                    )?;
                }
            }
            _ => add(&text, &mut parsed.values, &variable(name), value)?,
        }
    }
    Ok(parsed)
}

/// The environment's name of a key.
fn variable(key: &str) -> String {
    match key {
        "site_addr" | "site_root" => format!("LEPTOS_{}", upper(key)),
        _ => format!("TAPEDECK_{}", upper(key)),
    }
}

/// A key of the file, from the environment's name.
pub(super) fn key(variable: &str) -> String {
    let lower = variable.to_ascii_lowercase();
    let short = ["tapedeck_", "leptos_"].iter().find_map(|prefix| lower.strip_prefix(prefix));
    match (short, lower.strip_prefix("aws_")) {
        (Some(short), _) => short.to_owned(),
        (None, Some(key)) => format!("aws.{key}"),
        (None, None) => lower,
    }
}

fn upper(key: &str) -> String {
    key.to_ascii_uppercase()
}

fn add(
    text: &Text<'_>,
    values: &mut BTreeMap<String, FileValue>,
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<(), InvalidFile> {
    let at = text.position(&value.span());
    let written = written(value.get_ref()).ok_or_else(|| {
        text.wrong(&value.span(), "is a table; write a text, a number, true, false, or a list")
    })?;
    values.insert(name.to_owned(), FileValue { text: written, at });
    Ok(())
}

/// As the environment would have it: lists comma-separated.
fn written(value: &DeValue<'_>) -> Option<String> {
    Some(match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().replace('_', ""),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            items.iter().map(|item| written(item.get_ref())).collect::<Option<Vec<_>>>()?.join(",")
        }
        DeValue::Table(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String, String)>, String> {
        let table = parse(text).map_err(|error| error.to_string())?;
        let parsed = settings(text, table.get_ref()).map_err(|error| error.to_string())?;
        let shown = |(name, value): (String, FileValue)| (name, value.text, value.at.to_string());
        Ok(parsed.values.into_iter().map(shown).collect())
    }

    #[test]
    fn keys_are_the_environments_names_and_values_its_texts() {
        let text = "job_timeout = \"5m\"\nmax_retry_attempts = 1_0\npublic_playback = true\n\
                    provider_allow = [\"a.b\", \"*.c.d\"]\nsite_addr = \"127.0.0.1:1\"\n[aws]\nregion = \"x\"\n";
        let expected = [
            ("AWS_REGION", "x", "7:10"),
            ("LEPTOS_SITE_ADDR", "127.0.0.1:1", "5:13"),
            ("TAPEDECK_JOB_TIMEOUT", "5m", "1:15"),
            ("TAPEDECK_MAX_RETRY_ATTEMPTS", "10", "2:22"),
            ("TAPEDECK_PROVIDER_ALLOW", "a.b,*.c.d", "4:18"),
            ("TAPEDECK_PUBLIC_PLAYBACK", "true", "3:19"),
        ];
        let owned =
            expected.map(|(name, text, at)| (name.to_owned(), text.to_owned(), at.to_owned()));
        assert_eq!(read(text).unwrap(), owned);
        for (name, _, _) in expected {
            assert!(text.contains(key(name).trim_start_matches("aws.")), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_placed_and_never_quoted() {
        for (text, error) in [
            ("a = 1\nadmin_token = \"hunter2\n", "2:"),
            ("[job_timeout]\nx = \"hunter2\"", "1:1: is a table"),
            ("\n\nsource = \"hunter2\"", "3:1: write each source as [[source]]"),
            ("a = 1\na = \"hunter2\"", "2:1: "),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.starts_with(error) && !said.contains("hunter2"), "{text}: {said}");
        }
    }
}
