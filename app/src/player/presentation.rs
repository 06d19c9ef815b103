//! The presentation of each state: words, icons and attributes. Pure.

use shared::decision::ErrorType;

use super::{
    listening::Repeat,
    machine::{Fault, Progress, Sound, State, Waiting},
    subject::and,
    ui::Ui,
    waveform::TimeSpan,
};
use crate::{
    format,
    words::{ErrorWords, PlayerWords},
};

/// `data-state`.
pub(crate) fn state(ui: &Ui) -> &'static str {
    match ui.machine.state {
        State::Idle => "idle",
        State::Checking | State::Waiting(Waiting { progress: None, .. }) => "checking",
        State::Waiting(_) => "preparing",
        State::Ready(Sound::Playing) => "playing",
        State::Ready(_) => "ready",
        State::Stopped(_) => "error",
    }
}

/// `data-error`.
pub(crate) fn error(ui: &Ui) -> Option<&'static str> {
    Some(match ui.fault()? {
        Fault::Answer(error) => error.as_str(),
        Fault::Unplayable => "unplayable",
    })
}

/// `data-attempt`: how many times the run was created again.
pub(crate) fn attempt(ui: &Ui) -> Option<String> {
    Some(ui.progress()?.attempt.to_string())
}

/// The announced line. It changes with the state, and once a minute during a wait.
pub(crate) fn headline(ui: &Ui) -> String {
    let words = ui.words;
    match ui.machine.state {
        State::Idle => words.idle.to_owned(),
        State::Checking => words.checking.to_owned(),
        State::Waiting(waiting) => {
            let mut text = match waiting.progress {
                _ if waiting.trouble => words.trouble.to_owned(),
                Some(Progress { waits_for_provider: true, .. }) => {
                    words.waiting_for_provider.to_owned()
                }
                Some(Progress { attempt, max_attempts, .. }) if attempt > 0 => {
                    (words.preparing_again)(attempt, max_attempts)
                }
                _ => words.preparing.to_owned(),
            };
            let minutes = ui.waited().as_secs() / 60;
            if minutes > 0 {
                text.push_str(" · ");
                text.push_str(&(words.still_waiting)(minutes));
            }
            text
        }
        State::Ready(sound) => match sound {
            Sound::Loading => words.loading,
            Sound::Playing => words.playing,
            Sound::Paused if ui.audio.at > 0.0 => words.paused,
            Sound::Paused => words.ready,
            Sound::Refused => words.tap_to_play,
        }
        .to_owned(),
        State::Stopped(Fault::Answer(ErrorType::TimedOut)) => {
            (words.timed_out)(ui.waited().as_secs())
        }
        State::Stopped(fault) => {
            error_words(words, fault).map_or("", |words| words.headline).to_owned()
        }
    }
}

/// The progress of the wait, or the explanation of the stop.
pub(crate) fn detail(ui: &Ui) -> String {
    let words = ui.words;
    match ui.machine.state {
        State::Waiting(Waiting { progress: Some(progress), trouble: false, .. }) => {
            if progress.waits_for_provider {
                words.waiting_for_provider_advice.to_owned()
            } else if progress.is_running {
                fetched(&progress, words)
            } else if progress.workers_online == Some(0) {
                words.no_worker.to_owned()
            } else if progress.ahead > 0 {
                (words.ahead)(progress.ahead)
            } else {
                words.next_in_line.to_owned()
            }
        }
        State::Stopped(fault) => error_words(words, fault)
            .map_or(words.timed_out_advice, |words| words.advice)
            .to_owned(),
        _ => String::new(),
    }
}

fn fetched(progress: &Progress, words: &PlayerWords) -> String {
    let size = |bytes| format::size(bytes, &words.size_units);
    match (progress.bytes_done, progress.bytes_total) {
        (0, _) => words.being_fetched.to_owned(),
        (done, Some(total)) => (words.fetched_of)(&size(done), &size(total)),
        (done, None) => (words.fetched)(&size(done)),
    }
}

/// The elapsed wait, and the time to the next request.
pub(crate) fn wait(ui: &Ui) -> String {
    let Some(waiting) = ui.waiting() else { return String::new() };
    let words = ui.words;
    let left = waiting.next.saturating_sub(ui.now).as_secs_f64().ceil();
    let next = if left > 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and far below the limit"
        )]
        (words.next_check)(left as u64)
    } else {
        words.checking_now.to_owned()
    };
    format!("{} · {next}", (words.waited)(&format::clock(ui.waited().as_secs_f64())))
}

/// The share of the bytes fetched, 0 to 1, where the provider named the total.
pub(crate) fn share(ui: &Ui) -> Option<f64> {
    let progress = ui.progress()?;
    let total = progress.bytes_total.filter(|total| *total > 0)?;
    #[expect(clippy::cast_precision_loss, reason = "a bar is some hundred pixels wide")]
    let share = progress.bytes_done as f64 / total as f64;
    progress.is_running.then_some(share.min(1.0))
}

/// The icon of the play button.
pub(crate) fn icon(ui: &Ui) -> &'static str {
    match ui.machine.state {
        State::Idle | State::Checking | State::Waiting(_) => "#i-play",
        State::Ready(_) => {
            if ui.is_sounding() {
                "#i-pause"
            } else {
                "#i-play"
            }
        }
        State::Stopped(Fault::Unplayable) => "#i-download",
        State::Stopped(Fault::Answer(error)) => match error {
            ErrorType::NotFound | ErrorType::Empty | ErrorType::NoSuchPart => "#i-none",
            ErrorType::UnknownCall => "#i-unknown",
            ErrorType::Deleted => "#i-bin",
            ErrorType::WorkerOffline => "#i-worker",
            ErrorType::RecordingFailed | ErrorType::ServerError => "#i-warning",
            ErrorType::TimedOut | ErrorType::LinkExpired => "#i-clock",
            ErrorType::Unreachable => "#i-offline",
            ErrorType::Unauthorized => "#i-lock",
            ErrorType::NotPlayable => "#i-download",
            ErrorType::LinkInvalid => "#i-link",
        },
    }
}

/// The words of a stop, but for the timeout's, which hold a number.
fn error_words(words: &PlayerWords, fault: Fault) -> Option<&ErrorWords> {
    Some(match fault {
        Fault::Unplayable => &words.unplayable,
        Fault::Answer(error) => match error {
            ErrorType::NotFound => &words.not_found,
            ErrorType::UnknownCall => &words.unknown_call,
            ErrorType::Deleted => &words.deleted,
            ErrorType::WorkerOffline => &words.worker_offline,
            ErrorType::RecordingFailed => &words.recording_failed,
            ErrorType::Unreachable => &words.unreachable,
            ErrorType::Unauthorized => &words.unauthorized,
            ErrorType::ServerError => &words.server_error,
            ErrorType::Empty => &words.empty_recording,
            ErrorType::NotPlayable => &words.not_playable,
            ErrorType::NoSuchPart => &words.no_such_part,
            ErrorType::LinkInvalid => &words.link_invalid,
            ErrorType::LinkExpired => &words.link_expired,
            ErrorType::TimedOut => return None,
        },
    })
}

/// The seek slider's value in words.
pub(crate) fn position(ui: &Ui) -> String {
    (ui.words.position)(&format::clock(ui.audio.at), &format::clock(ui.audio.length))
}

/// The position.
pub(crate) fn at(ui: &Ui) -> String {
    format::clock(ui.audio.at)
}

/// The length.
pub(crate) fn length(ui: &Ui) -> String {
    format::clock(ui.audio.length)
}

/// The address of the download. What no browser plays is downloaded as it came.
pub(crate) fn download(ui: &Ui) -> String {
    let is_original = ui.fault() == Some(Fault::Answer(ErrorType::NotPlayable));
    and(&ui.file, if is_original { "original=true" } else { "download=1" })
}

/// The volume slider's value in words.
pub(crate) fn loudness(ui: &Ui) -> String {
    format!("{} %", per_cent(ui.audio.volume))
}

/// The time that skipping silences saves: `−0:23`, or nothing.
pub(crate) fn saved(ui: &Ui) -> String {
    if ui.has_silences() {
        format!("\u{2212}{}", format::clock(ui.listening.saved()))
    } else {
        String::new()
    }
}

/// The label of the repeat button: its next step, or the repeated time span.
pub(crate) fn repeat(ui: &Ui) -> String {
    match ui.listening.repeat {
        Repeat::Off => ui.words.repeat.to_owned(),
        Repeat::From(from) => (ui.words.repeat_to)(&format::clock(from)),
        Repeat::Within(TimeSpan { from, to }) => {
            (ui.words.repeated)(&format::clock(from), &format::clock(to))
        }
    }
}

/// Whether a time span is repeated, or being chosen.
pub(crate) fn is_repeating(ui: &Ui) -> bool {
    ui.listening.repeat != Repeat::Off
}

/// A share in per cent, 0 to 100.
pub(crate) fn per_cent(share: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and rounds down what was rounded"
    )]
    let per_cent = (share * 100.0).round() as u8;
    per_cent
}

/// An index as the DOM has it.
pub(crate) fn index(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(-1)
}

#[cfg(test)]
mod tests;
