//! From a [`Page`] to a whole HTML document: the frame that all pages stand in.

use leptos::prelude::*;
use shared::path;

use crate::{
    icons,
    page::{Assets, Chrome, EmbedPage, Page, Session},
    pages,
    player::key_sheet,
    words::Lang,
};

/// The whole document, doctype included, to be sent as `text/html; charset=utf-8`. Pure: the same
/// page gives the same text.
pub fn render(page: Page, chrome: &Chrome) -> String {
    let lang = chrome.lang;
    let part = match page {
        Page::Calls(page) => pages::calls(page, lang),
        Page::Call(page) => pages::call(*page, lang),
        Page::Status(page) => pages::status(*page, lang),
        Page::SignIn(page) => pages::sign_in(page, lang),
        Page::Problem(page) => pages::problem(page, Some(chrome.here.as_str()), lang),
        Page::Embed(page) => return whole(|| bare(*page, chrome)),
    };
    whole(|| framed(part, chrome))
}

/// The islands' signals live as long as the rendering.
fn whole<V: IntoView>(document: impl FnOnce() -> V) -> String {
    let html = Owner::new().with(|| document().to_html());
    format!("<!doctype html>{html}")
}

/// What a page puts into the frame. The body is made inside the frame's owner.
pub(crate) struct Part {
    /// The page's name, without the site's.
    pub(crate) title: String,
    /// What stands in `<main>`.
    pub(crate) body: Box<dyn FnOnce() -> AnyView>,
    /// The link of the navigation that leads here.
    pub(crate) here: Option<&'static str>,
    /// Whether players stand on it: only they need the WebAssembly.
    pub(crate) has_players: bool,
    /// When its parts are to be looked at again.
    pub(crate) follows: Option<Follows>,
}

/// What a live page follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    /// What becomes of runs.
    Runs,
    /// Every word about the queue: ages grow.
    Time,
}

fn framed(part: Part, chrome: &Chrome) -> impl IntoView {
    let lang = chrome.lang;
    let words = lang.page();
    let Part { title, body, here, has_players, follows } = part;
    let is_let_in = chrome.session != Session::None;
    view! {
        <html lang=lang.code() dir=lang.dir()>
            <head>
                {head(&title, chrome)} {has_players.then(|| boot(chrome.assets.clone()))}
                {follows.filter(|_| is_let_in).map(live)}
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
                    {is_let_in.then(|| site(here, lang))}
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
                {has_players.then(|| key_sheet(lang))}
            </body>
        </html>
    }
}

/// A page in somebody else's page: the player or why there is none, and nothing around it.
fn bare(page: EmbedPage, chrome: &Chrome) -> impl IntoView {
    let lang = chrome.lang;
    let EmbedPage { call, theme, origins, start } = page;
    let has_player = call.is_ok();
    let sid = match &call {
        Ok(call) => Some(&call.call_sid),
        Err(problem) => problem.call_sid.as_ref(),
    };
    let sid = sid.map(ToString::to_string);
    let error = call.as_ref().err().map(|problem| problem.code.as_str());
    let Part { title, body, .. } = pages::embed(call, start, lang);
    view! {
        <html class="embed" lang=lang.code() dir=lang.dir() data-theme=theme.map(crate::Theme::as_str)>
            <head>
                {head(&title, chrome)} {has_player.then(|| boot(chrome.assets.clone()))}
                <script
                    type="module"
                    id="embed"
                    src="/embed.js"
                    data-call=sid
                    data-problem=error
                    data-origins=origins
                ></script>
            </head>
            <body>
                <div hidden inner_html=icons::SPRITE></div>
                <main>{body()}</main>
                {has_player.then(|| key_sheet(lang))}
            </body>
        </html>
    }
}

fn head(title: &str, chrome: &Chrome) -> impl IntoView + use<> {
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content=chrome.lang.page().description />
        <title>{format!("{title} · tapedeck")}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href=chrome.assets.style.clone() />
    }
}

/// What makes the players live.
fn boot(assets: Assets) -> impl IntoView {
    let Assets { script, wasm, .. } = assets;
    view! {
        <link rel="modulepreload" href=script.clone() />
        <link rel="modulepreload" href="/times.js" />
        <link rel="preload" href=wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="module" id="boot" src="/hydrate.js" data-script=script data-wasm=wasm></script>
    }
}

/// What keeps a page's `data-live` parts as they are on the server.
fn live(follows: Follows) -> impl IntoView {
    let word = match follows {
        Follows::Runs => "runs",
        Follows::Time => "time",
    };
    view! {
        <script type="module" id="live" src="/live-update.js" data-events=path::QUEUE_EVENTS data-follows=word></script>
    }
}

/// Links to the site's pages.
fn site(here: Option<&'static str>, lang: Lang) -> impl IntoView {
    let link = |to: &'static str, name: &'static str| {
        let current = (here == Some(to)).then_some("page");
        view! { <a class="button button--quiet" href=to aria-current=current>{name}</a> }
    };
    view! {
        <nav class="top__nav top__site" aria-label=lang.page().site>
            {link(path::CALLS_PAGE, lang.page().calls)}
            {link(path::STATUS_PAGE, lang.status().status)}
        </nav>
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
