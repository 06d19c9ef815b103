//! The player in a frame: who may frame it, who may see it, and what it can't do.

use reqwest::Method;
use serde_json::json;

use crate::{
    program::{Program, header},
    stub::Reply,
    wav::wav,
};

const TOKEN: &str = "0123456789abcdef";

/// `frame-ancestors` of an answer.
fn ancestors(response: &reqwest::Response) -> &str {
    let policy = header(response, "content-security-policy");
    policy.split("frame-ancestors ").nth(1).unwrap_or("not said")
}

#[tokio::test]
async fn without_a_setting_only_this_sites_pages_may_frame_the_player_and_nobody_a_page() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let embed = program.get("/embed/CA1", &[]).await;
    assert_eq!((embed.status().as_u16(), ancestors(&embed)), (200, "'self'"));
    for page in ["/", "/calls/CA1", "/status", "/sign-in?next=/"] {
        let page = program.get(page, &[("Accept", "text/html")]).await;
        if page.status() == 200 {
            assert_eq!(ancestors(&page), "'none'", "{}", page.url());
        }
    }
    let nowhere = program.get("/nowhere", &[("Accept", "text/html")]).await;
    assert_eq!(ancestors(&nowhere), "'none'");
}

#[tokio::test]
async fn the_sites_that_are_named_may_frame_the_player() {
    let origins = "https://crm.example.com, https://*.example.org:8443";
    let program = Program::serve(&[("TAPEDECK_EMBED_ORIGINS", origins)]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    let embed = program.get("/embed/CA1?theme=dark&lang=he", &[]).await;
    assert_eq!(ancestors(&embed), "'self' https://crm.example.com https://*.example.org:8443");
    assert_eq!(header(&embed, "set-cookie"), "", "the language is the surrounding page's choice");
    let html = embed.text().await.unwrap();
    assert!(html.contains("lang=\"he\" dir=\"rtl\" data-theme=\"dark\""), "{html}");
    let told = "data-origins=\"https://crm.example.com https://*.example.org:8443\"";
    assert!(html.contains(told) && !html.contains("<header"), "{html}");
}

#[tokio::test]
async fn what_cannot_be_played_is_said_in_the_frame() {
    let program = Program::serve(&[]).await;
    for (path, status, error) in
        [("/embed/CA1", 404, "call_not_found"), ("/embed/.x", 400, "invalid_call_sid")]
    {
        let embed = program.get(path, &[]).await;
        assert_eq!((embed.status().as_u16(), ancestors(&embed)), (status, "'self'"), "{path}");
        let html = embed.text().await.unwrap();
        assert!(html.contains(&format!("data-problem=\"{error}\"")), "{html}");
        assert!(!html.contains("<a "), "{html}");
    }
}

#[tokio::test]
async fn public_playback_opens_the_framed_player_and_tells_no_number() {
    let bearer = format!("Bearer {TOKEN}");
    let put = async |program: &Program| {
        let call = json!({ "from": "+15550100" });
        let headers = [("Authorization", &*bearer)];
        program.send(Method::PUT, "/api/calls/CA1", &headers, Some(call)).await
    };
    let settings = [("TAPEDECK_ADMIN_TOKEN", TOKEN), ("TAPEDECK_PUBLIC_PLAYBACK", "true")];
    let program = Program::serve(&settings).await;
    put(&program).await;
    let embed = program.get("/embed/CA1", &[("Accept", "text/html")]).await;
    assert_eq!(embed.status(), 200);
    let html = embed.text().await.unwrap();
    assert!(!html.contains("+15550100") && !html.contains("/live-update.js"), "{html}");
    for file in ["/embed.js", "/tapedeck-player.js", "/times.js", "/hydrate.js"] {
        assert_ne!(program.get(file, &[]).await.status(), 401, "{file}");
    }

    let program = Program::serve(&[settings[0]]).await;
    put(&program).await;
    let shut = program.get("/embed/CA1", &[("Accept", "text/html")]).await;
    assert_eq!((shut.status().as_u16(), ancestors(&shut)), (401, "'self'"));
    assert!(shut.text().await.unwrap().contains("data-problem=\"unauthorized\""));
}
