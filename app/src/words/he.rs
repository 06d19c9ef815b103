//! Hebrew.

use std::borrow::Cow;

use shared::{ErrorCode, QueueState, RecordingState, RecordingStatus};

use super::{Detail, ErrorWords, KeyWords, PageWords, PlayerWords};

pub(super) static PLAYER: PlayerWords = PlayerWords {
    player: "הקלטה",
    play: "נגינה",
    pause: "השהיה",
    back: "10 שניות אחורה",
    forward: "10 שניות קדימה",
    seek: "מיקום",
    speed: "מהירות",
    volume: "עוצמה",
    mute: "השתקה",
    unmute: "ביטול השתקה",
    download: "הורדה",
    check_now: "לבדוק עכשיו",
    cancel: "ביטול",
    try_again: "לנסות שוב",
    keep_waiting: "להמשיך לחכות",
    sign_in: "כניסה",
    copy: "העתקה",
    copied: "הועתק",
    skip_silence: "דילוג על שקט",
    repeat: "לולאה מכאן",
    repeat_to: |from| format!("לולאה מ־{from} עד כאן"),
    repeated: |from, to| format!("לולאה: {from} עד {to}"),
    copy_link: "העתקת קישור לכאן",
    keys: "מקשים",
    agent: "נציג",
    customer: "לקוח",
    solo: "סולו",

    position: |at, of| format!("{at} מתוך {of}"),

    idle: "",
    checking: "מחפשים את ההקלטה…",
    preparing: "ההקלטה בהכנה",
    preparing_again: |attempt, max| format!("ההקלטה בהכנה מחדש (ניסיון {attempt} מתוך {max})"),
    trouble: "יש בעיה בחיבור, מנסים שוב…",
    loading: "בטעינה",
    ready: "מוכן",
    tap_to_play: "מוכן. לחצו על נגינה כדי להאזין.",
    playing: "מתנגן",
    paused: "מושהה",

    waited: |time| format!("זמן המתנה {time}"),
    still_waiting: |minutes| match minutes {
        1 => "דקה של המתנה".to_owned(),
        2 => "שתי דקות של המתנה".to_owned(),
        n => format!("{n} דקות של המתנה"),
    },
    next_check: |seconds| format!("הבדיקה הבאה בעוד {seconds} שנ׳"),
    checking_now: "בודקים עכשיו…",
    fetched: |done| format!("התקבלו \u{2066}{done}\u{2069}"),
    fetched_of: |done, total| format!("התקבלו \u{2066}{done}\u{2069} מתוך \u{2066}{total}\u{2069}"),
    progress: "התקבלו",
    next_in_line: "ההקלטה הבאה בתור",
    ahead: |runs| match runs {
        1 => "הקלטה אחת לפניה בתור".to_owned(),
        2 => "שתי הקלטות לפניה בתור".to_owned(),
        n => format!("{n} הקלטות לפניה בתור"),
    },
    being_fetched: "מתקבלת מהספק",
    no_worker: "אין כרגע מעבד הקלטות פעיל. ההכנה תתחיל ברגע שמעבד יחזור לפעול.",
    waiting_for_provider: "ההקלטה עדיין אינה זמינה אצל הספק",
    waiting_for_provider_advice: "אחרי שיחה הספק זקוק לכמה שניות עד כמה דקות. ההקלטה תתקבל ברגע שתהיה זמינה אצלו.",

    not_found: ErrorWords {
        headline: "ההקלטה לא נמצאה - אין כתובת הקלטה לשיחה הזאת",
        advice: "השיחה לא הוקלטה, או שההקלטה מעולם לא נמסרה. המתנה לא תשנה זאת.",
    },
    unknown_call: ErrorWords {
        headline: "אין שיחה עם המזהה הזה",
        advice: "בדקו את הכתובת, או חפשו את השיחה ברשימה.",
    },
    deleted: ErrorWords {
        headline: "ההקלטה הזאת נמחקה",
        advice: "היא הוסרה כאן או אצל הספק, ואי אפשר להשיב אותה מהדף הזה.",
    },
    worker_offline: ErrorWords {
        headline: "מעבד ההקלטות אינו מגיב. נסו שוב מאוחר יותר או פנו לתמיכה.",
        advice: "בפנייה לתמיכה, מסרו את זה:",
    },
    recording_failed: ErrorWords {
        headline: "אי אפשר להביא את ההקלטה הזאת: הניסיונות נכשלים שוב ושוב",
        advice: "כאן הכול תקין; הספק אינו מוסר את ההקלטה הזאת. ניסיון נוסף מיד בדרך כלל לא יעזור. מסרו לתמיכה:",
    },
    timed_out: |seconds| {
        format!(
            "ההקלטה עדיין בהכנה (המתנה של {seconds} שניות). הכנת הקלטה ארוכה עשויה להימשך עד 3 דקות."
        )
    },
    timed_out_advice: "שום דבר לא אבד: ההכנה נמשכת. המשיכו לחכות, או חזרו מאוחר יותר.",
    unreachable: ErrorWords {
        headline: "אין קשר עם השרת", advice: "בדקו את החיבור ונסו שוב."
    },
    unauthorized: ErrorWords {
        headline: "אינכם מחוברים", advice: "היכנסו כדי להאזין להקלטה."
    },
    server_error: ErrorWords {
        headline: "משהו בשרת אינו פועל",
        advice: "הבעיה אינה בחיבור שלכם. נסו שוב בעוד רגע; אם זה נמשך, מסרו לתמיכה:",
    },
    unplayable: ErrorWords {
        headline: "הדפדפן אינו יכול לנגן את ההקלטה הזאת",
        advice: "הקובץ קיים. הורידו אותו ופתחו בנגן אחר.",
    },
    empty_recording: ErrorWords {
        headline: "לא הוקלט דבר",
        advice: "ההקלטה התקבלה ואין בה צליל. המתנה לא תשנה זאת.",
    },
    not_playable: ErrorWords {
        headline: "ההקלטה שמורה, בפורמט שאף דפדפן אינו מנגן",
        advice: "הורידו אותה ופתחו בנגן אחר.",
    },
    no_such_part: ErrorWords {
        headline: "אין לשיחה הזאת הקלטה עם המספר הזה",
        advice: "בחרו הקלטה מהרשימה, או פתחו את השיחה בלי מספר.",
    },
    link_invalid: ErrorWords {
        headline: "הקישור אינו תקין",
        advice: "בדקו שהכתובת הועתקה במלואה, או בקשו קישור חדש.",
    },
    link_expired: ErrorWords {
        headline: "תוקף הקישור פג",
        advice: "בקשו קישור חדש במקום שבו מצאתם את הקישור הזה.",
    },

    size_units: ["B", "kB", "MB", "GB"],
};

pub(super) static KEYS: KeyWords = KeyWords {
    title: "המקשים של הנגן",
    rows: [
        "נגינה או השהיה",
        "10 שניות אחורה או קדימה",
        "5 שניות אחורה או קדימה",
        "להתחלה או לסוף",
        "לאחת מעשיריות ההקלטה",
        "חזק או חלש יותר",
        "השתקה",
        "לאט או מהר יותר",
        "המקשים האלה",
    ],
    note: "הם פועלים כשהמיקוד נמצא בנגן.",
    close: "סגירה",
};

pub(super) static PAGE: PageWords = PageWords {
    tagline: "הקלטות שיחות",
    description: "האזינו להקלטת השיחה, או דעו במבט אחד מדוע אי אפשר.",
    skip_to_content: "דילוג לתוכן",
    language: "שפה",
    sign_out: "יציאה",
    breadcrumb: "המיקום באתר",
    site: "דפים",
    span: |seconds| match seconds {
        0 => "פחות משנייה".to_owned(),
        1..60 => format!("{seconds} שנ׳"),
        60..3600 => format!("{} דק׳", seconds / 60),
        3600..86_400 => format!("{} שע׳ {} דק׳", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} ימ׳ {} שע׳", seconds / 86_400, seconds / 3600 % 24),
    },

    calls: "שיחות",
    search: "חיפוש",
    search_hint: "מספר, שם או מזהה שיחה",
    recording: "הקלטה",
    any_state: "הכול",
    find: "חיפוש",
    clear: "כל השיחות",
    older: "שיחות ישנות יותר",
    newest: "חזרה לחדשות ביותר",
    empty_title: "אין עדיין שיחות",
    empty_text: "שיחה מופיעה כאן ברגע שנרשמה, בייבוא או דרך ה־API:",
    nothing_found_title: "לא נמצאה שיחה מתאימה",
    nothing_found_text: "נסו חלק מהמספר או שם אחר, או בטלו את הסינון לפי מצב ההקלטה.",
    no_older_title: "אין שיחות ישנות יותר",
    no_older_text: "זה סוף הרשימה.",
    open_call: |call| format!("לפתוח את שיחה {call}"),
    pages_of_calls: "שיחות ישנות וחדשות יותר",

    call: "שיחה",
    started: "התחלה",
    direction: "כיוון",
    inbound: "נכנסת",
    outbound: "יוצאת",
    from: "מאת",
    to: "אל",
    length: "אורך",
    unknown: "לא ידוע",
    call_id: "מזהה שיחה",
    registered: "נרשמה",
    details: "פרטים",
    size: "גודל",
    format: "פורמט",
    channels: |n| match n {
        1 => "1 (מונו)".to_owned(),
        2 => "2 (אחד לכל צד)".to_owned(),
        n => n.to_string(),
    },
    channels_label: "ערוצים",
    checksum: "SHA-256",
    state: |state| match state {
        RecordingState::NotRequested => "לפי בקשה",
        RecordingState::Queued => "בתור",
        RecordingState::Running => "בהכנה",
        RecordingState::Ready => "מוכנה",
        RecordingState::Failed => "נכשלה",
        RecordingState::NoRecordingUrl => "לא הוקלטה",
        RecordingState::Empty => "ריקה",
        RecordingState::Stored => "להורדה בלבד",
        RecordingState::Missing => "חסרה",
        RecordingState::Deleted => "נמחקה",
        RecordingState::Gone => "איננה אצל הספק",
    },
    state_sentence: |state| match state {
        RecordingState::NotRequested => "ההקלטה הזאת עוד לא הובאה.",
        RecordingState::Queued => "ההקלטה מחכה להכנה. בדקו שוב בעוד רגע.",
        RecordingState::Running => "ההקלטה בהכנה. בדקו שוב בעוד רגע.",
        RecordingState::Ready => "אפשר להאזין להקלטה.",
        RecordingState::Failed => "הניסיון האחרון להכין את ההקלטה נכשל.",
        RecordingState::NoRecordingUrl => "ההקלטה לא נמצאה - אין כתובת הקלטה לשיחה הזאת",
        RecordingState::Empty => "לא הוקלט דבר: אין צליל בהקלטה.",
        RecordingState::Stored => "ההקלטה שמורה, בפורמט שאף דפדפן אינו מנגן. אפשר להוריד אותה.",
        RecordingState::Missing => "קובץ ההקלטה חסר באחסון. ההקלטה תתקבל שוב בלחיצה על נגינה.",
        RecordingState::Deleted => "ההקלטה הזאת נמחקה.",
        RecordingState::Gone => "ההקלטה כבר איננה אצל הספק.",
    },
    without_script: "בלי WebAssembly הדף אינו יכול לבדוק בעצמו; טענו אותו מחדש כדי לראות מה השתנה.",
    utc: "UTC",
    months: [
        "בינו׳",
        "בפבר׳",
        "במרץ",
        "באפר׳",
        "במאי",
        "ביוני",
        "ביולי",
        "באוג׳",
        "בספט׳",
        "באוק׳",
        "בנוב׳",
        "בדצמ׳",
    ],

    recordings: "ההקלטות של השיחה",
    part: |part| format!("הקלטה {part}"),
    damaged: "פגומה",
    damaged_seconds: |seconds, of| format!("פגומה: כ־{seconds} מתוך {of} שניות"),
    history: "מה קרה עד כה",
    history_empty: "איש עוד לא ביקש את ההקלטה הזאת. היא מובאת כשלוחצים על נגינה.",
    waits_since: "מחכה למעבד, מאז",
    fetched_since: "מעבד מביא אותה, מאז",
    earlier_runs: |runs| match runs {
        1 => "ניסיון קודם אחד".to_owned(),
        2 => "שני ניסיונות קודמים".to_owned(),
        n => format!("{n} ניסיונות קודמים"),
    },
    retry: "להביא שוב",
    retry_text: "מתחילים מחדש, עם כל הניסיונות. כשהסיבה לכישלון חלפה, זו הדרך להמשיך.",
    history_empty_no_url: "אין מה להביא: לשיחה אין כתובת הקלטה.",
    first_try: "ניסיון ראשון",
    another_try: |attempt| format!("הכנה מחדש, ניסיון {attempt}"),
    run_status: |status| match status {
        RecordingStatus::Queued => "בתור",
        RecordingStatus::Running => "מובאת",
        RecordingStatus::Ready => "מוכנה",
        RecordingStatus::Failed => "נכשלה",
    },
    run_queued: "נכנסה לתור",
    run_wanted: "מאזין ביקש אותה",
    run_started: "מעבד לקח אותה",
    run_ready: "מוכנה לנגינה",
    run_failed: "הסתיים בלי הקלטה",
    run_waited: |time| format!("אחרי {time} בתור"),
    run_took: |time| format!("אחרי {time} של עבודה"),
    failure: |kind| match kind {
        "stuck" => "נתקע: אף מעבד לא לקח אותו, או שמי שלקח לא סיים בזמן.",
        "transient" => "הספק לא מסר את ההקלטה, מסיבה שעשויה לחלוף.",
        "rejected" => "אי אפשר להשתמש במה שהספק מוסר. ניסיון נוסף לא יעזור.",
        "gone" => "ההקלטה כבר איננה אצל הספק.",
        "superseded" => "השיחה שונתה בינתיים, ולכן הניסיון הזה הופסק.",
        _ => "נכשל.",
    },
    reason: "סיבה",
    run_id: "מזהה",

    sign_in: "כניסה",
    sign_in_text: "השרת הזה מבקש אסימון גישה. מי שמפעיל אותו מחזיק באסימון.",
    token: "אסימון גישה",
    token_wrong: "האסימון שגוי. בדקו ונסו שוב.",

    problem: |code| match code {
        ErrorCode::InvalidCallSid => (
            "זה אינו מזהה שיחה",
            "במזהה שיחה יש 1 עד 64 אותיות לטיניות, ספרות, נקודות, קווים תחתונים או מקפים.",
        ),
        ErrorCode::CallNotFound => {
            ("אין שיחה עם המזהה הזה", "אולי נפלה טעות בהקלדה, או שהשיחה לא נרשמה כאן.")
        }
        ErrorCode::NotFound => ("אין דף כזה", "בדקו את הכתובת, או התחילו מהשיחות."),
        ErrorCode::Unauthorized => ("צריך להיכנס", "הדף הזה מיועד למי שמחזיק באסימון הגישה."),
        ErrorCode::Forbidden => ("אין גישה מכאן", "פתחו את השרת בשם שנקבע לו."),
        ErrorCode::DatabaseUnavailable | ErrorCode::StorageUnavailable => {
            ("חלק מהשרת אינו פועל", "שום דבר לא אבד. נסו שוב בעוד רגע.")
        }
        ErrorCode::Internal => ("משהו השתבש כאן", "התקלה אצלנו. נסו שוב בעוד רגע."),
        ErrorCode::LinkInvalid => {
            ("הקישור אינו תקין", "בדקו שהכתובת הועתקה במלואה, או בקשו קישור חדש.")
        }
        ErrorCode::LinkExpired => {
            ("תוקף הקישור פג", "בקשו קישור חדש במקום שבו מצאתם את הקישור הזה.")
        }
        ErrorCode::NoSuchPart => {
            ("אין לשיחה הזאת הקלטה עם המספר הזה", "פתחו את השיחה כדי לראות אילו הקלטות יש בה.")
        }
        ErrorCode::NoRecordingUrl
        | ErrorCode::RecordingDeleted
        | ErrorCode::RecordingGone
        | ErrorCode::NotPlayable
        | ErrorCode::EmptyRecording
        | ErrorCode::NoPeaks
        | ErrorCode::WorkerNotProcessingQueue
        | ErrorCode::RecordingFailed => {
            ("אי אפשר לנגן את ההקלטה הזאת", "פתחו את השיחה כדי לראות מה קרה לה.")
        }
        ErrorCode::RequestTimeout | ErrorCode::Overloaded => ("השרת עמוס", "נסו שוב בעוד רגע."),
        ErrorCode::BadRequest
        | ErrorCode::MethodNotAllowed
        | ErrorCode::AlreadyReady
        | ErrorCode::PreconditionFailed
        | ErrorCode::TooLarge
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::RangeNotSatisfiable
        | ErrorCode::InvalidCall => ("השרת אינו מבין את הבקשה", "חזרו לשיחות ונסו משם."),
    },
    back_to_calls: "חזרה לשיחות",
    try_again: "לנסות שוב",
    error_code: "קוד",
};

pub(super) static STATUS: super::StatusWords = super::StatusWords {
    status: "מצב",
    state: |state| match state {
        QueueState::Idle => ("פנוי", "שום דבר לא מחכה, ויש מעבדים. אין מה לעשות."),
        QueueState::Moving => ("בתנועה", "הקלטות מובאות. אין מה לעשות."),
        QueueState::StandsStill => (
            "עומד במקום",
            "מאזין מחכה, יש מעבדים, ואף אחד מהם לא לוקח דבר. בדקו מה הם מחזיקים: אם זה מתקדם, \
             הפעילו מעבדים נוספים; אם לא, עצרו אחד מהם ב־SIGTERM והפעילו אותו שוב.",
        ),
        QueueState::NoWorker => {
            ("אין מעבד", "הפעילו אחד: tapedeck worker. עד אז מתנגנות רק הקלטות שכבר מוכנות.")
        }
    },
    away: (
        "מסד הנתונים אינו זמין",
        "מסד הנתונים אינו עונה. החזירו אותו לפעולה; אחר כך אין צורך להפעיל דבר מחדש. הנתונים \
         שלמטה הם האחרונים הידועים.",
    ),
    as_of: "עודכן",
    stream_lost: "לא בזמן אמת: החיבור אבד. מנסים שוב…",
    without_script: "בלי סקריפטים הדף אינו מתעדכן; טענו אותו מחדש כדי לראות מה השתנה.",

    numbers: "התור במספרים",
    wanted: "הקלטות שמאזינים מחכים להן",
    unwanted: "להבאה מראש, בלי דחיפות",
    oldest: "ההמתנה הארוכה ביותר",
    nobody_waits: "אין",
    running: "מובאות עכשיו",
    ready_lately: "הושלמו בשעה האחרונה",
    failed_lately: "נכשלו בשעה האחרונה",
    last_claim: "לקיחה אחרונה",
    last_ready: "השלמה אחרונה",
    never: "לא לאחרונה",
    ago: |time| format!("לפני {time}"),

    runs: "מובאות עכשיו",
    no_runs: "אף מעבד אינו מחזיק דבר.",
    more_runs: |runs| format!("ועוד {runs}"),
    since: "כבר",
    held_by: "אצל",
    // Isolated from left to right: else a size would read "kB 40".
    fetched: |done| format!("התקבלו \u{2066}{done}\u{2069}"),
    fetched_of: |done, total| format!("\u{2066}{done}\u{2069} מתוך \u{2066}{total}\u{2069}"),
    not_begun: "עוד לא התקבל דבר",

    workers: "מעבדים",
    live: |workers| match workers {
        1 => "אחד פעיל".to_owned(),
        2 => "שניים פעילים".to_owned(),
        n => format!("{n} פעילים"),
    },
    no_live: "אף מעבד לא נשמע בפרק הזמן המותר.",
    lost: |workers| match workers {
        1 => "אחד אבד ביממה האחרונה".to_owned(),
        2 => "שניים אבדו ביממה האחרונה".to_owned(),
        n => format!("{n} אבדו ביממה האחרונה"),
    },
    holds: |runs| match runs {
        0 => "אינו מחזיק דבר".to_owned(),
        1 => "מחזיק הקלטה אחת".to_owned(),
        2 => "מחזיק שתי הקלטות".to_owned(),
        n => format!("מחזיק {n} הקלטות"),
    },
    held: |runs| match runs {
        0 => "לא החזיק דבר".to_owned(),
        1 => "החזיק הקלטה אחת".to_owned(),
        2 => "החזיק שתי הקלטות".to_owned(),
        n => format!("החזיק {n} הקלטות"),
    },
    heard: |time| format!("נשמע לפני {time}"),
    up_for: |time| format!("פועל כבר {time}"),
    unnamed: "מעבד בלי שם",

    failures: "סיבות הכישלון בשעה האחרונה",
    no_failures: "לא היו כישלונות.",
    times: |runs| match runs {
        1 => "פעם אחת".to_owned(),
        2 => "פעמיים".to_owned(),
        n => format!("{n} פעמים"),
    },
    for_example: "לדוגמה",
    last_one: |time| format!("האחרון לפני {time}"),
};

pub(super) static API: super::ApiWords = super::ApiWords {
    title: |code| match code {
        ErrorCode::InvalidCallSid => "מזהה שיחה לא תקין",
        ErrorCode::BadRequest => "בקשה שגויה",
        ErrorCode::RequestTimeout => "הבקשה לא הגיעה בזמן",
        ErrorCode::Overloaded => "השרת עמוס",
        ErrorCode::Unauthorized => "צריך להיכנס",
        ErrorCode::Forbidden => "הגישה אסורה",
        ErrorCode::NotFound => "לא נמצא",
        ErrorCode::CallNotFound => "אין שיחה כזאת",
        ErrorCode::NoRecordingUrl => "אין הקלטה",
        ErrorCode::RecordingDeleted => "ההקלטה נמחקה",
        ErrorCode::RecordingGone => "ההקלטה איננה אצל הספק",
        ErrorCode::NoSuchPart => "אין חלק כזה",
        ErrorCode::NotPlayable => "אין אפשרות לנגן",
        ErrorCode::EmptyRecording => "לא הוקלט דבר",
        ErrorCode::LinkInvalid => "קישור לא תקין",
        ErrorCode::LinkExpired => "תוקף הקישור פג",
        ErrorCode::NoPeaks => "אין צורת גל",
        ErrorCode::MethodNotAllowed => "פעולה שאינה אפשרית",
        ErrorCode::AlreadyReady => "כבר מוכנה",
        ErrorCode::PreconditionFailed => "התנאי אינו מתקיים",
        ErrorCode::TooLarge => "גדול מדי",
        ErrorCode::UnsupportedMediaType => "סוג תוכן שאינו נתמך",
        ErrorCode::RangeNotSatisfiable => "אין טווח כזה",
        ErrorCode::InvalidCall => "פרטי שיחה שגויים",
        ErrorCode::WorkerNotProcessingQueue => "מעבד ההקלטות אינו מגיב",
        ErrorCode::RecordingFailed => "ההקלטה נכשלה",
        ErrorCode::DatabaseUnavailable => "מסד הנתונים אינו זמין",
        ErrorCode::StorageUnavailable => "האחסון אינו זמין",
        ErrorCode::Internal => "תקלה פנימית",
    },
    detail: |detail| {
        Cow::Borrowed(match detail {
            Detail::NoCallSid => {
                "מזהה שיחה הוא 1 עד 64 תווים מתוך A-Z a-z 0-9 . _ - ואינו מתחיל בנקודה"
            }
            Detail::NoSuchAddress => "אין דבר בכתובת הזאת",
            Detail::NoSuchMethod => "הכתובת הזאת אינה מקבלת את הפעולה הזאת",
            Detail::TokenNeeded => {
                "שלחו את אסימון הגישה בכותרת Authorization: Bearer, או היכנסו בכתובת /sign-in"
            }
            Detail::ForeignHost => {
                "בלי TAPEDECK_ADMIN_TOKEN השרת עונה רק ל־localhost,‏ 127.0.0.1 ו־[::1]"
            }
            Detail::ForeignOrigin => "דף של אתר אחר אינו רשאי לשנות כאן דבר",
            Detail::Proxied => {
                "לשרת אין אסימון והוא משרת את המחשב הזה בלבד, אבל הבקשה עברה דרך פרוקסי; יש להגדיר TAPEDECK_ADMIN_TOKEN"
            }
            Detail::NoLinkKey => {
                "אין מפתח שחותם על קישורים; יש להגדיר ב־TAPEDECK_LINK_KEYS את הפלט של `tapedeck links key`"
            }
            Detail::InvalidLink(why) => return format!("הבקשה לקישור שגויה: {why}").into(),
            Detail::QueryUnreadable => "אי אפשר לקרוא את השאילתה שבכתובת",
            Detail::NoSuchState(states) => {
                return format!("הערך של state אינו אחד מאלה: {states}").into();
            }
            Detail::SearchTooLong(most) => {
                return format!("החיפוש (q) ארוך מ־{most} תווים").into();
            }
            Detail::NoSuchPage => "הערך של before אינו ה־next של דף קודם",
            Detail::BadLimit(most) => {
                return format!("הערך של limit אינו מספר שלם מ־1 עד {most}").into();
            }
            Detail::FormUnreadable => "אי אפשר לקרוא את הטופס; שלחו token ו־next",
            Detail::BodyNotJson => "שלחו את השיחה בתור application/json, וציינו זאת ב־Content-Type",
            Detail::BodyTooLong => "גוף הבקשה ארוך מ־64 KiB",
            Detail::BodyCutOff => "גוף הבקשה לא הגיע בשלמותו",
            Detail::HeadUnreadable => {
                "אי אפשר לקרוא את שורת הבקשה ואת הכותרות; HTTP/1.1 דורש Host אחד בדיוק"
            }
            Detail::HeadTooLong => "שורת הבקשה והכותרות ארוכות מ־32 KiB",
            Detail::RequestTooSlow => "הבקשה הגיעה לאט מדי; שלחו אותה שוב",
            Detail::TooManyConnections => {
                "לשרת יש כבר כל החיבורים שהוא מקבל; נסו שוב בעוד כמה שניות"
            }
            Detail::BodyMalformed(why) => {
                return format!("גוף הבקשה אינו אובייקט JSON תקין: {why}").into();
            }
            Detail::InvalidCall(why) => {
                return format!("שדה אחד של השיחה אינו תקין: {why}").into();
            }
            Detail::CallNotFound => "לא רשומה שיחה עם המזהה הזה",
            Detail::NoRecordingUrl => "אין כתובת הקלטה לשיחה הזאת",
            Detail::Deleted => "ההקלטה נמחקה",
            Detail::Gone => "ההקלטה כבר איננה אצל הספק",
            Detail::DeletedForGood => "ההקלטה של השיחה הזאת נמחקה; רשמו אותה במזהה אחר",
            Detail::AlreadyReady => "ההקלטה מוכנה; אין מה לנסות שוב",
            Detail::WorkerNotResponding => {
                "מעבד ההקלטות אינו מגיב. נסו שוב מאוחר יותר או פנו לתמיכה."
            }
            Detail::RecordingFailed(why) => {
                return format!("אי אפשר להביא את ההקלטה: {why}").into();
            }
            Detail::NoPeaks => "אין צורת גל להקלטה הזאת",
            Detail::EmptyRecording => "ההקלטה התקבלה, ולא הוקלט בה דבר",
            Detail::NotPlayable(format) => {
                return format!(
                    "ההקלטה שמורה בפורמט שאף דפדפן אינו מנגן; להורדה: ?original=true ({format})"
                )
                .into();
            }
            Detail::NoSuchPart(parts) => {
                return format!("אין לשיחה חלק כזה; מספר החלקים: {parts}").into();
            }
            Detail::LinkInvalid => "האסימון שבקישור אינו תקף לבקשה הזאת",
            Detail::LinkExpired => "תוקף האסימון שבקישור פג",
            Detail::OtherRecording => "ההקלטה אינה זו שהבקשה מתכוונת אליה",
            Detail::NoSuchBytes(length) => {
                return format!("אין בהקלטה בתים כאלה; אורכה {length} בתים").into();
            }
            Detail::DatabaseAway => "מסד הנתונים אינו עונה",
            Detail::StorageAway => "אחסון ההקלטות אינו עונה",
            Detail::Internal => "משהו השתבש כאן; היומן אומר מה",
        })
    },
    waiting_for_provider: "ההקלטה עדיין אינה זמינה אצל הספק",
    being_prepared: |attempt, most| match attempt {
        0 => "ההקלטה בהכנה".to_owned(),
        attempt => format!("ההקלטה בהכנה מחדש (ניסיון {attempt} מתוך {most})"),
    },
};
