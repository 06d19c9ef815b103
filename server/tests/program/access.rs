//! Who may do what.

use reqwest::Method;

use crate::program::{Program, header, json};

const TOKEN: &str = "0123456789abcdef";

#[tokio::test]
async fn with_a_token_the_api_needs_it_and_pages_redirect_to_the_sign_in() {
    let program = Program::serve(&[("TAPEDECK_ADMIN_TOKEN", TOKEN)]).await;
    let denied = program.get("/api/calls", &[]).await;
    assert_eq!((denied.status().as_u16(), header(&denied, "www-authenticate")), (401, "Bearer"));
    assert_eq!(json(denied).await["error"], "unauthorized");
    let bearer = format!("Bearer {TOKEN}");
    let allowed = program.get("/api/calls", &[("Authorization", &bearer)]).await;
    assert_eq!(allowed.status(), 200);
    assert_eq!(program.get("/healthz", &[]).await.status(), 200);

    let page = program.get("/calls/CA1?lang=he", &[("Accept", "text/html")]).await;
    assert_eq!(page.status(), 303);
    assert_eq!(header(&page, "location"), "/sign-in?next=%2Fcalls%2FCA1%3Flang%3Dhe");
}

#[tokio::test]
async fn a_browser_signs_in_once_and_out_again() {
    let program = Program::serve(&[("TAPEDECK_ADMIN_TOKEN", TOKEN)]).await;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let sign_in = async |token: &str| {
        let body = format!("token={token}&next=%2Fcalls%2FCA1");
        program.send_text(Method::POST, "/sign-in", &[form], &body).await
    };
    let wrong = sign_in("wrong").await;
    assert_eq!((wrong.status().as_u16(), header(&wrong, "set-cookie")), (401, ""));
    let right = sign_in(TOKEN).await;
    assert_eq!((right.status().as_u16(), header(&right, "location")), (303, "/calls/CA1"));
    let cookie = header(&right, "set-cookie").split(';').next().unwrap().to_owned();
    assert!(!cookie.contains(TOKEN));
    let page = program.get("/", &[("Accept", "text/html"), ("Cookie", &cookie)]).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("action=\"/sign-out\""));

    let forged = [("Cookie", &*cookie), ("Origin", "https://evil.example")];
    let put =
        program.send(Method::PUT, "/api/calls/CA1", &forged, Some("{}".parse().unwrap())).await;
    assert_eq!((put.status().as_u16(), &json(put).await["error"]), (403, &"forbidden".into()));
    let out = program.send(Method::POST, "/sign-out", &[("Cookie", &cookie)], None).await;
    assert!(header(&out, "set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn public_playback_shows_a_calls_bare_state() {
    let settings = [("TAPEDECK_ADMIN_TOKEN", TOKEN), ("TAPEDECK_PUBLIC_PLAYBACK", "true")];
    let program = Program::serve(&settings).await;
    let bearer = format!("Bearer {TOKEN}");
    let call = serde_json::json!({ "from": "+15550100" });
    let headers = [("Authorization", &*bearer)];
    program.send(Method::PUT, "/api/calls/CA1", &headers, Some(call)).await;
    let bare = json(program.get("/api/calls/CA1", &[]).await).await;
    assert_eq!(bare["recording"]["state"], "no_recording_url");
    assert_eq!((&bare["from"], bare.get("runs")), (&serde_json::Value::Null, None));
    assert_eq!(program.file("CA1", &[]).await.status(), 404);
    assert_eq!(program.get("/api/calls", &[]).await.status(), 401);
}

#[tokio::test]
async fn without_a_token_a_foreign_host_is_refused() {
    let program = Program::serve(&[]).await;
    let answer = program.get("/api/calls", &[("Host", "evil.example")]).await;
    assert_eq!(
        (answer.status().as_u16(), &json(answer).await["error"]),
        (403, &"forbidden".into())
    );
}
