//! The page in place of one that can't be shown.

use leptos::prelude::*;
use shared::path;

use crate::{document::Part, page::ProblemPage, words::Lang};

/// The page.
pub(crate) fn problem(page: &ProblemPage, lang: Lang) -> Part {
    let words = lang.page();
    let ProblemPage { status, code, call_sid } = page.clone();
    let (title, text) = (words.problem)(code);
    let body = Box::new(move || {
        view! {
            <section class="problem">
                <p class="problem__status" aria-hidden="true">
                    {status}
                </p>
                <h1>{title}</h1>
                <p>{text}</p>
                <p class="quiet">
                    {words.error_code}": " <bdi>{code.as_str()}</bdi>
                    {call_sid
                        .map(|sid| {
                            view! { " · " {words.call_id} ": " <bdi>{sid.to_string()}</bdi> }
                        })}
                </p>
                <a class="button button--main" href=path::CALLS_PAGE>
                    {words.back_to_calls}
                </a>
            </section>
        }
        .into_any()
    });
    Part { title: title.to_owned(), body }
}
