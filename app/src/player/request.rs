//! One ask: "may I hear this call?", and reading the answer. No serde here: a few fields are all that is wanted.

use std::time::Duration;

use js_sys::Reflect;
use shared::decision::Answer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCache, RequestInit, Response};

use super::machine::{Progress, Reply};

/// Asks for the first byte, so that the answer is whether there is one. `hold`: how long the server
/// may hold the request (RFC 7240, section 4.3); rounded up to whole seconds.
pub(super) fn ask(
    url: &str,
    signal: &AbortSignal,
    hold: Option<Duration>,
) -> impl Future<Output = Reply> + use<> {
    let sent = request(signal, hold)
        .map(|init| leptos::prelude::window().fetch_with_str_and_init(url, &init));
    async move {
        let Ok(sent) = sent else { return Reply::nothing() };
        match JsFuture::from(sent).await {
            Ok(response) => read(response.unchecked_into()).await,
            Err(_) => Reply::nothing(),
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

async fn read(response: Response) -> Reply {
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
    });
    Reply { answer, was_held, progress }
}

async fn json(response: &Response) -> JsValue {
    let Ok(body) = response.json() else { return JsValue::UNDEFINED };
    JsFuture::from(body).await.unwrap_or(JsValue::UNDEFINED)
}

/// A field, `undefined` where there is none.
pub(super) fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A field that is text.
pub(super) fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

/// A field that is a number of things.
fn number(object: &JsValue, name: &str) -> Option<u64> {
    let value = field(object, name).as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the server's numbers are small"
    )]
    (value >= 0.0).then_some(value as u64)
}

fn small(object: &JsValue, name: &str) -> u32 {
    number(object, name).and_then(|n| u32::try_from(n).ok()).unwrap_or_default()
}
