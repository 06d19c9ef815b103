//! The request for a recording's first byte, and reading the answer.

use std::time::Duration;

use shared::decision::Answer;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCache, RequestInit, Response};

use super::{
    js::{number, small, text},
    machine::{Progress, Reply},
};

/// Requests the first byte: the answer says whether the recording can be played. `hold` is how long the server
/// may hold the request (RFC 7240, section 4.3), rounded up to whole seconds. Returns the media type, too.
pub(super) fn send(
    url: &str,
    signal: &AbortSignal,
    hold: Option<Duration>,
) -> impl Future<Output = (Reply, String)> + use<> {
    let sent = request(signal, hold)
        .map(|init| leptos::prelude::window().fetch_with_str_and_init(url, &init));
    async move {
        let Ok(sent) = sent else { return (Reply::none(), String::new()) };
        match JsFuture::from(sent).await {
            Ok(response) => read(response.unchecked_into()).await,
            Err(_) => (Reply::none(), String::new()),
        }
    }
}

fn request(signal: &AbortSignal, hold: Option<Duration>) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    headers.append("Range", "bytes=0-0")?;
    if let Some(hold) = hold {
        headers.append("Prefer", &format!("wait={}", hold.as_millis().div_ceil(1000)))?;
    }
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(signal));
    Ok(init)
}

async fn read(response: Response) -> (Reply, String) {
    let header = |name| response.headers().get(name).ok().flatten();
    let kind = header("content-type").unwrap_or_default();
    let retry_after = header("retry-after").and_then(|seconds| seconds.parse().ok());
    let was_held = header("preference-applied").is_some();
    let body = if kind.contains("json") { json(&response).await } else { JsValue::UNDEFINED };
    let error = text(&body, "error");
    let workers_online = number(&body, "workers_online");
    let is_html = kind.starts_with("text/html");
    let answer = Answer::from_response(
        response.status(),
        is_html,
        error.as_deref(),
        retry_after,
        workers_online,
    );
    let progress = matches!(answer, Answer::Preparing { .. }).then(|| Progress {
        attempt: small(&body, "attempt"),
        max_attempts: small(&body, "max_attempts"),
        is_running: text(&body, "status").as_deref() == Some("running"),
        bytes_done: number(&body, "bytes_done").unwrap_or_default(),
        bytes_total: number(&body, "bytes_total"),
        ahead: number(&body, "ahead").unwrap_or_default(),
        workers_online,
        waits_for_provider: text(&body, "waiting_for").as_deref() == Some("provider"),
    });
    (Reply { answer, was_held, progress }, kind)
}

async fn json(response: &Response) -> JsValue {
    let Ok(body) = response.json() else { return JsValue::UNDEFINED };
    JsFuture::from(body).await.unwrap_or(JsValue::UNDEFINED)
}
