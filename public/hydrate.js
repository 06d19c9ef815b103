// Starts the page's islands. An external file, so that the Content-Security-Policy needs no exception.
// The names of the built files stand on the script element, as they carry a hash.

import "./times.js";

const { script, wasm } = document.getElementById("boot").dataset;

// Who presses Play before the players are alive is heard as soon as they are.
let early;
const remember = ({ target }) => {
  const button = target.closest("[data-player] button");
  if (!button) return;
  asked(false);
  early = button;
  asked(true);
};
/** The player whose button it is shows that it was heard. */
const asked = (is) => early?.closest("[data-player]").toggleAttribute("data-asked", is);
document.addEventListener("click", remember);

try {
  const islands = await import(script);
  await islands.default({ module_or_path: wasm });
  islands.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    islands[island.dataset.component]?.(island);
  }
  document.removeEventListener("click", remember);
  asked(false);
  document.documentElement.classList.add("is-alive");
  early?.click();
} catch (error) {
  // No WebAssembly, or it did not arrive: what is there for browsers without scripts helps here too.
  document.documentElement.classList.add("is-static");
  for (const plain of document.querySelectorAll("noscript")) {
    plain.outerHTML = `<div class="plain">${plain.textContent}</div>`;
  }
  throw error;
}
