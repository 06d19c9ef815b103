//! Vonage: events of a recording and of a call
//! (<https://developer.vonage.com/en/voice/voice-api/webhook-reference>). A recording names its
//! conversation alone, so the conversation is the call here.

use super::{
    CallFacts, CallRef, Event, Media, NotUnderstood, Progress, Reading, RecordingFacts,
    RecordingNews,
    values::{self, Body, first, get, needed},
};

pub(super) fn read(body: &Body, id: String) -> Result<Reading, NotUnderstood> {
    let json = &body.json;
    let address = values::url(get(json, "recording_url"), Media::AsIs)?;
    let has_recording = address.is_some();
    if !has_recording && get(json, "status").is_none() {
        return Ok(Reading::Ignored("neither a recording nor a call's status"));
    }
    let call = CallRef::of(&needed(json, "conversation_uuid")?);
    let started_at = values::time(get(json, "start_time"));
    let ended_at = values::time(get(json, "end_time"));
    let recording = address.map(|url| RecordingNews {
        account: String::new(),
        id: get(json, "recording_uuid")
            .unwrap_or_else(|| values::derived_id(&[&values::without_query(&url)])),
        facts: RecordingFacts {
            progress: Some(Progress::Completed),
            url: Some(url),
            started_at,
            duration_seconds: values::between(started_at, ended_at),
            channels: values::channels(get(json, "channels")),
            track: None,
        },
    });
    let facts = if has_recording {
        CallFacts::default()
    } else {
        CallFacts {
            direction: values::direction(get(json, "direction")),
            from: values::party(first(json, &["from", "from_user"])),
            to: values::party(first(json, &["to", "to_user"])),
            started_at: started_at.or_else(|| values::time(get(json, "timestamp"))),
            duration_seconds: values::seconds(get(json, "duration")),
        }
    };
    Ok(Reading::Event(Box::new(Event { id, call, facts, recording })))
}
