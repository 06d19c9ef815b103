//! A row of the file, as one call or as what is wrong with it. Knows no format.

use std::io;

use serde_json::{Map, Value};
use shared::CallSid;

use crate::{api::call_input::CallInput, model::CallFields};

/// The name of the id's column or key, beside `call_input::FIELDS`.
pub(super) const CALL_SID: &str = "call_sid";

/// The longest row, in bytes without its line end: a URL of 2,048 characters fits many times.
pub(super) const LONGEST_ROW: usize = 64 * 1024;

/// What a row says, or why it can't be taken; never quotes the recording URL.
pub(super) type Said = Result<(CallSid, CallFields), String>;

/// A row and the line that it begins on, counted from 1.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) said: Said,
}

/// Rows, one after the other.
pub(super) trait Rows {
    /// The next row; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Row>>;
    /// The line that is read next.
    fn line(&self) -> u64;
    /// The bytes read so far.
    fn bytes(&self) -> u64;
}

/// A call from named values, its id among them.
pub(super) fn call(mut named: Map<String, Value>) -> Said {
    let call_sid = match named.remove(CALL_SID) {
        None | Some(Value::Null) => return Err("call_sid is missing".to_owned()),
        Some(Value::String(text)) => match text.trim() {
            "" => return Err("call_sid is missing".to_owned()),
            text => text.parse().map_err(|rule| format!("call_sid is none: {rule}"))?,
        },
        Some(_) => return Err("call_sid is not a text".to_owned()),
    };
    let fields = CallInput::from_fields(named).map_err(|error| error.to_string())?;
    Ok((call_sid, fields))
}
