// Starts the page's islands. An external file, so that the Content-Security-Policy needs no exception.
// The names of the built files stand on the script element, as they carry a hash.

const { script, wasm } = document.getElementById("boot").dataset;

// The server writes times in UTC; here the visitor's own zone is known.
for (const time of document.querySelectorAll("time[data-local]")) {
  const instant = new Date(time.dateTime);
  if (Number.isNaN(instant.getTime())) continue;
  const timeStyle = time.dataset.local === "seconds" ? "medium" : "short";
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle });
  time.title = time.textContent;
  time.textContent = format.format(instant);
}

// Who presses Play before the players are alive is heard as soon as they are.
let early;
const remember = ({ target }) => (early = target.closest("[data-player] button") ?? early);
document.addEventListener("click", remember);

try {
  const islands = await import(script);
  await islands.default({ module_or_path: wasm });
  islands.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    islands[island.dataset.component]?.(island);
  }
  document.removeEventListener("click", remember);
  document.documentElement.classList.add("is-alive");
  early?.click();
} catch (error) {
  // No WebAssembly, or it did not arrive: what is there for browsers without scripts helps here too.
  document.documentElement.classList.add("is-static");
  for (const plain of document.querySelectorAll("noscript")) plain.outerHTML = plain.textContent;
  throw error;
}
