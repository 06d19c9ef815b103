//! The WebAssembly entry point: brings the islands of the page that the server rendered to life.

// The crate must be linked for its islands to be there.
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the WebAssembly is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
