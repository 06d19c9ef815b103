//! Telnyx: Call Control's JSON events
//! (<https://developers.telnyx.com/api-reference/callbacks/call-recording-saved>), and `TeXML`'s
//! forms, which have Twilio's fields. The legs of a call share a session: it is the call here.

use serde_json::Value;

use super::{
    CallFacts, CallRef, Event, Media, NotUnderstood, Progress, Reading, RecordingFacts,
    RecordingNews, twilio,
    values::{self, Body, first, get, needed},
};

pub(super) fn read(body: &Body, id: String, media: Media) -> Result<Reading, NotUnderstood> {
    let Some(data) = body.json.get("data") else { return twilio::read(body, id, media) };
    let payload = data.get("payload").unwrap_or(&Value::Null);
    let id = get(data, "id").unwrap_or(id);
    let recording = match needed(data, "event_type")?.as_str() {
        "call.recording.saved" | "conference.recording.saved" => Some(saved(payload)?),
        "call.recording.error" => Some(failed(payload)?),
        "call.initiated" | "call.answered" | "call.hangup" => None,
        _ => return Ok(Reading::Ignored("another event of a call")),
    };
    let call = CallRef::of(&needed(payload, "call_session_id")?);
    let facts = if recording.is_none() { call_facts(payload) } else { CallFacts::default() };
    Ok(Reading::Event(Box::new(Event { id, call, facts, recording })))
}

fn saved(payload: &Value) -> Result<RecordingNews, NotUnderstood> {
    // The public address carries its signature; the other one wants the account's API key.
    let urls = ["public_recording_urls", "recording_urls"].map(|name| payload.get(name));
    let address = ["wav", "mp3"]
        .iter()
        .find_map(|format| urls.iter().flatten().find_map(|urls| get(urls, format)));
    let url = values::url(address, Media::AsIs)?.ok_or(NotUnderstood::Missing("recording_urls"))?;
    let started_at = values::time(get(payload, "recording_started_at"));
    let ended_at = values::time(get(payload, "recording_ended_at"));
    let facts = RecordingFacts {
        progress: Some(Progress::Completed),
        url: Some(url),
        started_at,
        duration_seconds: values::between(started_at, ended_at),
        channels: values::channels(get(payload, "channels")),
        track: None,
    };
    Ok(RecordingNews { account: String::new(), id: recording_id(payload), facts })
}

fn failed(payload: &Value) -> Result<RecordingNews, NotUnderstood> {
    needed(payload, "call_session_id")?;
    let reason = get(payload, "reason").and_then(|reason| values::text(&reason, 64));
    let facts = RecordingFacts {
        progress: Some(Progress::Failed(reason.unwrap_or_default())),
        ..RecordingFacts::default()
    };
    Ok(RecordingNews { account: String::new(), id: recording_id(payload), facts })
}

/// Events of a single leg's recording may name no recording: then leg and start are its name.
fn recording_id(payload: &Value) -> String {
    get(payload, "recording_id").unwrap_or_else(|| {
        let leg = first(payload, &["call_leg_id", "call_session_id"]).unwrap_or_default();
        let start = get(payload, "recording_started_at").unwrap_or_default();
        values::derived_id(&[&leg, &start])
    })
}

fn call_facts(payload: &Value) -> CallFacts {
    let started_at = values::time(get(payload, "start_time"));
    CallFacts {
        direction: values::direction(get(payload, "direction")),
        from: values::party(get(payload, "from")),
        to: values::party(get(payload, "to")),
        started_at,
        duration_seconds: values::between(started_at, values::time(get(payload, "end_time"))),
    }
}
