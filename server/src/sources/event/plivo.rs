//! Plivo: the callbacks of `<Record>` in XML's names, those of the record API in JSON's names (as
//! fields, or as one field `response` with JSON in it), and of a call's hang-up
//! (<https://www.plivo.com/docs/voice/xml/record>, <https://www.plivo.com/docs/voice/api/record>).

use serde_json::Value;

use super::{
    CallFacts, CallRef, Event, Media, NotUnderstood, Progress, Reading, RecordingFacts,
    RecordingNews,
    values::{self, Body, first, get},
};

pub(super) fn read(body: &Body, id: String) -> Result<Reading, NotUnderstood> {
    let nested = get(&body.json, "response").map(|text| serde_json::from_str::<Value>(&text));
    let nested = nested.transpose().map_err(|_| NotUnderstood::Field("response"))?;
    let json = nested.as_ref().unwrap_or(&body.json);
    let call = first(json, &["CallUUID", "call_uuid", "ConferenceUUID", "conference_uuid"])
        .ok_or(NotUnderstood::Missing("CallUUID"))?;
    let address = values::url(first(json, &["RecordUrl", "record_url"]), Media::AsIs)?;
    let recording = address.map(|url| {
        let recording_id = first(json, &["RecordingID", "recording_id"])
            .unwrap_or_else(|| values::derived_id(&[&values::without_query(&url)]));
        let started_at =
            values::milliseconds(first(json, &["RecordingStartMs", "recording_start_ms"]));
        let ended_at = values::milliseconds(first(json, &["RecordingEndMs", "recording_end_ms"]));
        let facts = RecordingFacts {
            progress: Some(Progress::Completed),
            url: Some(url),
            started_at,
            duration_seconds: values::seconds(first(
                json,
                &["RecordingDuration", "recording_duration"],
            ))
            .or_else(|| values::between(started_at, ended_at)),
            channels: None,
            track: None,
        };
        RecordingNews { account: String::new(), id: recording_id, facts }
    });
    if recording.is_none() && first(json, &["CallStatus", "call_status"]).is_none() {
        return Ok(Reading::Ignored("neither a recording nor a call's status"));
    }
    let facts = CallFacts {
        direction: values::direction(first(json, &["Direction", "call_direction"])),
        from: values::party(first(json, &["From", "from_number"])),
        to: values::party(first(json, &["To", "to_number"])),
        started_at: values::time(first(json, &["StartTime", "SessionStart"])),
        duration_seconds: values::seconds(first(json, &["Duration"])),
    };
    Ok(Reading::Event(Box::new(Event { id, call: CallRef::of(&call), facts, recording })))
}
