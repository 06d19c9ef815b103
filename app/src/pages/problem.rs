//! The page in place of one that can't be shown.

use leptos::prelude::*;
use shared::path;

use super::Content;
use crate::{page::ProblemPage, words::Lang};

/// From this status on the fault is ours, and the same request may well succeed later.
const FIRST_OF_OURS: u16 = 500;

/// The page. `here` is its own address; none where it must not lead anywhere.
pub(crate) fn problem(page: ProblemPage, here: Option<&str>, lang: Lang) -> Content {
    let words = lang.page();
    let ProblemPage { status, code, detail, call_sid } = page;
    let (title, text) = (words.problem)(code);
    let detail = detail.map(|detail| (lang.api().detail)(&detail));
    let again = here.filter(|_| status >= FIRST_OF_OURS).map(str::to_owned);
    let leads_back = here.is_some();
    let body = Box::new(move || {
        view! {
            <section class="problem">
                <p class="problem__status" aria-hidden="true">
                    {status}
                </p>
                <h1>{title}</h1>
                {detail.map(|detail| view! { <p>{detail}</p> })}
                <p>{text}</p>
                <p class="quiet">
                    {words.error_code}": " <bdi>{code.as_str()}</bdi>
                    {call_sid
                        .map(|sid| {
                            view! { " · " {words.call_id} ": " <bdi>{sid.to_string()}</bdi> }
                        })}
                </p>
                <p class="steps">
                    {again
                        .clone()
                        .map(|here| {
                            view! { <a class="button button--main" href=here>{words.try_again}</a> }
                        })}
                    {leads_back
                        .then(|| {
                            let class = if again.is_some() { "button" } else { "button button--main" };
                            view! { <a class=class href=path::CALLS_PAGE>{words.back_to_calls}</a> }
                        })}
                </p>
            </section>
        }
        .into_any()
    });
    Content { title: title.to_owned(), body, here: None, has_players: false, follows: None }
}
