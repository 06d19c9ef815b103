//! Bandwidth: events of recordings and of a call's end
//! (<https://dev.bandwidth.com/docs/voice/webhooks/recordingAvailable>). The legs of a transfer name
//! their parent: it is the call here.

use super::{
    CallFacts, CallRef, Event, Media, NotUnderstood, Progress, Reading, RecordingFacts,
    RecordingNews,
    values::{self, Body, first, get, needed},
};

pub(super) fn read(body: &Body, id: String) -> Result<Reading, NotUnderstood> {
    let json = &body.json;
    let is_recording = match needed(json, "eventType")?.as_str() {
        "recordingAvailable"
        | "recordingComplete"
        | "recordComplete"
        | "conferenceRecordingAvailable" => true,
        "initiate" | "answer" | "disconnect" => false,
        _ => return Ok(Reading::Ignored("another event of a call")),
    };
    let call = first(json, &["parentCallId", "callId", "conferenceId"])
        .ok_or(NotUnderstood::Missing("callId"))?;
    if !is_recording && get(json, "parentCallId").is_some() {
        return Ok(Reading::Ignored("a leg of another call"));
    }
    let start = first(json, &["startTime", "enqueuedTime"]);
    let started_at = values::time(start);
    let recording = if is_recording { Some(recording(body)?) } else { None };
    let ended_at = values::time(get(json, "endTime"));
    let facts = CallFacts {
        direction: values::direction(get(json, "direction")),
        from: values::party(get(json, "from")),
        to: values::party(get(json, "to")),
        // A recording's event has the recording's times.
        started_at: started_at.filter(|_| !is_recording),
        duration_seconds: values::between(started_at, ended_at).filter(|_| !is_recording),
    };
    Ok(Reading::Event(Box::new(Event { id, call: CallRef::of(&call), facts, recording })))
}

fn recording(body: &Body) -> Result<RecordingNews, NotUnderstood> {
    let json = &body.json;
    let url = values::url(get(json, "mediaUrl"), Media::AsIs)?;
    // The word for a call's recording comes before the media is there; `partial` is all there is.
    let progress = match (get(json, "status").as_deref(), &url) {
        (Some("error" | "failed" | "deleted"), _) => {
            let why = get(json, "errorMessage").and_then(|why| values::text(&why, 64));
            Progress::Failed(why.unwrap_or_default())
        }
        (_, Some(_)) => Progress::Completed,
        (_, None) => Progress::InProgress,
    };
    let url = url.filter(|_| progress == Progress::Completed);
    let started_at = values::time(get(json, "startTime"));
    let facts = RecordingFacts {
        progress: Some(progress),
        url,
        started_at,
        duration_seconds: values::seconds(get(json, "duration"))
            .or_else(|| values::between(started_at, values::time(get(json, "endTime")))),
        channels: values::channels(get(json, "channels")),
        track: None,
    };
    let account = get(json, "accountId").unwrap_or_default();
    Ok(RecordingNews { account, id: needed(json, "recordingId")?, facts })
}
