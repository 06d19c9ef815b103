//! `/sign-in`: takes the access token once.

use leptos::prelude::*;
use shared::path;

use super::{Content, icon};
use crate::{page::SignInPage, words::Lang};

/// The page.
pub(crate) fn sign_in(page: SignInPage, lang: Lang) -> Content {
    let words = lang.page();
    let body = Box::new(move || {
        view! {
            <section class="card card--narrow">
                <h1>{words.sign_in}</h1>
                <p>{words.sign_in_text}</p>
                <form method="post" action=path::SIGN_IN>
                    <input type="hidden" name="next" value=page.next />
                    <label class="field">
                        <span class="field__label">{words.token}</span>
                        <input
                            class="field__input"
                            type="password"
                            name="token"
                            required
                            autofocus
                            dir="ltr"
                            autocomplete="current-password"
                            aria-invalid=page.failed.then_some("true")
                            aria-describedby=page.failed.then_some("token-wrong")
                        />
                    </label>
                    {page
                        .failed
                        .then(|| {
                            view! {
                                <p class="field__error" id="token-wrong" role="alert">
                                    {icon("warning")}
                                    {words.token_wrong}
                                </p>
                            }
                        })}
                    <button class="button button--main">{words.sign_in}</button>
                </form>
            </section>
        }
        .into_any()
    });
    let title = words.sign_in.to_owned();
    Content { title, body, here: None, has_players: false, follows: None }
}
