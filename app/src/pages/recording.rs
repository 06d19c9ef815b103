//! One recording of a call: the audio element, the player, and what stands around it. The audio element stands beside
//! the player's island, not in it: it plays before the WebAssembly has arrived, and the island adopts it.

use leptos::prelude::*;
use shared::{
    RecordingState,
    body::{CallBody, RecordingBody},
};

use super::time;
use crate::{
    address::with_parameter,
    format,
    page::Playback,
    player::{AudioPlayer, DrawnWaveform, Mode, Subject, Waveform, and},
    words::{Lang, PageWords},
};

/// Media types that some supported browsers can't play, and that the server converts for them.
const CONVERTED: [&str; 4] = ["audio/ogg", "audio/webm", "video/webm", "application/ogg"];
/// Hexadecimal digits of the hash that address one version of the bytes.
const VERSION_DIGITS: usize = 16;

/// The recording of this part; the first where the call names no parts.
pub(super) fn current(call: &CallBody, part: u32) -> &RecordingBody {
    let parts = call.recordings.as_deref().unwrap_or_default();
    parts.iter().find(|recording| recording.part == Some(part)).unwrap_or(&call.recording)
}

/// The length of a recording in seconds, as the player shows it; that of its call where it is not known yet.
pub(super) fn length(call: &CallBody, recording: &RecordingBody) -> Option<f64> {
    recording.duration_seconds.or(call.duration_seconds.map(f64::from))
}

/// The player of a call. `here` is the page's address.
pub(super) fn recording(
    call: &CallBody,
    playback: &Playback,
    here: &str,
    lang: Lang,
    mode: Mode,
) -> AnyView {
    let words = lang.page();
    let recording = current(call, playback.part);
    if let Some(waveform) = playback.peaks.as_deref().and_then(Waveform::parse) {
        provide_context(DrawnWaveform(waveform));
    }
    let subject = subject(call, recording, playback, mode);
    let file = subject.file();
    let (parts, note) = if mode == Mode::Row {
        (None, None)
    } else {
        (parts(call, playback.part, here, words), Some(damage(call, recording, words)))
    };
    view! {
        <div class="recording">
            {parts}
            {note}
            {audio(&subject, recording)}
            <AudioPlayer subject lang />
            <noscript>{without_script(recording.state, file, mode, words)}</noscript>
        </div>
    }
    .into_any()
}

/// The audio element. A ready recording has its sources from the start; `preload="none"`, as opening a page is not
/// listening.
fn audio(subject: &Subject, recording: &RecordingBody) -> impl IntoView + use<> {
    let sources = subject.is_ready().then(|| {
        let media_type = recording.content_type.clone().unwrap_or_default();
        let version = recording.sha256.as_deref().and_then(|hash| hash.get(..VERSION_DIGITS));
        let file = match version {
            Some(version) => and(&subject.file(), &format!("v={version}")),
            None => subject.file(),
        };
        let is_converted = CONVERTED.iter().any(|it| media_type.starts_with(it));
        let converted = is_converted.then(|| (and(&file, "as=wav"), "audio/wav".to_owned()));
        let start = subject.start.map(|at| format!("#t={at}")).unwrap_or_default();
        [(file, media_type)]
            .into_iter()
            .chain(converted)
            .map(|(file, media_type)| {
                let media_type = Some(media_type).filter(|it| !it.is_empty());
                view! { <source src=format!("{file}{start}") type=media_type /> }
            })
            .collect_view()
    });
    view! {
        <audio id=format!("audio-{}", subject.call_sid) preload="none">
            {sources}
        </audio>
    }
}

/// The recordings of a call that has several, in the order in which they began. The player plays a link in place.
fn parts(
    call: &CallBody,
    current: u32,
    here: &str,
    words: &'static PageWords,
) -> Option<impl IntoView + use<>> {
    let mut parts: Vec<_> = call.recordings.clone().unwrap_or_default();
    if parts.len() < 2 {
        return None;
    }
    parts.sort_by(|a, b| (&a.started_at, a.part).cmp(&(&b.started_at, b.part)));
    let items = parts.into_iter().map(|recording| {
        let part = recording.part.unwrap_or(1);
        let href = with_parameter(here, "part", &part.to_string());
        view! {
            <li data-key=part.to_string()>
                <a
                    class="part"
                    href=href
                    aria-current=(part == current).then_some("true")
                    data-part=part
                    data-state=recording.state.as_str()
                    data-millis=recording.duration_seconds.map(millis)
                    data-channels=recording.channels
                >
                    <span class="part__name">{(words.part)(part)}</span>
                    {recording.started_at.as_deref().map(|at| time(at, words, false))}
                    {recording
                        .duration_seconds
                        .map(|seconds| view! { <bdi class="part__length">{format::clock(seconds)}</bdi> })}
                    <span class="chip" data-recording=recording.state.as_str()>
                        {(words.state)(recording.state)}
                    </span>
                </a>
            </li>
        }
    });
    let items = items.collect_view();
    Some(view! {
        <nav class="parts" aria-label=words.recordings data-live=format!("{}.parts", call.call_sid)>
            <ol>{items}</ol>
        </nav>
    })
}

/// How much of a damaged recording is there; empty otherwise.
fn damage(
    call: &CallBody,
    recording: &RecordingBody,
    words: &'static PageWords,
) -> impl IntoView + use<> {
    let text = (recording.damaged == Some(true)).then(|| {
        let expected = recording.expected_seconds.or(call.duration_seconds.map(f64::from));
        match (recording.duration_seconds, expected) {
            (Some(seconds), Some(of)) if seconds < of => {
                (words.damaged_seconds)(round(seconds), round(of))
            }
            _ => words.damaged.to_owned(),
        }
    });
    view! {
        <p class="damage" data-live=format!("{}.damage", call.call_sid)>
            {text}
        </p>
    }
}

fn round(seconds: f64) -> u32 {
    format::whole_seconds(seconds + 0.5)
}

/// The recording where no script runs.
fn without_script(
    state: RecordingState,
    file: String,
    mode: Mode,
    words: &'static PageWords,
) -> AnyView {
    if state == RecordingState::Ready {
        return view! { <audio controls preload="none" src=file></audio> }.into_any();
    }
    view! {
        <p>{(words.state_sentence)(state)}</p>
        {(mode != Mode::Row).then_some(words.without_script)}
    }
    .into_any()
}

fn subject(call: &CallBody, recording: &RecordingBody, playback: &Playback, mode: Mode) -> Subject {
    let title = match (&call.from, &call.to) {
        (Some(from), Some(to)) => format!("{from} \u{2192} {to}"),
        (one, other) => one.as_ref().or(other.as_ref()).cloned().unwrap_or_default(),
    };
    Subject {
        call_sid: call.call_sid.clone(),
        part: playback.part,
        mode,
        title,
        state: recording.state,
        channels: recording.channels.unwrap_or_default(),
        millis: millis(length(call, recording).unwrap_or_default()),
        start: playback.start,
        query: playback.query.clone(),
    }
}

fn millis(seconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, at 49 days"
    )]
    let millis = (seconds * 1000.0) as u32;
    millis
}
