//! The dialog with the keyboard shortcuts. The server renders it once a page, so that its words add nothing to the
//! WebAssembly; every player of the page opens the same one.

/// The sheet's `id`.
pub(crate) const ID: &str = "keys";

/// The keys of each line, as labelled on a keyboard.
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

/// Opens the dialog of the page.
#[cfg(feature = "hydrate")]
pub(super) fn show() {
    use wasm_bindgen::JsCast as _;

    let sheet = leptos::prelude::document().get_element_by_id(ID);
    if let Some(sheet) = sheet.and_then(|it| it.dyn_into::<web_sys::HtmlDialogElement>().ok())
        && !sheet.open()
    {
        // Only an open dialog can refuse.
        let _ = sheet.show_modal();
    }
}

/// The dialog.
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
