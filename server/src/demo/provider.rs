//! The demo's provider: one address for each way that a provider may behave. Knows no call.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::Body,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use futures_util::stream;
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
};

/// Two people, agent left, customer right.
static CONVERSATION: &[u8] = include_bytes!("../../../demo/conversation.mp3");
/// One.
static MESSAGE: &[u8] = include_bytes!("../../../demo/voicemail.mp3");

/// Delivers at once.
pub(super) const QUICK: &str = "/recordings/quick.mp3";
/// Delivers at once, and is short.
pub(super) const VOICEMAIL: &str = "/recordings/voicemail.mp3";
/// Takes a few seconds.
pub(super) const UNHURRIED: &str = "/recordings/unhurried.mp3";
/// Takes long enough to wonder.
pub(super) const SLOW: &str = "/recordings/slow.mp3";
/// Had it once.
pub(super) const GONE: &str = "/recordings/gone.mp3";
/// Is out of order, and will be for an hour.
pub(super) const FAILING: &str = "/recordings/failing.mp3";

const UNHURRIED_TAKES: Duration = Duration::from_secs(5);
const SLOW_TAKES: Duration = Duration::from_secs(40);
/// How often a piece is sent.
const BEAT: Duration = Duration::from_millis(250);

pub(super) fn router() -> Router {
    Router::new()
        .route(QUICK, get(|| async { whole(CONVERSATION) }))
        .route(VOICEMAIL, get(|| async { whole(MESSAGE) }))
        .route(UNHURRIED, get(|| async { paced(CONVERSATION, UNHURRIED_TAKES) }))
        .route(SLOW, get(|| async { paced(CONVERSATION, SLOW_TAKES) }))
        .route(GONE, get(|| async { StatusCode::GONE }))
        .route(FAILING, get(|| async { failing() }))
}

fn whole(audio: &'static [u8]) -> Response {
    ([(CONTENT_TYPE, "audio/mpeg")], Bytes::from_static(audio)).into_response()
}

/// The same, a piece at each beat.
fn paced(audio: &'static [u8], takes: Duration) -> Response {
    let pieces = pieces(audio, takes);
    let body = stream::unfold(pieces, |mut pieces| async {
        let piece = pieces.next()?;
        tokio::time::sleep(BEAT).await;
        Some((Ok::<_, Infallible>(Bytes::from_static(piece)), pieces))
    });
    let mut response = ([(CONTENT_TYPE, "audio/mpeg")], Body::from_stream(body)).into_response();
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(audio.len()));
    response
}

/// As many as there are beats in that time, all but the last of one length.
fn pieces(audio: &'static [u8], takes: Duration) -> std::slice::Chunks<'static, u8> {
    let beats = usize::try_from(takes.as_millis() / BEAT.as_millis()).unwrap_or(usize::MAX);
    audio.chunks(audio.len().div_ceil(beats.max(1)))
}

/// Longer than any run may take: the run fails at once, and the next one too.
fn failing() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "3600")]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paced_recording_is_whole_and_takes_as_long_as_it_should() {
        for takes in [UNHURRIED_TAKES, SLOW_TAKES] {
            let pieces: Vec<_> = pieces(CONVERSATION, takes).collect();
            assert_eq!(pieces.concat(), CONVERSATION);
            let beats = u32::try_from(pieces.len()).unwrap();
            assert!(BEAT * beats <= takes && BEAT * (beats + 2) > takes, "{beats}");
        }
    }
}
