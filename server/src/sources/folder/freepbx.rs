//! FreePBX: `TYPE-TO-FROM-YYYYMMDD-HHMMSS-UNIQUEID.EXT`, times local. The unique id begins with the
//! second in which the channel was made, which decides between the two times of an ambiguous name.

use jiff::{Timestamp, tz::TimeZone};

use super::{Cdr, Described, Local, Refusal};
use crate::{
    model::Direction,
    sources::event::{CallFacts, CallRef, values},
};

const SHAPE: Refusal = Refusal::Layout("FreePBX names files TYPE-TO-FROM-YYYYMMDD-HHMMSS-UNIQUEID");
/// A name's time and its unique id's lie at most this far apart; further, one of them is wrong.
const FARTHEST: i64 = 3 * 60 * 60;

pub(super) fn describe(
    stem: &str,
    name: &str,
    zone: &TimeZone,
    cdr: &Cdr,
) -> Result<Described, Refusal> {
    let mut parts: Vec<&str> = stem.split('-').collect();
    let unique_id = parts.pop().filter(|id| is_unique_id(id)).ok_or(SHAPE)?;
    // Several systems put their name before the unique id.
    let at = parts.len().checked_sub(2).ok_or(SHAPE)?;
    let dated =
        (1..=at).rev().find_map(|at| Some((at, Local::of_digits(parts[at], parts[at + 1])?)));
    let (at, local) = dated.ok_or(SHAPE)?;
    let system = parts[at + 2..].join("-");
    let unique_id = match system.as_str() {
        "" => unique_id.to_owned(),
        system => format!("{system}-{unique_id}"),
    };
    let [kind, numbers @ ..] = &parts[..at] else { return Err(SHAPE) };
    let (to, from) = match numbers {
        [] => (None, None),
        [one] => (Some((*one).to_owned()), None),
        [to @ .., from] => (Some(to.join("-")), Some((*from).to_owned())),
    };

    let epoch = unique_id.rsplit('-').next().and_then(epoch);
    let resolved = local.resolve(zone, epoch).ok_or(SHAPE)?;
    let is_close =
        |epoch: &Timestamp| (epoch.as_second() - resolved.time.as_second()).abs() <= FARTHEST;
    let row = cdr.find(name, &unique_id);
    let call_id = row.and_then(|row| row.call_id.clone()).unwrap_or_else(|| unique_id.clone());
    let direction = match *kind {
        "out" => Some(Direction::Outbound),
        "external" | "in" | "q" | "rg" => Some(Direction::Inbound),
        _ => None,
    };
    let said = CallFacts {
        direction,
        from: values::party(from),
        to: values::party(to),
        started_at: epoch.filter(is_close).or(Some(resolved.time)),
        duration_seconds: None,
    };
    Ok(Described {
        call: CallRef::of(&call_id),
        facts: row.map_or_else(|| said.clone(), |row| row.facts.clone().or(said.clone())),
        recording_id: stem.to_owned(),
        started_at: Some(resolved.time),
        is_ambiguous: resolved.is_ambiguous,
    })
}

/// `1772723400.12`
fn is_unique_id(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(second, number)| digits(second) && digits(number))
}

fn epoch(unique_id: &str) -> Option<Timestamp> {
    Timestamp::from_second(unique_id.split_once('.')?.0.parse().ok()?).ok()
}
