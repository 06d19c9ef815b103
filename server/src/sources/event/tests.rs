//! Callbacks as the providers document them.

use super::*;

fn read_as(kind: Kind, body: &str) -> Result<Reading, NotUnderstood> {
    read(kind, Media::Wav, body.as_bytes(), None)
}

fn event(kind: Kind, body: &str) -> Event {
    match read_as(kind, body) {
        Ok(Reading::Event(event)) => *event,
        other => panic!("{body}: {other:?}"),
    }
}

fn recording(kind: Kind, body: &str) -> RecordingNews {
    event(kind, body).recording.unwrap()
}

#[allow(clippy::unnecessary_wraps)] // as the fields are
fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn twilios_recording_callback_names_no_parties() {
    let body = "AccountSid=AC1&CallSid=CA1&RecordingSid=RE1&RecordingStatus=completed\
                &RecordingUrl=https%3A%2F%2Fapi.twilio.com%2F2010-04-01%2FAccounts%2FAC1%2FRecordings%2FRE1\
                &RecordingDuration=12&RecordingChannels=2&RecordingSource=DialVerb&RecordingTrack=both\
                &RecordingStartTime=Thu%2C+05+Mar+2026+15%3A10%3A00+%2B0000&ErrorCode=0";
    for kind in [Kind::Twilio, Kind::SignalWire, Kind::Telnyx] {
        let event = event(kind, body);
        assert_eq!(event.call.call_sid.as_str(), "CA1");
        assert_eq!(event.facts, CallFacts::default());
        let RecordingNews { account, id, facts } = event.recording.unwrap();
        assert_eq!((account.as_str(), id.as_str()), ("AC1", "RE1"));
        let url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.wav";
        assert_eq!(facts.url.unwrap().as_str(), url);
        assert_eq!(facts.started_at, at("2026-03-05T15:10:00Z"));
        assert_eq!((facts.duration_seconds, facts.channels), (Some(12), Some(2)));
        assert_eq!(facts.track.as_deref(), Some("both"));
        assert_eq!(facts.progress, Some(Progress::Completed));
    }
}

#[test]
fn recordings_that_are_not_there_have_no_url() {
    let status = |status: &str, code: &str| {
        let body = format!(
            "CallSid=CA1&RecordingSid=RE1&RecordingStatus={status}&ErrorCode={code}&RecordingUrl=https%3A%2F%2Fa.b%2Fc"
        );
        let facts = recording(Kind::Twilio, &body).facts;
        assert_eq!(facts.url, None);
        facts.progress.unwrap()
    };
    assert_eq!(status("absent", "0"), Progress::Absent);
    assert_eq!(status("in-progress", "0"), Progress::InProgress);
    assert_eq!(status("failed", "32021"), Progress::Failed("32021".to_owned()));
    let unknown = read_as(Kind::Twilio, "CallSid=CA1&RecordingSid=RE1&RecordingStatus=odd");
    assert_eq!(unknown, Err(NotUnderstood::Field("RecordingStatus")));
}

#[test]
fn media_is_asked_for_as_set() {
    let body = r#"{"CallSid": "CA1", "RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingUrl": "https://a.b/RE1?x=1"}"#;
    for (media, url) in [
        (Media::Wav, "https://a.b/RE1.wav?x=1"),
        (Media::Mp3, "https://a.b/RE1.mp3?x=1"),
        (Media::AsIs, "https://a.b/RE1?x=1"),
    ] {
        let Ok(Reading::Event(event)) = read(Kind::Twilio, media, body.as_bytes(), None) else {
            panic!("{media:?}")
        };
        assert_eq!(event.recording.unwrap().facts.url.unwrap().as_str(), url);
    }
}

#[test]
fn twilios_call_status_brings_the_parties() {
    let body = "CallSid=CA1&AccountSid=AC1&From=%2B15550100&To=%2B15550200&Direction=outbound-api\
                &CallStatus=completed&CallDuration=62&Timestamp=Thu%2C+05+Mar+2026+15%3A11%3A02+%2B0000";
    let Event { facts, recording, .. } = event(Kind::Twilio, body);
    assert_eq!(recording, None);
    assert_eq!(facts.direction, Some(Direction::Outbound));
    assert_eq!(
        (facts.from.as_deref(), facts.to.as_deref()),
        (Some("+15550100"), Some("+15550200"))
    );
    assert_eq!(facts.started_at, at("2026-03-05T15:10:00Z"));
    assert_eq!(facts.duration_seconds, Some(62));
    let leg = read_as(Kind::Twilio, &format!("{body}&ParentCallSid=CA0"));
    assert!(matches!(leg, Ok(Reading::Ignored(_))));
}

#[test]
fn repeats_have_the_same_id_and_other_events_another() {
    let id = |body: &str| event(Kind::Twilio, body).id;
    let (ringing, over) = ("CallSid=CA1&CallStatus=ringing", "CallSid=CA1&CallStatus=completed");
    assert_eq!(id(ringing), id(ringing));
    assert_ne!(id(ringing), id(over));
    let signed = read(Kind::Twilio, Media::Wav, ringing.as_bytes(), Some("msg_1".to_owned()));
    assert!(matches!(signed, Ok(Reading::Event(event)) if event.id == "msg_1"));
}

#[test]
fn telnyx_groups_legs_by_their_session_and_its_saved_address_is_taken() {
    let body = r#"{"data": {"record_type": "event", "event_type": "call.recording.saved", "id": "0ccc7b54",
        "payload": {"call_leg_id": "leg-1", "call_session_id": "428c31b6", "channels": "dual",
        "recording_id": "4577f9a2", "recording_started_at": "2026-02-02T22:20:27.5Z",
        "recording_ended_at": "2026-02-02T22:21:29Z",
        "recording_urls": {"mp3": "https://a.b/private.mp3"},
        "public_recording_urls": {"mp3": "https://a.b/r.mp3", "wav": "https://a.b/r.wav"}}}}"#;
    let event = event(Kind::Telnyx, body);
    assert_eq!((event.id.as_str(), event.call.call_sid.as_str()), ("0ccc7b54", "428c31b6"));
    let RecordingNews { id, facts, .. } = event.recording.unwrap();
    assert_eq!(id, "4577f9a2");
    assert_eq!(facts.url.unwrap().as_str(), "https://a.b/r.wav");
    assert_eq!((facts.duration_seconds, facts.channels), (Some(62), Some(2)));
    let error = body
        .replace("call.recording.saved", "call.recording.error")
        .replace("\"channels\"", "\"reason\": \"storage\", \"channels\"");
    assert_eq!(
        recording(Kind::Telnyx, &error).facts.progress,
        Some(Progress::Failed("storage".to_owned()))
    );
    assert_eq!(recording(Kind::Telnyx, &error).id, "4577f9a2");
}

#[test]
fn telnyx_hangup_brings_the_parties() {
    let body = r#"{"data": {"event_type": "call.hangup", "id": "e-1", "payload": {"call_session_id": "s-1",
        "from": "+15550100", "to": "+15550200", "direction": "incoming",
        "start_time": "2026-02-02T22:20:27Z", "end_time": "2026-02-02T22:21:29Z"}}}"#;
    let facts = event(Kind::Telnyx, body).facts;
    assert_eq!((facts.direction, facts.duration_seconds), (Some(Direction::Inbound), Some(62)));
    let other = body.replace("call.hangup", "call.playback.ended");
    assert!(matches!(read_as(Kind::Telnyx, &other), Ok(Reading::Ignored(_))));
}

#[test]
fn ids_that_are_no_call_ids_are_hashed_and_kept() {
    let body = "CallSid=v3%3Aabc&RecordingSid=r-1&RecordingStatus=completed&RecordingUrl=https%3A%2F%2Fa.b%2Fc.mp3";
    let call = event(Kind::Telnyx, body).call;
    assert_eq!(call.external_id.as_deref(), Some("v3:abc"));
    // printf 'v3:abc' | sha256sum
    assert_eq!(call, CallRef::of("v3:abc"));
    assert!(call.call_sid.as_str().starts_with("x-") && call.call_sid.as_str().len() == 34);
}

#[test]
fn plivo_speaks_xmls_names_jsons_names_and_json_in_a_field() {
    let xml = "CallUUID=c-1&RecordUrl=https%3A%2F%2Fmedia.plivo.com%2Fa.mp3&RecordingID=p-1\
               &RecordingDuration=12&RecordingStartMs=1772727000000.0&RecordingEndMs=1772727012000\
               &From=15550100&To=15550200&Direction=inbound";
    let json = r#"{"call_uuid": "c-1", "record_url": "https://media.plivo.com/a.mp3", "recording_id": "p-1",
        "recording_duration": "12", "recording_start_ms": "1772727000000", "recording_end_ms": 1772727012000}"#;
    let nested: String = url::form_urlencoded::byte_serialize(json.as_bytes()).collect();
    for body in [xml, json, &format!("response={nested}")] {
        let news = recording(Kind::Plivo, body);
        assert_eq!((news.id.as_str(), news.facts.duration_seconds), ("p-1", Some(12)), "{body}");
        assert_eq!(news.facts.started_at, at("2026-03-05T16:10:00Z"));
    }
    assert_eq!(event(Kind::Plivo, xml).facts.direction, Some(Direction::Inbound));
    // -1: the length is not known yet.
    let unknown = xml.replace("RecordingDuration=12", "RecordingDuration=-1");
    assert_eq!(recording(Kind::Plivo, &unknown).facts.duration_seconds, Some(12));
}

#[test]
fn vonages_recording_belongs_to_its_conversation() {
    let body = r#"{"start_time": "2026-01-01T12:00:00Z", "recording_url": "https://api.nexmo.com/v1/files/bbbb",
        "size": 12345, "recording_uuid": "aaaa", "end_time": "2026-01-01T12:01:00Z",
        "conversation_uuid": "CON-cccc", "timestamp": "2026-01-01T14:00:00.000Z"}"#;
    let event = event(Kind::Vonage, body);
    assert_eq!(event.call.call_sid.as_str(), "CON-cccc");
    let RecordingNews { id, facts, .. } = event.recording.unwrap();
    assert_eq!((id.as_str(), facts.duration_seconds), ("aaaa", Some(60)));
    assert_eq!(facts.url.unwrap().as_str(), "https://api.nexmo.com/v1/files/bbbb");
}

#[test]
fn bandwidths_words_for_a_recording_are_told_apart() {
    let body = |status: &str, media: &str| {
        format!(
            r#"{{"eventType": "recordingAvailable", "accountId": "55", "callId": "c-2", "parentCallId": "c-1",
            "recordingId": "r-1", "channels": 1, "startTime": "2026-06-24T10:52:14Z", "status": "{status}",
            "duration": "PT13.67S", "from": "+15550100", "to": "+15550200", "direction": "inbound"{media}}}"#
        )
    };
    let media = r#", "mediaUrl": "https://voice.bandwidth.com/api/v2/accounts/55/calls/c-2/recordings/r-1/media""#;
    for (status, progress) in [
        ("complete", Progress::Completed),
        ("partial", Progress::Completed),
        ("error", Progress::Failed(String::new())),
    ] {
        let event = event(Kind::Bandwidth, &body(status, media));
        assert_eq!(event.call.call_sid.as_str(), "c-1");
        let facts = event.recording.unwrap().facts;
        assert_eq!(facts.url.is_some(), progress == Progress::Completed);
        assert_eq!((facts.progress, facts.duration_seconds), (Some(progress), Some(14)));
    }
    assert_eq!(
        recording(Kind::Bandwidth, &body("complete", "")).facts.progress,
        Some(Progress::InProgress)
    );
}

#[test]
fn our_own_event_has_the_fields_of_put() {
    let body = r#"{"type": "recording.available", "data": {"call_sid": "CA1", "recording_id": "r-1",
        "recording_url": "https://a.b/c.wav", "from": "+15550100", "channels": 2, "duration_seconds": 5}}"#;
    let event = event(Kind::Standard, body);
    assert_eq!(event.facts.from.as_deref(), Some("+15550100"));
    let RecordingNews { id, facts, .. } = event.recording.unwrap();
    assert_eq!((id.as_str(), facts.channels, facts.duration_seconds), ("r-1", Some(2), Some(5)));
    for (wrong, why) in [
        (body.replace("recording_url", "url"), "url is no field of a call"),
        (body.replace("https://a.b", "ftp://a.b"), "recording_url begins with neither"),
        (body.replace("CA1", "CA/1"), "the field call_sid can't be read"),
        (body.replace("\"call_sid\": \"CA1\", ", ""), "the field call_sid is missing"),
        ("{\"type\": \"recording.available\"}".to_owned(), "the field data is missing"),
        ("hello".to_owned(), "the body is neither JSON nor a form"),
    ] {
        let error = read_as(Kind::Standard, &wrong).unwrap_err().to_string();
        assert!(error.starts_with(why), "{wrong}: {error}");
    }
    assert!(matches!(read_as(Kind::Standard, r#"{"type": "other"}"#), Ok(Reading::Ignored(_))));
}
