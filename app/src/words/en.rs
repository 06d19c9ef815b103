//! English.

use std::borrow::Cow;

use shared::{ErrorCode, QueueState, RecordingState, RecordingStatus, message};

use super::{Detail, ErrorWords, KeyWords, PageWords, PlayerWords};

pub(super) static PLAYER: PlayerWords = PlayerWords {
    player: "Recording",
    play: "Play",
    pause: "Pause",
    back: "Back 10 seconds",
    forward: "Forward 10 seconds",
    seek: "Position",
    speed: "Speed",
    volume: "Volume",
    mute: "Mute",
    unmute: "Unmute",
    download: "Download",
    check_now: "Check now",
    cancel: "Cancel",
    try_again: "Try again",
    keep_waiting: "Keep waiting",
    sign_in: "Sign in",
    copy: "Copy",
    copied: "Copied",
    skip_silence: "Skip silence",
    repeat: "Repeat from here",
    repeat_to: |from| format!("Repeat {from} to here"),
    repeated: |from, to| format!("Repeating {from} to {to}"),
    copy_link: "Copy link to here",
    keys: "Keys",
    agent: "Agent",
    customer: "Customer",
    solo: "Solo",

    position: |at, of| format!("{at} of {of}"),

    idle: "",
    checking: "Looking for the recording…",
    preparing: "Recording is being prepared",
    preparing_again: message::being_prepared,
    trouble: "Connection trouble, trying again…",
    loading: "Loading",
    ready: "Ready",
    tap_to_play: "Ready. Press Play to listen.",
    playing: "Playing",
    paused: "Paused",

    waited: |time| format!("Waited {time}"),
    still_waiting: |minutes| match minutes {
        1 => "waited 1 minute".to_owned(),
        n => format!("waited {n} minutes"),
    },
    next_check: |seconds| format!("next check in {seconds} s"),
    checking_now: "checking now…",
    fetched: |done| format!("{done} fetched"),
    fetched_of: |done, total| format!("{done} of {total} fetched"),
    progress: "Fetched",
    next_in_line: "Next in line",
    ahead: |runs| match runs {
        1 => "1 recording ahead of this one".to_owned(),
        n => format!("{n} recordings ahead of this one"),
    },
    being_fetched: "Being fetched from the provider",
    no_worker: "No worker is online right now. It starts as soon as one is back.",
    waiting_for_provider: message::WAITING_FOR_PROVIDER,
    waiting_for_provider_advice: "After a call, providers need seconds to minutes. It is fetched as soon as they have it.",

    not_found: ErrorWords {
        headline: message::NO_RECORDING_URL,
        advice: "This call was not recorded, or its recording was never handed over. \
                 Waiting will not change that.",
    },
    unknown_call: ErrorWords {
        headline: "There is no call with this id",
        advice: "Check the address, or look for the call in the list.",
    },
    deleted: ErrorWords {
        headline: "This recording was deleted",
        advice: "It was removed here or at the provider, and can't be brought back from this page.",
    },
    worker_offline: ErrorWords {
        headline: message::WORKER_NOT_RESPONDING,
        advice: "If you write to support, tell them this:",
    },
    recording_failed: ErrorWords {
        headline: "This recording can't be fetched: it keeps failing",
        advice: "Everything here works; the provider does not deliver this one. \
                 Trying again right away rarely helps. Tell support:",
    },
    timed_out: message::still_being_prepared,
    timed_out_advice: "Nothing is lost: it goes on being prepared. Keep waiting, or come back later.",
    unreachable: ErrorWords {
        headline: "The server can't be reached",
        advice: "Check your connection, then try again.",
    },
    unauthorized: ErrorWords {
        headline: "You are signed out",
        advice: "Sign in to hear this recording.",
    },
    server_error: ErrorWords {
        headline: "Something on the server is not working",
        advice: "It is not your connection. Try again in a moment; if it stays so, tell support:",
    },
    unplayable: ErrorWords {
        headline: "Your browser can't play this recording",
        advice: "The file is there. Download it and open it in another player.",
    },
    empty_recording: ErrorWords {
        headline: "Nothing was recorded",
        advice: "The recording was fetched and holds no sound. Waiting will not change that.",
    },
    not_playable: ErrorWords {
        headline: "This recording is kept, in a format that no browser plays",
        advice: "Download it and open it in another player.",
    },
    no_such_part: ErrorWords {
        headline: "This call has no recording of this number",
        advice: "Choose one from the list, or open the call without a number.",
    },
    link_invalid: ErrorWords {
        headline: "This link is not valid",
        advice: "Check that the whole address was copied, or ask for a new link.",
    },
    link_expired: ErrorWords {
        headline: "This link has expired",
        advice: "Ask for a new link where you found this one.",
    },

    size_units: ["B", "kB", "MB", "GB"],
};

pub(super) static KEYS: KeyWords = KeyWords {
    title: "Keys of the player",
    rows: [
        "Play or pause",
        "Back or forward 10 seconds",
        "Back or forward 5 seconds",
        "To the start or the end",
        "To a tenth of the recording",
        "Louder or quieter",
        "Mute",
        "Slower or faster",
        "These keys",
    ],
    note: "They work while the focus is in a player.",
    close: "Close",
};

pub(super) static PAGE: PageWords = PageWords {
    tagline: "Call recordings",
    description: "Hear a call's recording, or learn at a glance why not.",
    skip_to_content: "Skip to content",
    language: "Language",
    sign_out: "Sign out",
    breadcrumb: "Where you are",
    site: "Pages",
    span: |seconds| match seconds {
        0 => "less than 1 s".to_owned(),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    },

    calls: "Calls",
    search: "Search",
    search_hint: "Number, name or call id",
    recording: "Recording",
    any_state: "Any",
    find: "Find",
    clear: "Show all calls",
    older: "Older calls",
    newest: "Back to the newest",
    empty_title: "No calls yet",
    empty_text: "A call appears here as soon as it is registered, by an import or through the API:",
    nothing_found_title: "No call matches",
    nothing_found_text: "Try a part of the number, another name, or any recording state.",
    no_older_title: "No older calls",
    no_older_text: "This is the end of the list.",
    open_call: |call| format!("Open call {call}"),
    pages_of_calls: "Older and newer calls",

    call: "Call",
    started: "Started",
    direction: "Direction",
    inbound: "Incoming",
    outbound: "Outgoing",
    from: "From",
    to: "To",
    length: "Length",
    unknown: "unknown",
    call_id: "Call id",
    registered: "Registered",
    details: "Details",
    size: "Size",
    format: "Format",
    channels: |n| match n {
        1 => "1 (mono)".to_owned(),
        2 => "2 (one for each side)".to_owned(),
        n => n.to_string(),
    },
    channels_label: "Channels",
    checksum: "SHA-256",
    state: |state| match state {
        RecordingState::NotRequested => "On request",
        RecordingState::Queued => "Queued",
        RecordingState::Running => "Being prepared",
        RecordingState::Ready => "Ready",
        RecordingState::Failed => "Failed",
        RecordingState::NoRecordingUrl => "Not recorded",
        RecordingState::Empty => "Nothing recorded",
        RecordingState::Stored => "Download only",
        RecordingState::Missing => "Missing",
        RecordingState::Deleted => "Deleted",
        RecordingState::Gone => "Gone at provider",
    },
    state_sentence: |state| match state {
        RecordingState::NotRequested => "This recording has not been fetched yet.",
        RecordingState::Queued => "This recording waits to be prepared. Look again in a moment.",
        RecordingState::Running => "This recording is being prepared. Look again in a moment.",
        RecordingState::Ready => "This recording can be played.",
        RecordingState::Failed => "The last try to prepare this recording failed.",
        RecordingState::NoRecordingUrl => message::NO_RECORDING_URL,
        RecordingState::Empty => "Nothing was recorded: the recording holds no sound.",
        RecordingState::Stored => {
            "This recording is kept, in a format that no browser plays. It can be downloaded."
        }
        RecordingState::Missing => {
            "The bytes of this recording are missing from the storage. It is fetched again when somebody presses Play."
        }
        RecordingState::Deleted => "This recording was deleted.",
        RecordingState::Gone => "The provider no longer has this recording.",
    },
    without_script: "Without WebAssembly this page can't ask for you; reload it to see what is new.",
    utc: "UTC",
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],

    recordings: "Recordings of this call",
    part: |part| format!("Recording {part}"),
    damaged: "Damaged",
    damaged_seconds: |seconds, of| format!("Damaged: about {seconds} of {of} seconds"),
    history: "What happened so far",
    history_empty: "Nobody has asked for this recording yet. It is fetched when somebody presses Play.",
    waits_since: "Waits for a worker, since",
    fetched_since: "A worker is fetching it, since",
    earlier_runs: |runs| match runs {
        1 => "1 earlier try".to_owned(),
        n => format!("{n} earlier tries"),
    },
    retry: "Fetch it again",
    retry_text: "Begins anew, with all attempts. When the cause is gone, this is the way out.",
    history_empty_no_url: "There is nothing to fetch: the call has no recording URL.",
    first_try: "First try",
    another_try: |attempt| format!("Made again, attempt {attempt}"),
    run_status: |status| match status {
        RecordingStatus::Queued => "Queued",
        RecordingStatus::Running => "Being fetched",
        RecordingStatus::Ready => "Ready",
        RecordingStatus::Failed => "Failed",
    },
    run_queued: "Queued",
    run_wanted: "A listener asked for it",
    run_started: "A worker took it",
    run_ready: "Ready to play",
    run_failed: "Ended without a recording",
    run_waited: |time| format!("after {time} in the queue"),
    run_took: |time| format!("after {time} of work"),
    failure: |kind| match kind {
        "stuck" => "It got stuck: no worker took it or finished it in time.",
        "transient" => "The provider did not deliver, for a reason that may pass.",
        "rejected" => {
            "What the provider delivers can't be used. Trying again by itself would not help."
        }
        "gone" => "The provider no longer has it.",
        "superseded" => "The call was changed meanwhile, so that this try was given up.",
        _ => "It failed.",
    },
    reason: "Reason",
    run_id: "Run",

    sign_in: "Sign in",
    sign_in_text: "This server asks for its access token. Whoever runs it has it.",
    token: "Access token",
    token_wrong: "That is not the token. Check it and try again.",

    problem: |code| match code {
        ErrorCode::InvalidCallSid => (
            "That is not a call id",
            "A call id has 1 to 64 letters, digits, dots, underscores or hyphens.",
        ),
        ErrorCode::CallNotFound => (
            "There is no call with this id",
            "It may have been mistyped, or never been registered here.",
        ),
        ErrorCode::NotFound => {
            ("There is no such page", "Check the address, or start from the calls.")
        }
        ErrorCode::Unauthorized => {
            ("Sign-in needed", "This page is for people who have the access token.")
        }
        ErrorCode::Forbidden => (
            "Not allowed from here",
            "Open this server by the name that it is meant to be opened by.",
        ),
        ErrorCode::DatabaseUnavailable | ErrorCode::StorageUnavailable => {
            ("A part of the server is down", "Nothing is lost. Try again in a moment.")
        }
        ErrorCode::Internal => {
            ("Something went wrong here", "It is a fault of ours. Try again in a moment.")
        }
        ErrorCode::LinkInvalid => (
            "This link is not valid",
            "Check that the whole address was copied, or ask for a new link.",
        ),
        ErrorCode::LinkExpired => {
            ("This link has expired", "Ask for a new link where you found this one.")
        }
        ErrorCode::NoSuchPart => (
            "This call has no recording of this number",
            "Open the call to see the recordings that it has.",
        ),
        ErrorCode::NoRecordingUrl
        | ErrorCode::RecordingDeleted
        | ErrorCode::RecordingGone
        | ErrorCode::NotPlayable
        | ErrorCode::EmptyRecording
        | ErrorCode::NoPeaks
        | ErrorCode::WorkerNotProcessingQueue
        | ErrorCode::RecordingFailed => {
            ("This recording can't be played", "Open the call to see what happened to it.")
        }
        ErrorCode::RequestTimeout | ErrorCode::Overloaded => {
            ("The server is busy", "Try again in a moment.")
        }
        ErrorCode::BadRequest
        | ErrorCode::MethodNotAllowed
        | ErrorCode::AlreadyReady
        | ErrorCode::PreconditionFailed
        | ErrorCode::TooLarge
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::RangeNotSatisfiable
        | ErrorCode::InvalidCall => (
            "The server does not understand this request",
            "Go back to the calls and try from there.",
        ),
    },
    back_to_calls: "Back to the calls",
    try_again: "Try again",
    error_code: "Code",
};

pub(super) static STATUS: super::StatusWords = super::StatusWords {
    status: "Status",
    state: |state| match state {
        QueueState::Idle => ("Idle", "Nothing waits, and workers are there. Nothing to do."),
        QueueState::Moving => ("Moving", "Recordings are being fetched. Nothing to do."),
        QueueState::StandsStill => (
            "Standing still",
            "A listener waits, workers live, and none takes anything. See what they hold: if it \
             moves, start more workers; if not, end one with SIGTERM and start it again.",
        ),
        QueueState::NoWorker => (
            "No worker",
            "Start one: tapedeck worker. Until then only recordings that are ready play.",
        ),
    },
    away: (
        "Database away",
        "The database does not answer. Bring it back; nothing has to be restarted after. What \
         stands below is the last that was known.",
    ),
    as_of: "As of",
    stream_lost: "Not live: the connection is lost. Trying again…",
    without_script: "This page is not live without scripts; reload it to see what is new.",

    numbers: "The queue in numbers",
    wanted: "Listeners wait for",
    unwanted: "Fetched ahead, no hurry",
    oldest: "Longest wait",
    nobody_waits: "none",
    running: "Being fetched",
    ready_lately: "Ready, last hour",
    failed_lately: "Failed, last hour",
    last_claim: "Last taken",
    last_ready: "Last ready",
    never: "not lately",
    ago: |time| format!("{time} ago"),

    runs: "Being fetched now",
    no_runs: "No worker holds anything.",
    more_runs: |runs| format!("and {runs} more"),
    since: "for",
    held_by: "by",
    fetched: |done| format!("{done} fetched"),
    fetched_of: |done, total| format!("{done} of {total}"),
    not_begun: "nothing fetched yet",

    workers: "Workers",
    live: |workers| format!("{workers} live"),
    no_live: "No worker was heard within one lease.",
    lost: |workers| format!("{workers} lost within a day"),
    holds: |runs| match runs {
        0 => "holds nothing".to_owned(),
        1 => "holds 1 run".to_owned(),
        n => format!("holds {n} runs"),
    },
    held: |runs| match runs {
        0 => "held nothing".to_owned(),
        1 => "held 1 run".to_owned(),
        n => format!("held {n} runs"),
    },
    heard: |time| format!("heard {time} ago"),
    up_for: |time| format!("up for {time}"),
    unnamed: "a worker without a name",

    failures: "Why runs failed in the last hour",
    no_failures: "None failed.",
    times: |runs| match runs {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    },
    for_example: "for example",
    last_one: |time| format!("last {time} ago"),
};

pub(super) static API: super::ApiWords = super::ApiWords {
    title: ErrorCode::title,
    detail: |detail| {
        Cow::Borrowed(match detail {
            Detail::NoCallSid => {
                "A call id is 1 to 64 of A-Z a-z 0-9 . _ - and does not start with a dot"
            }
            Detail::NoSuchAddress => "There is nothing at this address",
            Detail::NoSuchMethod => "This address does not take this method",
            Detail::TokenNeeded => {
                "Send the admin token as Authorization: Bearer, or sign in at /sign-in"
            }
            Detail::ForeignHost => {
                "Without TAPEDECK_ADMIN_TOKEN this server answers to localhost, 127.0.0.1 and \
                 [::1] alone"
            }
            Detail::ForeignOrigin => "Another site's page may change nothing here",
            Detail::Proxied => {
                "This server has no token and serves this machine alone, but the request came through a proxy; set TAPEDECK_ADMIN_TOKEN"
            }
            Detail::NoLinkKey => {
                "No key signs links; set TAPEDECK_LINK_KEYS to the output of `tapedeck links key`"
            }
            Detail::QueryUnreadable => "the query string can't be read",
            Detail::NoSuchState(states) => return format!("state is not one of {states}").into(),
            Detail::SearchTooLong(most) => {
                return format!("q is longer than {most} characters").into();
            }
            Detail::NoSuchPage => "before is not the `next` of an earlier page",
            Detail::BadLimit(most) => {
                return format!("limit is not a whole number from 1 to {most}").into();
            }
            Detail::FormUnreadable => "The form can't be read; send token and next",
            Detail::BodyNotJson => "Send the call as application/json, and say so in Content-Type",
            Detail::BodyTooLong => "The body is longer than 64 KiB",
            Detail::BodyCutOff => "The body did not arrive whole",
            Detail::HeadUnreadable => {
                "The request's line and headers can't be read; HTTP/1.1 needs exactly one Host"
            }
            Detail::HeadTooLong => "The request's line and headers are longer than 32 KiB",
            Detail::RequestTooSlow => "The request arrived too slowly; send it again",
            Detail::TooManyConnections => {
                "The server has as many connections as it takes; try again in some seconds"
            }
            Detail::BodyMalformed(why)
            | Detail::InvalidCall(why)
            | Detail::InvalidLink(why)
            | Detail::RecordingFailed(why) => return why.clone().into(),
            Detail::CallNotFound => "No call with this id is registered",
            Detail::NoRecordingUrl => message::NO_RECORDING_URL_DETAIL,
            Detail::Deleted => "The recording was deleted",
            Detail::Gone => "The recording is gone at the provider",
            Detail::DeletedForGood => {
                "The recording of this call was deleted; register it under another id"
            }
            Detail::AlreadyReady => "The recording is ready; there is nothing to retry",
            Detail::WorkerNotResponding => message::WORKER_NOT_RESPONDING,
            Detail::NoPeaks => "There is no waveform of this recording",
            Detail::EmptyRecording => "The recording was fetched, and nothing was recorded",
            Detail::NotPlayable(format) => {
                return format!(
                    "The recording is stored as {format}, which no browser plays; \
                                ?original=true downloads it"
                )
                .into();
            }
            Detail::NoSuchPart(parts) => {
                return format!("The call has no such part; it has {parts}").into();
            }
            Detail::LinkInvalid => "The link's token is not valid for this request",
            Detail::LinkExpired => "The link's token has expired",
            Detail::OtherRecording => "the recording is not the one that the request is about",
            Detail::NoSuchBytes(length) => {
                return format!("the recording has no such bytes, but {length}").into();
            }
            Detail::DatabaseAway => "The database does not answer",
            Detail::StorageAway => "The storage of recordings does not answer",
            Detail::Internal => "Something went wrong here; the log says what",
        })
    },
    being_prepared: message::being_prepared,
    waiting_for_provider: message::WAITING_FOR_PROVIDER,
};
