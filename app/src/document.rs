//! From a [`Page`] to a whole HTML document: the frame that all pages stand in.

use leptos::prelude::*;
use shared::path;

use crate::{
    icons,
    page::{Assets, Chrome, Page, Session},
    pages,
    player::key_sheet,
    words::Lang,
};

/// The whole document, doctype included, to be sent as `text/html; charset=utf-8`. Pure: the same
/// page gives the same text.
pub fn render(page: Page, chrome: &Chrome) -> String {
    let lang = chrome.lang;
    let Part { title, body } = match page {
        Page::Calls(page) => pages::calls(page, lang),
        Page::Call(page) => pages::call(*page, lang),
        Page::SignIn(page) => pages::sign_in(page, lang),
        Page::Problem(page) => pages::problem(&page, lang),
    };
    // The islands' signals live as long as the rendering.
    let html = Owner::new().with(|| document(&title, body, chrome).to_html());
    format!("<!doctype html>{html}")
}

/// What a page puts into the frame. The body is made inside the frame's owner.
pub(crate) struct Part {
    /// The page's name, without the site's.
    pub(crate) title: String,
    /// What stands in `<main>`.
    pub(crate) body: Box<dyn FnOnce() -> AnyView>,
}

fn document(title: &str, body: Box<dyn FnOnce() -> AnyView>, chrome: &Chrome) -> impl IntoView {
    let lang = chrome.lang;
    let words = lang.page();
    view! {
        <html lang=lang.code() dir=lang.dir()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=words.description />
                <title>{format!("{title} · tapedeck")}</title>
                {assets(chrome.assets.clone())}
            </head>
            <body>
                <div hidden inner_html=icons::SPRITE></div>
                <a class="skip" href="#content">{words.skip_to_content}</a>
                <header class="top">
                    <a class="top__name" href=path::CALLS_PAGE>
                        <span class="top__reels" aria-hidden="true"></span>
                        <span translate="no">"tapedeck"</span>
                        <span class="top__tagline">{words.tagline}</span>
                    </a>
                    <nav class="top__nav" aria-label=words.language>
                        {switch(&chrome.here, lang)}
                    </nav>
                    {(chrome.session == Session::SignedIn)
                        .then(|| {
                            view! {
                                <form method="post" action=path::SIGN_OUT>
                                    <button class="button button--quiet">{words.sign_out}</button>
                                </form>
                            }
                        })}
                </header>
                <main id="content" tabindex="-1">{body()}</main>
                {key_sheet(lang)}
            </body>
        </html>
    }
}

fn assets(assets: Assets) -> impl IntoView {
    let Assets { script, wasm, style } = assets;
    view! {
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href=style />
        <link rel="modulepreload" href=script.clone() />
        <link rel="preload" href=wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="module" id="boot" src="/boot.js" data-script=script data-wasm=wasm></script>
    }
}

/// Links to this page in the other languages.
fn switch(here: &str, current: Lang) -> impl IntoView {
    Lang::ALL
        .into_iter()
        .filter(|lang| *lang != current)
        .map(|lang| {
            view! {
                <a class="button button--quiet" href=in_language(here, lang) lang=lang.code() hreflang=lang.code()>
                    {lang.name()}
                </a>
            }
        })
        .collect_view()
}

/// The same address with `?lang=` set.
fn in_language(here: &str, lang: Lang) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    let pairs: Vec<_> = kept.map(str::to_owned).chain([format!("lang={}", lang.code())]).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_switch_keeps_the_rest_of_the_address() {
        for (here, there) in [
            ("/", "/?lang=he"),
            ("/?lang=en", "/?lang=he"),
            ("/?q=a%20b&lang=en&state=ready", "/?q=a%20b&state=ready&lang=he"),
            ("/calls/CA1", "/calls/CA1?lang=he"),
        ] {
            assert_eq!(in_language(here, Lang::He), there);
        }
    }
}
