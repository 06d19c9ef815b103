//! `/embed/{call_sid}`: the player, or why there is none.

use shared::body::CallBody;

use super::{Content, problem, recording::recording};
use crate::{
    page::{Playback, ProblemPage},
    player::Mode,
    words::Lang,
};

/// The page.
pub(crate) fn embed(
    call: Result<CallBody, ProblemPage>,
    playback: Playback,
    here: &str,
    lang: Lang,
) -> Content {
    let here = here.to_owned();
    match call {
        Ok(call) => Content {
            title: format!("{} {}", lang.page().call, call.call_sid),
            body: Box::new(move || recording(&call, &playback, &here, lang, Mode::Embed)),
            here: None,
            has_players: true,
            follows: None,
        },
        Err(page) => problem(page, None, lang),
    }
}
