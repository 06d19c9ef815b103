use std::{collections::HashSet, time::Duration};

use shared::RecordingState;

use super::*;
use crate::{
    player::{
        subject::{Mode, Subject},
        ui::Step,
    },
    words::Lang,
};

const FAULTS: [Fault; 15] = [
    Fault::Answer(ErrorType::NotFound),
    Fault::Answer(ErrorType::UnknownCall),
    Fault::Answer(ErrorType::Deleted),
    Fault::Answer(ErrorType::WorkerOffline),
    Fault::Answer(ErrorType::RecordingFailed),
    Fault::Answer(ErrorType::TimedOut),
    Fault::Answer(ErrorType::Unreachable),
    Fault::Answer(ErrorType::Unauthorized),
    Fault::Answer(ErrorType::ServerError),
    Fault::Unplayable,
    Fault::Answer(ErrorType::Empty),
    Fault::Answer(ErrorType::NotPlayable),
    Fault::Answer(ErrorType::NoSuchPart),
    Fault::Answer(ErrorType::LinkInvalid),
    Fault::Answer(ErrorType::LinkExpired),
];

fn subject() -> Subject {
    Subject {
        call_sid: "CA1".parse().unwrap(),
        part: 1,
        mode: Mode::Full,
        title: String::new(),
        state: RecordingState::NotRequested,
        channels: 0,
        millis: 0,
        start: None,
        query: String::new(),
    }
}

/// A player in `state`, so many seconds after Play.
fn ui(state: State, seconds: u64) -> Ui {
    let mut ui = Ui::new(Lang::En.player(), &subject());
    ui.machine.state = state;
    ui.now = Duration::from_secs(seconds);
    ui
}

/// The wait with the next try at second 20.
fn waiting(progress: Progress, seconds: u64) -> Ui {
    let next = Duration::from_secs(20);
    ui(State::Waiting(Waiting { progress: Some(progress), next, trouble: false }), seconds)
}

#[test]
fn every_stop_has_its_own_words_in_every_language() {
    for lang in Lang::ALL {
        let said: HashSet<_> = FAULTS
            .into_iter()
            .map(|fault| {
                let mut ui = ui(State::Stopped(fault), 190);
                ui.words = lang.player();
                (headline(&ui), error(&ui))
            })
            .collect();
        assert_eq!(said.len(), FAULTS.len());
        assert!(said.iter().all(|(headline, _)| !headline.is_empty()));
    }
}

#[test]
fn each_stop_offers_its_own_steps() {
    let all = [
        Step::CheckNow,
        Step::Cancel,
        Step::TryAgain,
        Step::KeepWaiting,
        Step::SignIn,
        Step::Download,
        Step::Copy,
    ];
    for (fault, steps) in FAULTS.into_iter().zip([
        &[][..],
        &[],
        &[],
        &[Step::TryAgain, Step::Copy],
        &[Step::TryAgain, Step::Copy],
        &[Step::KeepWaiting],
        &[Step::TryAgain],
        &[Step::TryAgain, Step::SignIn],
        &[Step::TryAgain, Step::Copy],
        &[Step::Download],
        &[],
        &[Step::Download],
        &[],
        &[],
        &[],
    ]) {
        let ui = ui(State::Stopped(fault), 0);
        let offered: Vec<_> = all.into_iter().filter(|step| ui.offers(*step)).collect();
        assert_eq!(offered, steps, "{fault:?}");
    }
}

#[test]
fn the_timeout_names_the_length_of_the_wait() {
    let ui = ui(State::Stopped(Fault::Answer(ErrorType::TimedOut)), 187);
    assert_eq!(headline(&ui), shared::message::still_being_prepared(187));
}

#[test]
fn the_wait_counts_up_and_the_next_request_counts_down() {
    let progress = Progress::default();
    assert_eq!(wait(&waiting(progress, 12)), "Waited 0:12 · next check in 8 s");
    assert_eq!(wait(&waiting(progress, 20)), "Waited 0:20 · checking now…");
}

#[test]
fn the_announced_line_changes_once_a_minute() {
    let lines: HashSet<_> =
        (0..180).map(|second| headline(&waiting(Progress::default(), second))).collect();
    assert_eq!(lines.len(), 3);
}

#[test]
fn the_detail_names_the_reason_of_the_wait() {
    let queued = Progress { workers_online: Some(1), ..Progress::default() };
    let running = Progress { is_running: true, ..queued };
    for (progress, text) in [
        (queued, "Next in line"),
        (Progress { ahead: 1, ..queued }, "1 recording ahead of this one"),
        (Progress { ahead: 7, ..queued }, "7 recordings ahead of this one"),
        (
            Progress { workers_online: Some(0), ahead: 7, ..queued },
            "No worker is online right now. It starts as soon as one is back.",
        ),
        (
            Progress { waits_for_provider: true, ..queued },
            "After a call, providers need seconds to minutes. It is fetched as soon as they have it.",
        ),
        (running, "Being fetched from the provider"),
        (Progress { bytes_done: 90_000, ..running }, "90 kB fetched"),
        (
            Progress { bytes_done: 1_260_000, bytes_total: Some(3_100_000), ..running },
            "1.2 MB of 3.1 MB fetched",
        ),
    ] {
        assert_eq!(detail(&waiting(progress, 1)), text);
    }
}

#[test]
fn the_bar_shows_a_share_only_where_one_is_known() {
    let running = Progress { is_running: true, bytes_done: 50, ..Progress::default() };
    assert_eq!(share(&waiting(running, 0)), None);
    assert_eq!(share(&waiting(Progress { bytes_total: Some(0), ..running }, 0)), None);
    assert_eq!(share(&waiting(Progress { bytes_total: Some(200), ..running }, 0)), Some(0.25));
    assert_eq!(share(&waiting(Progress { bytes_total: Some(20), ..running }, 0)), Some(1.0));
}

#[test]
fn a_wait_without_an_answer_of_the_server_is_still_checking() {
    let trouble = Waiting { progress: None, next: Duration::ZERO, trouble: true };
    let ui = ui(State::Waiting(trouble), 0);
    assert_eq!((state(&ui), attempt(&ui)), ("checking", None));
    assert_eq!(headline(&ui), "Connection trouble, trying again…");
}

#[test]
fn the_attempt_is_shown_and_in_the_markup() {
    let ui = waiting(Progress { attempt: 2, max_attempts: 3, ..Progress::default() }, 0);
    assert_eq!((state(&ui), attempt(&ui).as_deref()), ("preparing", Some("2")));
    assert_eq!(headline(&ui), "Recording is being prepared again (attempt 2/3)");
}

#[test]
fn a_recording_that_no_browser_plays_is_said_before_play_and_downloaded_as_it_came() {
    let in_mode = |mode| {
        let subject = Subject { state: RecordingState::Stored, mode, ..subject() };
        Ui::new(Lang::En.player(), &subject)
    };
    let ui = in_mode(Mode::Full);
    assert_eq!(error(&ui), Some("not_playable"));
    assert_eq!(download(&ui), "/api/recordings/file/CA1?original=true");
    assert_eq!(state(&in_mode(Mode::Row)), "idle", "a row has its state beside it");
}

#[test]
fn a_wait_for_the_provider_has_its_own_headline() {
    let ui = waiting(Progress { waits_for_provider: true, ..Progress::default() }, 3);
    assert_eq!(headline(&ui), "The provider does not have the recording yet");
}
