//! Whole documents, as the server sends them.

use shared::{
    ErrorCode, QueueState, RecordingState, RecordingStatus,
    body::{
        CallBody, CallsBody, FailureBody, FailuresBody, QueueBody, RecordingBody, RunBody,
        RunningBody, WorkerBody,
    },
};

use crate::{
    Assets, CallPage, CallsPage, Chrome, EmbedPage, Lang, Page, Playback, ProblemPage, Session,
    SignInPage, StatusPage, Theme, render, words::Detail,
};

fn chrome(lang: Lang) -> Chrome {
    Chrome {
        assets: Assets {
            script: "/pkg/tapedeck.a.js".into(),
            wasm: "/pkg/tapedeck.a.wasm".into(),
            style: "/pkg/tapedeck.a.css".into(),
            inline_style: None,
        },
        lang,
        here: "/".into(),
        session: Session::NotNeeded,
    }
}

fn empty_list(q: &str) -> Page {
    let body = CallsBody { calls: Vec::new(), next: None };
    Page::Calls(CallsPage { body, q: q.into(), state: None, is_later: false })
}

fn call(state: RecordingState, runs: Vec<RunBody>) -> CallBody {
    CallBody {
        call_sid: "CA1".parse().unwrap(),
        direction: None,
        from: Some("+15550100".into()),
        to: None,
        started_at: None,
        duration_seconds: None,
        created_at: "2026-07-01T14:00:00Z".into(),
        has_recording_url: true,
        recording: RecordingBody::new(state),
        recordings: None,
        runs: Some(runs),
    }
}

fn call_page(state: RecordingState, runs: Vec<RunBody>) -> Page {
    Page::Call(Box::new(CallPage { call: call(state, runs), playback: Playback::default() }))
}

fn run(id: &str, status: RecordingStatus) -> RunBody {
    let failure = FailureBody { kind: "transient".into(), reason: "provider answered 503".into() };
    RunBody {
        id: id.into(),
        status,
        attempt: 0,
        created_at: "2026-07-01T14:00:00Z".into(),
        queued_at: "2026-07-01T14:00:00Z".into(),
        wanted_at: Some("2026-07-01T14:00:00Z".into()),
        started_at: Some("2026-07-01T14:00:07Z".into()),
        finished_at: Some("2026-07-01T14:02:12Z".into()),
        failure: (status == RecordingStatus::Failed).then_some(failure),
    }
}

fn queue() -> QueueBody {
    let worker = WorkerBody {
        id: "w1".into(),
        place: Some("web-1:4711".into()),
        started_at: "2026-07-01T12:00:00Z".into(),
        last_seen_at: "2026-07-01T14:00:00Z".into(),
        last_poll_at: None,
        last_claim_at: None,
        running: 1,
    };
    QueueBody {
        state: QueueState::Moving,
        now: "2026-07-01T14:00:03Z".into(),
        queued: 7,
        queued_wanted: 2,
        running: 1,
        ready: 5,
        failed: 3,
        oldest_wanted_seconds: Some(125),
        last_claim_seconds: Some(4),
        last_ready_seconds: None,
        runs: vec![RunningBody {
            call_sid: "CA7".parse().unwrap(),
            run: "r7".into(),
            worker: Some("w1".into()),
            started_at: Some("2026-07-01T13:59:33Z".into()),
            attempt: 1,
            bytes_done: 500_000,
            bytes_total: Some(2_000_000),
        }],
        failures: vec![FailuresBody {
            kind: "rejected".into(),
            reason: "provider answered 403".into(),
            runs: 3,
            last_at: "2026-07-01T13:58:03Z".into(),
            call_sid: "CA8".parse().unwrap(),
        }],
        lost_workers: 1,
        lost: vec![WorkerBody { id: "w0".into(), place: None, ..worker.clone() }],
        workers: vec![worker],
    }
}

fn status_page(queue: Option<QueueBody>) -> Page {
    Page::Status(Box::new(StatusPage { queue }))
}

fn problem(status: u16, code: ErrorCode) -> ProblemPage {
    ProblemPage { status, code, detail: None, call_sid: None }
}

fn embed_page(call: Result<CallBody, ProblemPage>) -> Page {
    let origins = "https://crm.example.com".into();
    Page::Embed(Box::new(EmbedPage {
        call,
        theme: Some(Theme::Dark),
        origins,
        playback: Playback::default(),
    }))
}

/// The text of a document, without its marks.
fn text(html: &str) -> String {
    let mut is_mark = false;
    let mut text = String::new();
    for c in html.chars() {
        match c {
            '<' => is_mark = true,
            '>' => is_mark = false,
            c if !is_mark => text.push(c),
            _ => {}
        }
    }
    text
}

#[test]
fn a_document_says_its_language_and_direction() {
    assert!(
        render(empty_list(""), &chrome(Lang::En))
            .starts_with("<!doctype html><html lang=\"en\" dir=\"ltr\">")
    );
    assert!(render(empty_list(""), &chrome(Lang::He)).contains("<html lang=\"he\" dir=\"rtl\">"));
}

#[test]
fn what_a_visitor_typed_is_escaped() {
    let html = render(empty_list("\"><script>alert(1)</script>"), &chrome(Lang::En));
    assert!(!html.contains("<script>alert"), "{html}");
    assert!(!html.contains("value=\"\">"), "{html}");
}

#[test]
fn nothing_is_inline_that_the_content_security_policy_forbids() {
    let sign_in = SignInPage { failed: true, next: "/calls/CA1".into() };
    // Modules, and whether the page holds players: those have the one inline script that the policy allows.
    for (page, modules, has_players) in [
        (empty_list(""), 2, true),
        (call_page(RecordingState::Failed, vec![run("r1", RecordingStatus::Failed)]), 2, true),
        (status_page(Some(queue())), 1, false),
        (Page::SignIn(sign_in), 0, false),
        (Page::Problem(problem(404, ErrorCode::CallNotFound)), 0, false),
        (embed_page(Ok(call(RecordingState::Ready, Vec::new()))), 2, true),
        (embed_page(Err(problem(404, ErrorCode::CallNotFound))), 1, false),
    ] {
        let html = render(page, &chrome(Lang::En));
        assert!(!html.contains(" style=") && !html.contains("<style"), "{html}");
        let inline = format!("<script>{}</script>", crate::FIRST_PRESS);
        assert_eq!(html.matches(&*inline).count(), usize::from(has_players), "{html}");
        assert_eq!(html.matches("<script type=\"module\" ").count(), modules, "{html}");
        assert_eq!(html.matches("<script").count(), modules + usize::from(has_players), "{html}");
        assert!(!html.contains(" onclick="), "{html}");
    }
}

#[test]
fn who_may_not_see_the_pages_is_led_to_none_and_follows_nothing() {
    let stranger = Chrome { session: Session::None, ..chrome(Lang::En) };
    let html = render(Page::Problem(problem(404, ErrorCode::NotFound)), &stranger);
    assert!(!html.contains("href=\"/status\""), "{html}");
    assert!(!render(empty_list(""), &stranger).contains("/live-update.js"));
    let html = render(empty_list(""), &chrome(Lang::En));
    assert!(html.contains("/live-update.js") && html.contains("href=\"/status\""), "{html}");
    assert!(html.contains("href=\"/\" aria-current=\"page\""), "{html}");
}

#[test]
fn the_page_of_the_queue_says_what_is_to_be_done_and_by_whom() {
    let html = render(status_page(Some(queue())), &chrome(Lang::En));
    let text = text(&html);
    for said in [
        "Moving",
        "Listeners wait for",
        "2 min",
        "5",
        "500 kB of 2 MB",
        "for 30 s",
        "web-1:4711",
        "heard 3 s ago",
        "1 lost within a day",
        "3 times",
        "What the provider delivers can't be used.",
        "provider answered 403",
        "last 2 min ago",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(html.contains("href=\"/calls/CA7\"") && html.contains("href=\"/calls/CA8\""));
    assert_eq!(html.matches("role=\"status\"").count(), 1);
}

#[test]
fn every_state_of_the_queue_has_a_word_and_a_way_out_in_every_language() {
    for lang in Lang::ALL {
        for state in QueueState::ALL {
            let html = render(status_page(Some(QueueBody { state, ..queue() })), &chrome(lang));
            let (word, advice) = (lang.status().state)(state);
            assert!(html.contains(&format!("data-queue=\"{state}\"")), "{html}");
            assert!(html.contains(word) && html.contains(advice), "{lang:?} {state}");
        }
        let html = render(status_page(None), &chrome(lang));
        assert!(html.contains("data-queue=\"away\"") && html.contains(lang.status().away.0));
    }
}

#[test]
fn a_long_history_is_folded_and_a_failed_call_can_be_retried() {
    let runs: Vec<_> = (1..=5).map(|n| run(&format!("r{n}"), RecordingStatus::Failed)).collect();
    let html = render(call_page(RecordingState::Failed, runs), &chrome(Lang::En));
    let (shown, folded) = html.split_once("<details").unwrap();
    assert!(shown.contains("data-key=\"r5\"") && shown.contains("data-key=\"r3\""));
    assert!(folded.contains("2 earlier tries") && folded.contains("data-key=\"r2\""));
    assert!(html.contains("method=\"post\" action=\"/calls/CA1/retry\""));
    let text = text(&html);
    for said in ["after 7 s in the queue", "after 2 min of work", "provider answered 503"] {
        assert!(text.contains(said), "{said}: {text}");
    }

    let ready = call_page(RecordingState::Ready, vec![run("r1", RecordingStatus::Ready)]);
    let html = render(ready, &chrome(Lang::En));
    assert!(!html.contains("/retry") && !html.contains("<details"), "{html}");
    assert!(html.contains("<title>Call CA1 · Ready · tapedeck</title>"), "{html}");
}

#[test]
fn what_goes_on_now_is_said_with_its_time() {
    let run = RunBody { finished_at: None, ..run("r1", RecordingStatus::Running) };
    let html = render(call_page(RecordingState::Running, vec![run]), &chrome(Lang::En));
    let now = html.split_once("class=\"now\"").unwrap().1;
    assert!(text(now).contains("A worker is fetching it, since 1 Jul 2026, 14:00:07 UTC"));
}

#[test]
fn a_fault_of_ours_can_be_tried_again_at_the_same_address() {
    let here = Chrome { here: "/calls/CA1?lang=en".into(), ..chrome(Lang::En) };
    let ours = Page::Problem(problem(500, ErrorCode::DatabaseUnavailable));
    let html = render(ours, &here);
    assert!(
        html.contains("href=\"/calls/CA1?lang=en\" class=\"button button--main\">Try again"),
        "{html}"
    );
    let html = render(Page::Problem(problem(404, ErrorCode::CallNotFound)), &here);
    assert!(!html.contains("Try again"), "{html}");
}

#[test]
fn a_bad_request_is_explained_in_the_visitors_language() {
    for lang in Lang::ALL {
        let page =
            ProblemPage { detail: Some(Detail::NoSuchPage), ..problem(400, ErrorCode::BadRequest) };
        let html = render(Page::Problem(page), &chrome(lang));
        assert!(html.contains(&*(lang.api().detail)(&Detail::NoSuchPage)), "{html}");
    }
}

#[test]
fn the_framed_player_has_nothing_around_it() {
    let html = render(
        embed_page(Ok(call(RecordingState::Ready, Vec::new()))),
        &Chrome { session: Session::SignedIn, ..chrome(Lang::He) },
    );
    assert!(html.contains("data-theme=\"dark\"") && html.contains("data-call=\"CA1\""), "{html}");
    assert!(html.contains("data-origins=\"https://crm.example.com\""), "{html}");
    assert!(!html.contains("<header") && !html.contains("<nav"), "{html}");
    assert!(!html.contains("/live-update.js") && !html.contains("/sign-out"), "{html}");

    let html = render(embed_page(Err(problem(404, ErrorCode::CallNotFound))), &chrome(Lang::En));
    assert!(html.contains("data-problem=\"call_not_found\"") && !html.contains("/hydrate.js"));
    assert!(html.contains("There is no call with this id") && !html.contains("<a "), "{html}");
}

/// A peaks file of two channels, four points.
fn peaks() -> Vec<u8> {
    let mut dat: Vec<u8> =
        [2u32, 1, 8000, 1000, 4, 2].into_iter().flat_map(u32::to_le_bytes).collect();
    dat.extend([156, 100, 0, 0].repeat(4));
    dat
}

fn ready(content_type: &str) -> CallBody {
    let recording = RecordingBody {
        content_type: Some(content_type.into()),
        sha256: Some("0123456789abcdef0123".into()),
        duration_seconds: Some(4.0),
        channels: Some(2),
        ..RecordingBody::new(RecordingState::Ready)
    };
    CallBody { recording, ..call(RecordingState::Ready, Vec::new()) }
}

fn html(call: CallBody, playback: Playback) -> String {
    render(Page::Call(Box::new(CallPage { call, playback })), &chrome(Lang::En))
}

#[test]
fn a_ready_recording_is_sent_with_its_sources_and_its_waveform() {
    let playback = Playback { start: Some(2), peaks: Some(peaks()), ..Playback::default() };
    let page = html(ready("audio/ogg"), playback);
    for part in [
        r#"<audio id="audio-CA1" preload="none">"#,
        r#"src="/api/recordings/file/CA1?v=0123456789abcdef#t=2" type="audio/ogg""#,
        r#"src="/api/recordings/file/CA1?v=0123456789abcdef&amp;as=wav#t=2" type="audio/wav""#,
        r#"d="M1 4v92M4 4v92"#,
        "data-silences",
        r#"max="4""#,
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.find("<audio").unwrap() < page.find("<leptos-island").unwrap());
    assert!(page.contains(crate::FIRST_PRESS));
    assert!(!html(ready("audio/wav"), Playback::default()).contains("as=wav"));
}

#[test]
fn the_inline_script_is_below_1_kb() {
    assert!(crate::FIRST_PRESS.len() <= 1024, "{}", crate::FIRST_PRESS.len());
    assert!(!crate::FIRST_PRESS.contains("</"));
}

#[test]
fn a_call_with_several_recordings_lists_them_as_they_began() {
    let part = |part, started_at: &str| RecordingBody {
        part: Some(part),
        started_at: Some(started_at.into()),
        ..RecordingBody::new(RecordingState::Ready)
    };
    let later = part(1, "2026-07-01T15:00:00Z");
    let earlier = part(2, "2026-07-01T14:00:00Z");
    let recordings = Some(vec![later, earlier]);
    let playback = Playback { part: 2, ..Playback::default() };
    let page = html(CallBody { recordings, ..ready("audio/wav") }, playback);
    let [first, second] = [r#"href="/?part=2""#, r#"href="/?part=1""#].map(|it| page.find(it));
    assert!(first.unwrap() < second.unwrap(), "{page}");
    assert!(page.contains(r#"src="/api/recordings/file/CA1?part=2""#), "{page}");
    let one = html(ready("audio/wav"), Playback::default());
    assert!(!one.contains(r#"class="parts""#), "no list of one");
}

#[test]
fn a_damaged_recording_says_how_much_is_there() {
    let mut call = ready("audio/wav");
    call.recording.damaged = Some(true);
    call.recording.expected_seconds = Some(10.2);
    assert!(html(call.clone(), Playback::default()).contains("Damaged: about 4 of 10 seconds"));
    call.recording.expected_seconds = None;
    assert!(html(call, Playback::default()).contains(">Damaged<"));
}
