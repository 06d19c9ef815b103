//! Signed links, on the real program: what they open, how they end, and the programs of docs/embedding.md.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use reqwest::Method;
use serde_json::json as object;

use crate::{
    program::{Program, header, json},
    skip,
    stub::Reply,
    wav::wav,
};

const TOKEN: &str = "0123456789abcdef";
const BEARER: (&str, &str) = ("Authorization", "Bearer 0123456789abcdef");
/// 32 bytes of `k`.
const KEY: &str = "2026:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=";

async fn program() -> Program {
    let settings = [("TAPEDECK_ADMIN_TOKEN", TOKEN), ("TAPEDECK_LINK_KEYS", KEY)];
    let program = Program::serve(&settings).await;
    let url = program.provider.serve("/CA1", Reply::ok(&wav(1)));
    for (call, body) in [
        ("CA1", object!({ "recording_url": url, "from": "+15550100" })),
        ("CA2", object!({ "recording_url": url })),
    ] {
        let path = format!("/api/calls/{call}");
        let put = program.send(Method::PUT, &path, &[BEARER], Some(body)).await;
        assert_eq!(put.status(), 201);
    }
    program
}

async fn link(program: &Program, body: serde_json::Value) -> String {
    let created = program.send(Method::POST, "/api/calls/CA1/links", &[BEARER], Some(body)).await;
    assert_eq!(created.status(), 201);
    json(created).await["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_opens_one_call_and_nothing_else() {
    let program = program().await;
    let token = link(&program, object!({ "by": "dana@example.com" })).await;
    let get = async |path: &str| program.get(&format!("{path}?token={token}"), &[]).await;
    let wait = [("Prefer", "wait=30")];
    let file = format!("/api/recordings/file/CA1?token={token}");
    assert_eq!(program.get(&file, &wait).await.status(), 200);
    assert_eq!(get("/api/recordings/peaks/CA1").await.status(), 200);
    assert_eq!(get("/embed/CA1").await.status(), 200);
    let page = get("/calls/CA1").await;
    assert_eq!(page.status(), 200);
    assert!(!page.text().await.unwrap().contains("15550100"), "a link shows no numbers");
    let bearer = format!("Bearer {token}");
    let by_header = program.get("/api/recordings/file/CA1", &[("Authorization", &*bearer)]).await;
    assert_eq!(by_header.status(), 200);

    for other in ["/api/recordings/file/CA2", "/embed/CA2"] {
        let denied = get(other).await;
        assert_eq!(denied.status(), 403, "{other}");
    }
    assert_eq!(json(get("/api/recordings/file/CA2").await).await["error"], "link_invalid");
    for shut in ["/api/calls", "/api/calls/CA1", "/api/queue"] {
        assert_eq!(get(shut).await.status(), 401, "{shut}");
    }
    let download = program.get(&format!("{file}&download=1"), &[]).await;
    assert_eq!(download.status(), 403, "the link is for listening alone");
    let part = program.get(&format!("{file}&part=2"), &[]).await;
    assert_ne!(part.status(), 403, "the link names no part, so it opens all");
    let deleted = program.send(Method::DELETE, &file, &[], None).await;
    assert_eq!(deleted.status(), 403);
}

#[tokio::test]
async fn the_page_of_a_link_carries_a_grant_that_plays_one_part_and_is_no_link() {
    let program = program().await;
    let token = link(&program, object!({})).await;
    let ready = format!("/api/recordings/file/CA1?token={token}");
    assert_eq!(program.get(&ready, &[("Prefer", "wait=30")]).await.status(), 200);
    let page = program.get(&format!("/embed/CA1?token={token}"), &[]).await.text().await.unwrap();
    let (_, grant) = page.split_once("grant=").unwrap();
    let grant = grant.split(['"', '&', '\\']).next().unwrap();
    let get = async |path: &str| program.get(&format!("{path}?grant={grant}"), &[]).await.status();
    assert_eq!(get("/api/recordings/file/CA1").await, 200);
    assert_eq!(get("/api/recordings/peaks/CA1").await, 200);
    assert_eq!(get("/embed/CA1").await, 401);
    assert_eq!(get("/api/recordings/file/CA2").await, 403);
    let as_link = program.get(&format!("/api/recordings/file/CA1?token={grant}"), &[]).await;
    assert_eq!(as_link.status(), 403);
}

#[tokio::test]
async fn a_link_for_downloads_and_one_part_opens_just_that() {
    let program = program().await;
    let token = link(&program, object!({ "scope": "download", "part": 1 })).await;
    let file = format!("/api/recordings/file/CA1?token={token}");
    let save = program.get(&format!("{file}&download=1"), &[("Prefer", "wait=30")]).await;
    assert_eq!(save.status(), 200);
    assert!(header(&save, "content-disposition").starts_with("attachment"));
    assert_eq!(program.get(&file, &[]).await.status(), 403, "not for listening");
    assert_eq!(program.get(&format!("{file}&download=1&part=2"), &[]).await.status(), 403);
}

#[tokio::test]
async fn the_sites_that_may_frame_a_linked_player_are_the_links() {
    let program = program().await;
    let token = link(&program, object!({ "origin": "https://crm.example.com" })).await;
    let page = program.get(&format!("/embed/CA1?token={token}"), &[]).await;
    let policy = header(&page, "content-security-policy").to_owned();
    assert!(policy.ends_with("frame-ancestors https://crm.example.com"), "{policy}");
}

#[tokio::test]
async fn a_bad_request_for_a_link_says_what_would_do() {
    let program = program().await;
    for (body, says) in [
        (object!({ "scope": "admin" }), "scope is listen"),
        (object!({ "expires_in": 9_000_000 }), "expires_in is a number of seconds"),
    ] {
        let post = program.send(Method::POST, "/api/calls/CA1/links", &[BEARER], Some(body)).await;
        assert_eq!(post.status(), 422);
        assert!(json(post).await["detail"].as_str().unwrap().contains(says));
    }
    let unknown = program.send(Method::POST, "/api/calls/CA9/links", &[BEARER], None).await;
    assert_eq!(unknown.status(), 404);
    let stranger = program.send(Method::POST, "/api/calls/CA1/links", &[], None).await;
    assert_eq!(stranger.status(), 401);
}

/// The code blocks of docs/embedding.md in this language.
fn documented(language: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/embedding.md");
    let text = std::fs::read_to_string(docs).unwrap();
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.exists())
}

#[tokio::test]
async fn the_programs_of_the_documentation_make_links_that_play() {
    let tapedeck = program().await;
    for (language, name, arguments) in [
        ("python", "python3", &["link.python"][..]),
        ("javascript", "node", &["link.javascript"]),
        ("php", "php", &["link.php"]),
        ("go", "go", &["run", "link.go"]),
    ] {
        let Some(interpreter) = on_path(name) else {
            skip::report(name);
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(format!("link.{language}")), documented(language))
            .unwrap();
        let output = Command::new(interpreter)
            .args(arguments)
            .current_dir(folder.path())
            .env("TAPEDECK_LINK_KEY", KEY)
            .env("TAPEDECK_PUBLIC_URL", &tapedeck.url)
            .env("GOCACHE", folder.path().join("cache"))
            .env("GO111MODULE", "off")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{language}: {errors}");
        let url = String::from_utf8(output.stdout).unwrap();
        let address = url.trim().strip_prefix(&tapedeck.url).unwrap();
        assert_eq!(tapedeck.get(address, &[]).await.status(), 200, "{language}: {url}");
        let file = address.replace("/embed/", "/api/recordings/file/");
        let file = tapedeck.get(&file, &[("Prefer", "wait=30")]).await;
        assert_eq!(file.status(), 200, "{language}");
    }
}

#[tokio::test]
async fn without_a_token_a_request_through_a_proxy_is_refused() {
    let program = Program::serve(&[]).await;
    for name in ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"] {
        let answer = program.get("/api/calls", &[(name, "1.1 proxy")]).await;
        assert_eq!(answer.status(), 403, "{name}");
        assert!(json(answer).await["detail"].as_str().unwrap().contains("TAPEDECK_ADMIN_TOKEN"));
    }
}

#[tokio::test]
async fn the_public_address_decides_whose_page_may_change_something() {
    let public = ("TAPEDECK_PUBLIC_URL", "https://calls.example.com");
    let program = Program::serve(&[("TAPEDECK_ADMIN_TOKEN", TOKEN), public]).await;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let body = format!("token={TOKEN}&next=%2F");
    for (headers, status) in [
        (&[("Origin", "https://calls.example.com")][..], 303),
        (&[("Origin", "https://evil.example")], 403),
        (&[("Origin", "null")], 403),
        (&[("Sec-Fetch-Site", "same-origin")], 303),
        (&[("Sec-Fetch-Site", "cross-site")], 403),
        (&[], 303),
    ] {
        let headers = [&[form], headers].concat();
        let answer = program.send_text(Method::POST, "/sign-in", &headers, &body).await;
        assert_eq!(answer.status().as_u16(), status, "{headers:?}");
        if status == 303 {
            assert!(header(&answer, "set-cookie").contains("Secure"));
        }
    }
}
