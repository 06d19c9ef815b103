//! `/`: the calls, newest first, each with its state and a player.

use leptos::prelude::*;
use shared::{RecordingState, body::CallBody, path};

use super::{
    Content, Follows, chip, direction, icon, parties,
    recording::{length, recording},
    time,
};
use crate::{
    format,
    page::{CallsPage, Playback},
    player::Mode,
    words::{Lang, PageWords},
};

/// An example for the empty list.
const EXAMPLE: &str = r#"curl -X PUT http://127.0.0.1:3000/api/calls/CA1 \
  -H 'Content-Type: application/json' \
  -d '{"recording_url": "https://…", "from": "+1…", "to": "+1…"}'"#;

/// The page.
pub(crate) fn calls(page: CallsPage, lang: Lang) -> Content {
    let words = lang.page();
    let body = Box::new(move || {
        let is_filtered = !page.q.is_empty() || page.state.is_some();
        let older = page.body.next.as_deref().map(|next| address(&page.q, page.state, Some(next)));
        let newest = page.is_later.then(|| address(&page.q, page.state, None));
        view! {
            <h1>{words.calls}</h1>
            {filter(&page.q, page.state, words)}
            {if page.body.calls.is_empty() {
                nothing(is_filtered, page.is_later, words)
            } else {
                let rows = page.body.calls.iter().map(|call| row(call, lang)).collect_view();
                view! { <ol class="calls">{rows}</ol> }.into_any()
            }}
            {pager(newest, older, words)}
        }
        .into_any()
    });
    Content {
        title: words.calls.to_owned(),
        body,
        here: Some(path::CALLS_PAGE),
        has_players: true,
        follows: Some(Follows::Runs),
    }
}

fn pager(
    newest: Option<String>,
    older: Option<String>,
    words: &'static PageWords,
) -> Option<impl IntoView> {
    (newest.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=words.pages_of_calls>
                {newest.map(|href| view! { <a class="button" href=href>{words.newest}</a> })}
                {older.map(|href| view! { <a class="button" rel="next" href=href>{words.older}</a> })}
            </nav>
        }
    })
}

fn filter(q: &str, current: Option<RecordingState>, words: &'static PageWords) -> impl IntoView {
    let options = RecordingState::ALL.map(|state| {
        let selected = current == Some(state);
        view! { <option value=state.as_str() selected=selected>{(words.state)(state)}</option> }
    });
    view! {
        <search>
            <form class="filter" method="get" action=path::CALLS_PAGE>
                <label class="field field--wide">
                    <span class="field__label">{words.search}</span>
                    <input
                        class="field__input"
                        type="search"
                        name="q"
                        value=q.to_owned()
                        placeholder=words.search_hint
                        maxlength="100"
                        autocomplete="off"
                        dir="auto"
                    />
                </label>
                <label class="field">
                    <span class="field__label">{words.recording}</span>
                    <select class="field__input" name="state">
                        <option value="" selected=current.is_none()>
                            {words.any_state}
                        </option>
                        {options.into_iter().collect_view()}
                    </select>
                </label>
                <button class="button button--main">{icon("search")} {words.find}</button>
            </form>
        </search>
    }
}

fn row(call: &CallBody, lang: Lang) -> impl IntoView {
    let words = lang.page();
    let href = path::call_page(&call.call_sid);
    view! {
        <li class="call">
            {recording(call, &Playback::default(), &href, lang, Mode::Row)}
            <a class="call__who" href=href.clone()>
                {parties(call)}
            </a>
            <p class="call__meta">
                {direction(call, words)}
                {call.started_at.as_deref().map(|at| time(at, words, false))}
            </p>
            <span class="call__length" data-live=format!("{}.length", call.call_sid)>
                {length(call, &call.recording)
                    .map(|length| {
                        view! {
                            <span class="unseen">{words.length}" "</span>
                            <bdi>{format::clock(length)}</bdi>
                        }
                    })}
            </span>
            {chip(call, call.recording.state, words)}
        </li>
    }
}

fn nothing(is_filtered: bool, is_later: bool, words: &'static PageWords) -> AnyView {
    let (title, text) = match (is_later, is_filtered) {
        (true, _) => (words.no_older_title, words.no_older_text),
        (false, true) => (words.nothing_found_title, words.nothing_found_text),
        (false, false) => (words.empty_title, words.empty_text),
    };
    view! {
        <section class="empty">
            <span class="top__reels" aria-hidden="true"></span>
            <h2>{title}</h2>
            <p>{text}</p>
            {(!is_filtered && !is_later)
                .then(|| view! { <pre class="code" dir="ltr" tabindex="0">{EXAMPLE}</pre> })}
            {is_filtered
                .then(|| view! { <a class="button" href=path::CALLS_PAGE>{words.clear}</a> })}
        </section>
    }
    .into_any()
}

/// The address of a page of the list.
fn address(q: &str, state: Option<RecordingState>, before: Option<&str>) -> String {
    let pairs = [("q", Some(q)), ("state", state.map(RecordingState::as_str)), ("before", before)];
    let query: Vec<_> = pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if query.is_empty() {
        path::CALLS_PAGE.to_owned()
    } else {
        format!("{}?{}", path::CALLS_PAGE, query.join("&"))
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |n: u8| char::from(b"0123456789ABCDEF"[usize::from(n)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_older_calls_keeps_search_and_filter() {
        assert_eq!(address("", None, None), "/");
        assert_eq!(
            address("+972 3 & co", Some(RecordingState::Ready), Some("2026_7")),
            "/?q=%2B972%203%20%26%20co&state=ready&before=2026_7"
        );
    }
}
