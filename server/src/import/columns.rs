//! The header line of a CSV file: which column holds what. Refuses what is unknown rather than
//! leaving a column out without a word.

use std::str;

use super::row::CALL_SID;
use crate::api::call_input::FIELDS;

/// The longest unknown name that is quoted. What stands in the header's place may be a row.
const LONGEST_QUOTED: usize = 40;

/// The columns' names in the order of the file, or why they can't be the header of calls.
pub(super) fn columns<'a>(
    header: impl Iterator<Item = &'a [u8]>,
) -> Result<Vec<&'static str>, String> {
    let mut columns = Vec::new();
    for (cell, number) in header.zip(1..) {
        let Ok(name) = str::from_utf8(cell).map(str::trim) else {
            return Err("its header line is not UTF-8; save the file as UTF-8".to_owned());
        };
        let Some(known) = all().find(|known| *known == name) else {
            return Err(unknown(number, name));
        };
        if columns.contains(&known) {
            return Err(format!("the column {known} is there twice; remove one"));
        }
        columns.push(known);
    }
    if !columns.contains(&CALL_SID) {
        return Err(format!("it has no column {CALL_SID}; add it to the header line"));
    }
    Ok(columns)
}

/// What there is.
fn all() -> impl Iterator<Item = &'static str> {
    [CALL_SID].into_iter().chain(FIELDS)
}

fn unknown(number: usize, name: &str) -> String {
    if number == 1 && name.starts_with(CALL_SID) && name.contains([';', '\t', '|']) {
        return "its columns are not separated by commas; write them with commas".to_owned();
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    let quoted = if name.is_empty() {
        " without a name".to_owned()
    } else if name.chars().count() <= LONGEST_QUOTED && name.chars().all(plain) {
        format!(" ({name})")
    } else {
        String::new()
    };
    let all = all().collect::<Vec<_>>().join(", ");
    format!("its header line has an unknown column {number}{quoted}; there is {all}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<Vec<&'static str>, String> {
        columns(header.split(',').map(str::as_bytes))
    }

    #[test]
    fn columns_stand_in_any_order_and_may_be_left_out() {
        assert_eq!(read("call_sid"), Ok(vec!["call_sid"]));
        assert_eq!(read("to, call_sid ,from"), Ok(vec!["to", "call_sid", "from"]));
    }

    #[test]
    fn a_bad_header_is_answered_with_what_would_do() {
        let known = "call_sid, recording_url, direction, from, to, started_at, duration_seconds";
        for (header, says) in [
            ("call_sid,url", "its header line has an unknown column 2 (url); there is "),
            ("call_sid,", "its header line has an unknown column 2 without a name; there is "),
            ("call_sid,https://x/y", "its header line has an unknown column 2; there is "),
        ] {
            assert_eq!(read(header), Err(format!("{says}{known}")));
        }
        for (header, says) in [
            ("call_sid;from", "its columns are not separated by commas; write them with commas"),
            ("call_sid,from,from", "the column from is there twice; remove one"),
            ("from,to", "it has no column call_sid; add it to the header line"),
        ] {
            assert_eq!(read(header), Err(says.to_owned()));
        }
        let latin1 = columns([&b"call_sid"[..], b"gr\xfc\xdfe"].into_iter()).unwrap_err();
        assert_eq!(latin1, "its header line is not UTF-8; save the file as UTF-8");
    }
}
