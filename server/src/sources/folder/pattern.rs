//! `pattern=…`: the operator's own layout. A path with names in braces, matched from the end, so
//! that folders above need not be described.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use regex::Regex;

use super::{Cdr, Described, Local, Refusal};
use crate::sources::event::{CallFacts, CallRef, values};

/// The names that a pattern may have, with what each matches.
const NAMES: [(&str, &str); 13] = [
    ("id", r"[^/]+?"),
    ("from", r"[^/]*?"),
    ("to", r"[^/]*?"),
    ("direction", r"[A-Za-z]+"),
    ("year", r"\d{4}"),
    ("month", r"\d{2}|[A-Z][a-z]{2}"),
    ("day", r"\d{2}"),
    ("hour", r"\d{2}"),
    ("minute", r"\d{2}"),
    ("second", r"\d{2}"),
    ("epoch", r"\d{9,11}(?:\.\d+)?"),
    ("part", r"\d+"),
    ("any", r"[^/]*?"),
];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A parsed pattern.
#[derive(Clone)]
pub struct Pattern(Regex);

/// Why a text is no pattern, and what would do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// A name that is not known.
    #[error("has an unknown name {{{name}}}; there is {known}", known = names())]
    Unknown {
        /// The name.
        name: String,
    },
    /// A brace without its other.
    #[error("has a brace without its other one")]
    Brace,
    /// A name that stands twice.
    #[error("has the name {{{0}}} twice; write {{any}} for one of them")]
    Twice(String),
    /// Nothing in it tells calls apart.
    #[error("has neither {{id}} nor {{epoch}} nor {{from}}: two calls would be one")]
    NoId,
    /// It is too large.
    #[error("is too long")]
    TooLong,
}

fn names() -> String {
    NAMES.map(|(name, _)| name).join(", ")
}

impl FromStr for Pattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut expression = String::from("(?:^|/)");
        let mut seen: Vec<&str> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = rest.find(['{', '}']).unwrap_or(rest.len());
            expression.push_str(&regex::escape(&rest[..at]));
            rest = &rest[at..];
            let Some(inner) = rest.strip_prefix('{') else {
                if rest.is_empty() {
                    break;
                }
                return Err(InvalidPattern::Brace);
            };
            let (name, after) = inner.split_once('}').ok_or(InvalidPattern::Brace)?;
            let (known, matches) = NAMES
                .iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| InvalidPattern::Unknown { name: name.chars().take(40).collect() })?;
            match *known {
                "any" => _ = write!(expression, "(?:{matches})"),
                known if seen.contains(&known) => {
                    return Err(InvalidPattern::Twice(known.to_owned()));
                }
                known => {
                    let _ = write!(expression, "(?P<{known}>{matches})");
                    seen.push(known);
                }
            }
            rest = after;
        }
        if !["id", "epoch", "from"].iter().any(|name| seen.contains(name)) {
            return Err(InvalidPattern::NoId);
        }
        expression.push('$');
        Regex::new(&expression).map(Self).map_err(|_| InvalidPattern::TooLong)
    }
}

impl Pattern {
    pub(super) fn describe(
        &self,
        path: &str,
        zone: &TimeZone,
        cdr: &Cdr,
    ) -> Result<Described, Refusal> {
        let found =
            self.0.captures(path).ok_or(Refusal::Layout("the path does not match the pattern"))?;
        let get = |name: &str| {
            found.name(name).map(|found| found.as_str()).filter(|text| !text.is_empty())
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let epoch = get("epoch").and_then(epoch);
        let local = local(&get);
        let resolved = local.and_then(|local| local.resolve(zone, epoch));
        let started_at = epoch.or(resolved.map(|resolved| resolved.time));
        // Without an id, what the path says is the id.
        let id = get("id").or(get("epoch")).unwrap_or(stem);
        let row = cdr.find(name, id);
        let said = CallFacts {
            direction: values::direction(get("direction").map(|word| match word {
                "in" | "In" | "IN" => "inbound".to_owned(),
                "out" | "Out" | "OUT" => "outbound".to_owned(),
                word => word.to_owned(),
            })),
            from: values::party(get("from").map(str::to_owned)),
            to: values::party(get("to").map(str::to_owned)),
            started_at,
            duration_seconds: None,
        };
        let call_id = row.and_then(|row| row.call_id.clone()).unwrap_or_else(|| id.to_owned());
        Ok(Described {
            call: CallRef::of(&call_id),
            facts: row.map_or_else(|| said.clone(), |row| row.facts.clone().or(said.clone())),
            recording_id: stem.to_owned(),
            started_at,
            is_ambiguous: epoch.is_none() && resolved.is_some_and(|resolved| resolved.is_ambiguous),
        })
    }
}

fn epoch(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.split('.').next()?.parse().ok()?).ok()
}

fn local<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> Option<Local> {
    let number = |name: &str| get(name)?.parse::<i8>().ok();
    let month = get("month")?;
    let month = match MONTHS.iter().position(|known| *known == month) {
        Some(at) => i8::try_from(at + 1).ok()?,
        None => month.parse().ok()?,
    };
    let (hour, minute) = (number("hour")?, number("minute")?);
    let second = number("second").unwrap_or(0);
    let year = get("year")?.parse().ok()?;
    DateTime::new(year, month, number("day")?, hour, minute, second, 0).ok().map(Local)
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.0.as_str())
    }
}
