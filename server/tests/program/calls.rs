//! Calls: registered, listed, searched, retried, prefetched; and the queue.

use reqwest::Method;
use serde_json::json;

use crate::{
    program::{Program, header, json as body},
    stub::Reply,
    wav::wav,
};

#[tokio::test]
async fn a_call_is_registered_replaced_and_read_without_its_url() {
    let program = Program::serve(&[]).await;
    let call = json!({ "recording_url": "https://example.com/secret", "direction": "inbound",
        "from": "+15550100", "to": "+15550101", "started_at": "2026-03-01T12:30:00Z",
        "duration_seconds": 42 });
    let put = async |call: &serde_json::Value| {
        program.send(Method::PUT, "/api/calls/CA1", &[], Some(call.clone())).await
    };
    let created = put(&call).await;
    assert_eq!((created.status().as_u16(), header(&created, "location")), (201, "/api/calls/CA1"));
    assert_eq!(put(&call).await.status(), 200);
    let read = program.read("CA1").await;
    assert_eq!((&read["from"], &read["has_recording_url"]), (&json!("+15550100"), &json!(true)));
    assert_eq!((&read["recording"]["state"], &read["runs"]), (&json!("not_requested"), &json!([])));
    assert!(!read.to_string().contains("secret"));

    put(&json!({})).await;
    let read = program.read("CA1").await;
    assert_eq!(
        (&read["from"], &read["recording"]["state"]),
        (&json!(null), &json!("no_recording_url"))
    );
    assert_eq!(program.get("/api/calls/CA2", &[]).await.status(), 404);
}

#[tokio::test]
async fn a_bad_registration_says_which_field_and_why() {
    let program = Program::serve(&[]).await;
    let json_type = ("Content-Type", "application/json");
    for (text, headers, status, error) in [
        (r#"{"duration_seconds": -1}"#, [json_type], 422, "invalid_call"),
        (r#"{"recording_url": "https://user:pw@example.com/"}"#, [json_type], 422, "invalid_call"),
        ("{", [json_type], 400, "bad_request"),
        ("{}", [("Content-Type", "text/plain")], 415, "unsupported_media_type"),
    ] {
        let answer = program.send_text(Method::PUT, "/api/calls/CA1", &headers, text).await;
        assert_eq!(answer.status(), status, "{text}");
        assert_eq!(body(answer).await["error"], error, "{text}");
    }
    let long = format!(r#"{{"from": "{}"}}"#, "x".repeat(70_000));
    let answer = program.send_text(Method::PUT, "/api/calls/CA1", &[json_type], &long).await;
    assert_eq!(
        (answer.status().as_u16(), &body(answer).await["error"]),
        (413, &json!("too_large"))
    );
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_read_page_by_page() {
    let program = Program::serve(&[]).await;
    for number in 0..5 {
        let started_at = format!("2026-03-0{}T00:00:00Z", number + 1);
        let call = json!({ "from": format!("+1555010{number}"), "started_at": started_at });
        program.send(Method::PUT, &format!("/api/calls/CA{number}"), &[], Some(call)).await;
    }
    let ids = |list: &serde_json::Value| -> Vec<String> {
        let calls = list["calls"].as_array().unwrap().iter();
        calls.map(|call| call["call_sid"].as_str().unwrap().to_owned()).collect()
    };
    let first = body(program.get("/api/calls?limit=2", &[]).await).await;
    assert_eq!(ids(&first), ["CA4", "CA3"]);
    let next = format!("/api/calls?limit=3&before={}", first["next"].as_str().unwrap());
    let second = body(program.get(&next, &[]).await).await;
    assert_eq!(
        (ids(&second), &second["next"]),
        (vec!["CA2".into(), "CA1".into(), "CA0".into()], &json!(null))
    );
    let found = body(program.get("/api/calls?q=50103", &[]).await).await;
    assert_eq!(ids(&found), ["CA3"]);
    let ready = body(program.get("/api/calls?state=ready", &[]).await).await;
    assert!(ids(&ready).is_empty());
    for bad in ["state=none", "limit=0", "limit=x", "before=x"] {
        let answer = program.get(&format!("/api/calls?{bad}"), &[]).await;
        assert_eq!(
            (answer.status().as_u16(), &body(answer).await["error"]),
            (400, &json!("bad_request")),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_prefetched_call_becomes_ready_without_a_listener_and_cannot_be_retried() {
    let mut program = Program::serve(&[]).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    assert_eq!(program.post("/api/calls/CA1/prefetch").await.status(), 202);
    program.logged("recording ready").await;
    assert_eq!(program.post("/api/calls/CA1/prefetch").await.status(), 200);
    let retry = program.post("/api/calls/CA1/retry").await;
    assert_eq!(
        (retry.status().as_u16(), &body(retry).await["error"]),
        (409, &json!("already_ready"))
    );
    assert_eq!(program.post("/api/calls/CA2/retry").await.status(), 404);
}

#[tokio::test]
async fn an_operators_retry_clears_what_is_gone() {
    let program = Program::serve(&[]).await;
    program.call("CA1", Reply::status(410)).await;
    assert_eq!(program.playable("CA1").await.status(), 404);
    program.provider.serve("/CA1", Reply::ok(&wav(1)));
    assert_eq!(program.post("/api/calls/CA1/retry").await.status(), 202);
    assert_eq!(program.playable("CA1").await.status(), 200);
}

#[tokio::test]
async fn queue_and_health_are_reported() {
    let mut program = Program::serve(&[]).await;
    program.logged("worker started").await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    program.playable("CA1").await;
    let queue = body(program.get("/api/queue", &[]).await).await;
    assert_eq!(
        (&queue["ready"], &queue["queued"], &queue["oldest_wanted_seconds"]),
        (&json!(1), &json!(0), &json!(null))
    );
    assert_eq!(queue["workers"].as_array().unwrap().len(), 1);
    assert_eq!(program.get("/healthz", &[]).await.status(), 200);
    let ready = program.get("/readyz", &[]).await;
    assert_eq!(ready.status(), 200);
    assert_eq!(
        body(ready).await,
        json!({ "database": "ok", "storage": "ok", "redis": "not configured" })
    );

    std::fs::rename(
        program.folder.path().join("data/recordings"),
        program.folder.path().join("away"),
    )
    .unwrap();
    assert_eq!(program.readiness(503).await["storage"], "unavailable");
}

#[tokio::test]
async fn every_other_address_and_method_has_its_problem_too() {
    let program = Program::serve(&[]).await;
    let nowhere = program.get("/api/nowhere", &[]).await;
    assert_eq!(
        (nowhere.status().as_u16(), &body(nowhere).await["error"]),
        (404, &json!("not_found"))
    );
    let method = program.send(Method::PATCH, "/api/calls/CA1", &[], None).await;
    assert!(header(&method, "allow").contains("PUT"), "{:?}", method.headers());
    assert_eq!(
        (method.status().as_u16(), &body(method).await["error"]),
        (405, &json!("method_not_allowed"))
    );
    let page = program.get("/nowhere", &[("Accept", "text/html"), ("Accept-Language", "he")]).await;
    assert_eq!(page.status(), 404);
    assert!(header(&page, "content-security-policy").contains("default-src 'self'"));
    assert!(page.text().await.unwrap().contains("<html lang=\"he\" dir=\"rtl\">"));
}
