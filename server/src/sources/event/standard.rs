//! tapedeck's own event, for systems that have none: `{"type": "recording.available", "data": {…}}`
//! with the fields of `PUT /api/calls/{call_sid}` and of its recordings.

use serde_json::{Map, Value};

use super::{
    CallFacts, CallRef, Event, NotUnderstood, Progress, Reading, RecordingFacts, RecordingNews,
    values::{self, Body, get, needed},
};
use crate::api::call_input::CallInput;

/// Fields of the event that a call does not have.
const OF_THE_RECORDING: [&str; 6] =
    ["call_sid", "external_id", "recording_id", "channels", "track", "reason"];

pub(super) fn read(body: &Body, id: String) -> Result<Reading, NotUnderstood> {
    let data = body.json.get("data").unwrap_or(&Value::Null);
    let progress = match needed(&body.json, "type")?.as_str() {
        "recording.available" => Some(Progress::Completed),
        "recording.started" => Some(Progress::InProgress),
        "recording.absent" => Some(Progress::Absent),
        "recording.failed" => {
            let why = get(data, "reason").and_then(|why| values::text(&why, 64));
            Some(Progress::Failed(why.unwrap_or_default()))
        }
        "call.started" | "call.ended" => None,
        _ => return Ok(Reading::Ignored("an event that tapedeck does not know")),
    };
    let Value::Object(named) = data else { return Err(NotUnderstood::Missing("data")) };
    let call = match (get(data, "call_sid"), get(data, "external_id")) {
        (Some(call_sid), external_id) => CallRef {
            call_sid: call_sid.parse().map_err(|_| NotUnderstood::Field("call_sid"))?,
            external_id: external_id.and_then(|id| values::text(&id, 255)),
        },
        (None, Some(external_id)) => CallRef::of(&external_id),
        (None, None) => return Err(NotUnderstood::Missing("call_sid")),
    };
    let of_the_call = |(name, _): &(&String, &Value)| !OF_THE_RECORDING.contains(&name.as_str());
    let fields: Map<String, Value> = named
        .iter()
        .filter(of_the_call)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let said = CallInput::from_fields(fields).map_err(NotUnderstood::OwnField)?;
    let recording = progress.map(|progress| {
        if progress == Progress::Completed && said.recording_url.is_none() {
            return Err(NotUnderstood::Missing("recording_url"));
        }
        let id = get(data, "recording_id").unwrap_or_else(|| match &said.recording_url {
            Some(url) => values::derived_id(&[&values::without_query(url)]),
            None => values::derived_id(&[call.call_sid.as_str()]),
        });
        let facts = RecordingFacts {
            url: said.recording_url.clone().filter(|_| progress == Progress::Completed),
            progress: Some(progress),
            started_at: said.started_at,
            duration_seconds: said.duration_seconds,
            channels: values::channels(get(data, "channels")),
            track: get(data, "track").and_then(|track| values::text(&track, 32)),
        };
        Ok(RecordingNews { account: String::new(), id, facts })
    });
    let recording = recording.transpose()?;
    let facts = CallFacts {
        direction: said.direction,
        from: said.from,
        to: said.to,
        started_at: said.started_at,
        duration_seconds: said.duration_seconds,
    };
    Ok(Reading::Event(Box::new(Event { id, call, facts, recording })))
}
