//! `/embed/{call_sid}`: the player, or why there is none.

use shared::body::CallBody;

use super::{player, problem};
use crate::{document::Part, page::ProblemPage, player::Mode, words::Lang};

/// The page.
pub(crate) fn embed(call: Result<CallBody, ProblemPage>, start: Option<u32>, lang: Lang) -> Part {
    match call {
        Ok(call) => Part {
            title: format!("{} {}", lang.page().call, call.call_sid),
            body: Box::new(move || player(&call, lang, Mode::Embed, start)),
            here: None,
            has_players: true,
            follows: None,
        },
        Err(page) => problem(page, None, lang),
    }
}
