//! The API speaks the language that is asked for, of those that we speak.

use reqwest::Method;

use crate::{
    program::{Program, header, json},
    stub::Reply,
    wav::wav,
};

const HEBREW: (&str, &str) = ("Accept-Language", "he-IL, en;q=0.5");

#[tokio::test]
async fn a_problem_is_english_unless_a_language_of_ours_is_preferred() {
    let program = Program::serve(&[]).await;
    for (accept, lang, detail) in [
        (None, "en", "No call with this id is registered"),
        (Some("fr, en;q=0.2"), "en", "No call with this id is registered"),
        (Some("he-IL, en;q=0.5"), "he", "לא רשומה שיחה עם המזהה הזה"),
    ] {
        let headers: Vec<_> =
            accept.map(|accept| ("Accept-Language", accept)).into_iter().collect();
        let answer = program.get("/api/calls/CA1", &headers).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
        assert_eq!(header(&answer, "content-language"), lang);
        assert_eq!(header(&answer, "vary"), "Accept-Language");
        let length: usize = header(&answer, "content-length").parse().unwrap();
        let body = answer.bytes().await.unwrap();
        assert_eq!(length, body.len());
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (&problem["detail"], &problem["error"]),
            (&detail.into(), &"call_not_found".into())
        );
    }
    let cookie = program.get("/api/calls/CA1", &[("Cookie", "lang=he")]).await;
    assert_eq!(header(&cookie, "content-language"), "en", "the API knows no cookie");
}

#[tokio::test]
async fn the_wait_is_told_in_the_language_that_is_asked_for() {
    let program = Program::start(&[], &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let english = program.file("CA1", &[]).await;
    assert_eq!((english.status().as_u16(), header(&english, "retry-after")), (202, "2"));
    assert_eq!(header(&english, "content-type"), "application/json");
    assert_eq!(json(english).await["message"], "Recording is being prepared");
    let hebrew = program.file("CA1", &[HEBREW]).await;
    assert_eq!(header(&hebrew, "content-language"), "he");
    assert_eq!(json(hebrew).await["message"], "ההקלטה בהכנה");

    let head = program.send(Method::HEAD, "/api/recordings/file/CA1", &[HEBREW], None).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-language")), (202, "he"));
}

#[tokio::test]
async fn which_field_and_why_stands_after_the_sentence() {
    let program = Program::serve(&[]).await;
    let headers = [("Content-Type", "application/json"), HEBREW];
    let call = r#"{"duration_seconds": -1}"#;
    let answer = program.send_text(Method::PUT, "/api/calls/CA1", &headers, call).await;
    assert_eq!(answer.status(), 422);
    let detail = json(answer).await["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("שדה"), "{detail}");
    assert!(detail.contains("duration_seconds is not a whole number"), "{detail}");
}

#[tokio::test]
async fn who_is_not_let_in_reads_it_in_their_language_too() {
    let program = Program::serve(&[("TAPEDECK_ADMIN_TOKEN", "0123456789abcdef")]).await;
    let denied = program.get("/api/calls", &[HEBREW]).await;
    assert_eq!((denied.status().as_u16(), header(&denied, "www-authenticate")), (401, "Bearer"));
    assert_eq!(json(denied).await["title"], "צריך להיכנס");
}

#[tokio::test]
async fn a_recording_has_no_language() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let audio = program.playable("CA1").await;
    assert_eq!((audio.status().as_u16(), header(&audio, "content-language")), (200, ""));
}
