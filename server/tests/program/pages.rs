//! The pages: what they show and what an operator can do on them.

use reqwest::Method;
use serde_json::json;

use crate::{
    postgres_server::Database,
    program::{Program, header, json as body},
    stub::Reply,
    wav::wav,
};

const HTML: (&str, &str) = ("Accept", "text/html");
const TOKEN: &str = "0123456789abcdef";

async fn html(program: &Program, path: &str) -> String {
    program.get(path, &[HTML]).await.text().await.unwrap()
}

#[tokio::test]
async fn the_page_of_the_queue_is_the_same_reading_as_the_apis() {
    let program = Program::start(&[], &["--no-worker"]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.file("CA1", &[]).await;
    let page = html(&program, "/status").await;
    let queue = body(program.get("/api/queue", &[]).await).await;
    assert_eq!((&queue["state"], &queue["queued_wanted"]), (&"no_worker".into(), &1.into()));
    assert!(
        page.contains("data-queue=\"no_worker\"") && page.contains("tapedeck worker"),
        "{page}"
    );
    assert!(page.contains("data-events=\"/api/queue/events\" data-follows=\"time\""), "{page}");
}

#[tokio::test]
async fn while_the_database_is_away_the_page_of_the_queue_says_so() {
    let Some(database) = Database::create().await else { return };
    let url = database.url();
    let program = Program::start(&[("TAPEDECK_DATABASE_URL", &url)], &["--no-worker"]).await;
    assert_eq!(program.get("/status", &[HTML]).await.status(), 200);
    drop(database); // its server ends with it
    let page = loop {
        let page = program.get("/status", &[HTML]).await;
        if page.status() == 500 {
            break page.text().await.unwrap();
        }
    };
    assert!(page.contains("data-queue=\"away\"") && page.contains("Database away"), "{page}");
    let list = program.get("/?q=a", &[HTML]).await;
    assert_eq!(list.status(), 500);
    let again = "href=\"/?q=a\" class=\"button button--main\">Try again";
    assert!(list.text().await.unwrap().contains(again));
}

#[tokio::test]
async fn an_operator_retries_a_failed_call_from_its_page() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::status(403)).await;
    assert_eq!(program.playable("CA1").await.status(), 500);
    let page = html(&program, "/calls/CA1").await;
    assert!(page.contains("action=\"/calls/CA1/retry\""), "{page}");

    program.provider.serve("/CA1", Reply::ok(&wav(1)));
    let retried = program.post("/calls/CA1/retry").await;
    assert_eq!((retried.status().as_u16(), header(&retried, "location")), (303, "/calls/CA1"));
    assert_eq!(program.playable("CA1").await.status(), 200);
    let page = html(&program, "/calls/CA1").await;
    assert!(!page.contains("/retry\"") && page.contains("data-recording=\"ready\""), "{page}");

    let unknown = program.post("/calls/CA2/retry").await;
    assert_eq!(unknown.status(), 404);
    assert!(unknown.text().await.unwrap().contains("There is no call with this id"));
}

#[tokio::test]
async fn retry_and_queue_need_full_access() {
    let settings = [("TAPEDECK_ADMIN_TOKEN", TOKEN), ("TAPEDECK_PUBLIC_PLAYBACK", "true")];
    let program = Program::serve(&settings).await;
    assert_eq!(program.post("/calls/CA1/retry").await.status(), 401);
    let page = program.get("/status", &[HTML]).await;
    assert_eq!(
        (page.status().as_u16(), header(&page, "location")),
        (303, "/sign-in?next=%2Fstatus")
    );
    let bearer = format!("Bearer {TOKEN}");
    let page = program.get("/status", &[HTML, ("Authorization", &bearer)]).await;
    assert_eq!(page.status(), 200);

    // Whose session is over signs in, and comes back to the call.
    let pressed = program.send(Method::POST, "/calls/CA1/retry", &[HTML], None).await;
    assert_eq!(
        (pressed.status().as_u16(), header(&pressed, "location")),
        (303, "/sign-in?next=%2Fcalls%2FCA1%2Fretry")
    );
    let back = program.get("/calls/CA1/retry", &[HTML, ("Authorization", &bearer)]).await;
    assert_eq!((back.status().as_u16(), header(&back, "location")), (303, "/calls/CA1"));

    let local = Program::serve(&[]).await;
    let foreign = [("Origin", "https://evil.example")];
    let answer = local.send(Method::POST, "/calls/CA1/retry", &foreign, None).await;
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn a_link_to_older_calls_that_leads_nowhere_is_explained() {
    let program = Program::serve(&[]).await;
    let page = program.get("/?before=rubbish", &[HTML, ("Accept-Language", "he")]).await;
    assert_eq!(page.status(), 400);
    let page = page.text().await.unwrap();
    assert!(page.contains("before") && page.contains("חזרה לשיחות"), "{page}");
}

#[tokio::test]
async fn the_filter_is_kept_from_page_to_page() {
    let program = Program::serve(&[]).await;
    for number in 0..51 {
        let call = json!({ "from": format!("+1555{number:04}") });
        program.send(Method::PUT, &format!("/api/calls/CA{number}"), &[], Some(call)).await;
    }
    let page = html(&program, "/?q=1555&state=no_recording_url").await;
    assert_eq!(page.matches("<li class=\"call\"").count(), 50);
    let at = page.find("q=1555&amp;state=no_recording_url&amp;before=").expect("a link to older");
    let link = page[at..].split('"').next().unwrap().replace("&amp;", "&");
    let older = html(&program, &format!("/?{link}")).await;
    assert_eq!(older.matches("<li class=\"call\"").count(), 1);
    assert!(older.contains("href=\"/?q=1555&amp;state=no_recording_url\""), "{older}");
}

#[tokio::test]
async fn pages_are_compressed_on_request_and_recordings_never() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let gzip = ("Accept-Encoding", "gzip, br");
    let page = program.get("/calls/CA1", &[HTML, gzip]).await;
    assert_eq!(header(&page, "content-encoding"), "gzip");
    assert!(page.headers().get_all("vary").iter().any(|vary| vary == "accept-encoding"));
    assert_eq!(program.playable("CA1").await.status(), 200);
    let audio = program.file("CA1", &[gzip]).await;
    assert_eq!((audio.status().as_u16(), header(&audio, "content-encoding")), (200, ""));
}
