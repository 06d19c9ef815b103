//! Twilio's and SignalWire's callbacks: recording status
//! (<https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback>) and call status
//! (<https://www.twilio.com/docs/voice/twiml#request-parameters>). A recording callback names no
//! parties, so the call status callback has to bring them. Telnyx' `TeXML` sends the same fields.

use super::{
    CallFacts, CallRef, Event, Media, NotUnderstood, Progress, Reading, RecordingFacts,
    RecordingNews,
    values::{self, Body, first, get, needed},
};

pub(super) fn read(body: &Body, id: String, media: Media) -> Result<Reading, NotUnderstood> {
    let json = &body.json;
    let recording = match get(json, "RecordingSid") {
        Some(recording_id) => Some(recording(body, recording_id, media)?),
        None if get(json, "RecordingUrl").is_some() => {
            return Err(NotUnderstood::Missing("RecordingSid"));
        }
        None => None,
    };
    if recording.is_none() && get(json, "ParentCallSid").is_some() {
        return Ok(Reading::Ignored("a leg of another call"));
    }
    // The recording of a conference names no call.
    let call =
        first(json, &["CallSid", "ConferenceSid"]).ok_or(NotUnderstood::Missing("CallSid"))?;
    let facts = if recording.is_none() { call_facts(body) } else { CallFacts::default() };
    if recording.is_none() && get(json, "CallStatus").is_none() {
        return Ok(Reading::Ignored("neither a recording's nor a call's status"));
    }
    Ok(Reading::Event(Box::new(Event { id, call: CallRef::of(&call), facts, recording })))
}

fn recording(body: &Body, id: String, media: Media) -> Result<RecordingNews, NotUnderstood> {
    let json = &body.json;
    let code = get(json, "ErrorCode").filter(|code| code != "0");
    let progress = match needed(json, "RecordingStatus")?.as_str() {
        "in-progress" | "paused" | "processing" => Progress::InProgress,
        "completed" => Progress::Completed,
        "absent" => Progress::Absent,
        "failed" => {
            Progress::Failed(code.and_then(|code| values::text(&code, 64)).unwrap_or_default())
        }
        _ => return Err(NotUnderstood::Field("RecordingStatus")),
    };
    // Twilio names a URL for recordings that it does not have, too.
    let url = match progress {
        Progress::Completed => values::url(get(json, "RecordingUrl"), media)?,
        _ => None,
    };
    let facts = RecordingFacts {
        progress: Some(progress),
        url,
        started_at: values::time(get(json, "RecordingStartTime")),
        duration_seconds: values::seconds(get(json, "RecordingDuration")),
        channels: values::channels(get(json, "RecordingChannels")),
        track: get(json, "RecordingTrack").and_then(|track| values::text(&track, 32)),
    };
    Ok(RecordingNews { account: get(json, "AccountSid").unwrap_or_default(), id, facts })
}

fn call_facts(body: &Body) -> CallFacts {
    let json = &body.json;
    let duration_seconds = values::seconds(get(json, "CallDuration"));
    let happened = values::time(get(json, "Timestamp"));
    let is_over = duration_seconds.is_some();
    // The event that ends a call has the time of its end.
    let length = std::time::Duration::from_secs(duration_seconds.unwrap_or_default().into());
    let started_at =
        if is_over { happened.and_then(|end| end.checked_sub(length).ok()) } else { happened };
    CallFacts {
        direction: values::direction(get(json, "Direction")),
        from: values::party(get(json, "From")),
        to: values::party(get(json, "To")),
        started_at,
        duration_seconds,
    }
}
