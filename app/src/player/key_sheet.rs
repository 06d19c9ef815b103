//! The sheet that shows the player's keys. The server writes it once into a page, so that its words cost the
//! WebAssembly nothing; every player of the page opens the same one.

/// The sheet's `id`.
pub(crate) const ID: &str = "keys";

/// The keys of each line, as they are written on a keyboard.
#[cfg(feature = "ssr")]
const KEYS: [&[&str]; 9] = [
    &["Space", "K"],
    &["J", "L"],
    &["←", "→"],
    &["Home", "End"],
    &["0", "…", "9"],
    &["↑", "↓"],
    &["M"],
    &["<", ">"],
    &["?"],
];

/// The sheet.
#[cfg(feature = "ssr")]
pub(crate) fn key_sheet(lang: crate::words::Lang) -> impl leptos::prelude::IntoView {
    use leptos::prelude::*;

    let words = lang.keys();
    let rows = KEYS.iter().zip(words.rows).map(|(keys, what)| {
        let caps = keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view();
        view! {
            <div>
                <dt dir="ltr">{caps}</dt>
                <dd>{what}</dd>
            </div>
        }
    });
    view! {
        <dialog class="sheet" id=ID aria-labelledby="keys-title">
            <h2 id="keys-title">{words.title}</h2>
            <dl class="sheet__keys">{rows.collect_view()}</dl>
            <p class="quiet">{words.note}</p>
            <form method="dialog">
                <button class="button button--main">{words.close}</button>
            </form>
        </dialog>
    }
}
