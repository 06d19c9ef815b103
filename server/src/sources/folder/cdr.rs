//! Call detail records as CSV: `cdr` of FreePBX (Asterisk), `v_xml_cdr` of FusionPBX. Read once,
//! kept as what an import needs, found by a file's name or the call's id.

use std::collections::HashMap;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::Local;
use crate::sources::event::{CallFacts, values};

/// The rows of a CDR, by file name and by id.
#[derive(Debug, Default)]
pub struct Cdr {
    rows: Vec<CdrRow>,
    by_name: HashMap<Box<str>, u32>,
    by_id: HashMap<Box<str>, u32>,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub struct CdrRow {
    /// The id that the legs of a call share.
    pub call_id: Option<String>,
    /// Numbers, direction and times.
    pub facts: CallFacts,
}

/// Where the columns that are read stand in the header.
#[derive(Clone, Debug)]
pub struct CdrColumns(Vec<String>);

/// Why a file is no CDR.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "has neither of the columns recordingfile, record_name, uniqueid, xml_cdr_uuid; export it with its header line"
)]
pub struct InvalidCdr;

impl CdrColumns {
    /// Reads the header.
    pub fn of_header<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Self, InvalidCdr> {
        let all: Vec<String> = cells.map(|cell| cell.trim().to_ascii_lowercase()).collect();
        let keys = ["recordingfile", "record_name", "uniqueid", "xml_cdr_uuid"];
        if all.iter().any(|name| keys.contains(&name.as_str())) {
            Ok(Self(all))
        } else {
            Err(InvalidCdr)
        }
    }
}

impl CallFacts {
    /// What one says, and where it says nothing what another does.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            direction: self.direction.or(other.direction),
            from: self.from.or(other.from),
            to: self.to.or(other.to),
            started_at: self.started_at.or(other.started_at),
            duration_seconds: self.duration_seconds.or(other.duration_seconds),
        }
    }
}

impl Cdr {
    /// Adds a row. Rows that name neither a file nor an id are left out.
    pub fn add<'a>(
        &mut self,
        columns: &CdrColumns,
        cells: impl Iterator<Item = &'a str>,
        zone: &TimeZone,
    ) {
        let row: HashMap<&str, &str> = columns
            .0
            .iter()
            .map(String::as_str)
            .zip(cells.map(str::trim))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        let get = |names: &[&str]| names.iter().find_map(|name| row.get(name).copied());
        let owned = |names: &[&str]| get(names).map(str::to_owned);
        let name = get(&["recordingfile", "record_name"]);
        let name = name.and_then(|path| path.rsplit('/').next()).filter(|name| !name.is_empty());
        let id = get(&["uniqueid", "xml_cdr_uuid"]);
        if name.is_none() && id.is_none() {
            return;
        }
        let epoch = get(&["start_epoch"]).and_then(|text| text.parse().ok());
        let epoch = epoch.and_then(|second| Timestamp::from_second(second).ok());
        let unique = id.and_then(|id| id.rsplit('-').next()?.split_once('.')?.0.parse().ok());
        let near = unique.and_then(|second| Timestamp::from_second(second).ok());
        let local = get(&["calldate", "start_stamp"]).and_then(|text| time(text, zone, near));
        let facts = CallFacts {
            direction: values::direction(owned(&["direction"])),
            from: values::party(owned(&["caller_id_number", "cnum", "src"])),
            to: values::party(owned(&["did", "destination_number", "dst"])),
            started_at: epoch.or(local),
            duration_seconds: values::seconds(owned(&["duration"])),
        };
        let call_id = owned(&["linkedid", "bridge_uuid"]).filter(|_| row.contains_key("linkedid"));
        let at = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        // Of the legs of a call the first one names the file's numbers.
        if let Some(name) = name {
            self.by_name.entry(name.into()).or_insert(at);
        }
        if let Some(id) = id {
            self.by_id.entry(id.into()).or_insert(at);
        }
        self.rows.push(CdrRow { call_id, facts });
    }

    /// The row of a file, by its name, else by its call's id.
    pub fn find(&self, name: &str, id: &str) -> Option<&CdrRow> {
        let at = self.by_name.get(name).or_else(|| self.by_id.get(id))?;
        self.rows.get(*at as usize)
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// With its offset, or local.
fn time(text: &str, zone: &TimeZone, near: Option<Timestamp>) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    // PostgreSQL exports `2026-03-05 15:10:00.123+02`; Asterisk's database `2026-03-05 15:10:00`.
    let civil: DateTime = text.parse().ok()?;
    Local(civil).resolve(zone, near).map(|resolved| resolved.time)
}
