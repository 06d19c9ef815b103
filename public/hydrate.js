// Starts the page's islands. The names of the built files carry a hash, so they stand on the script element.
//
// A ready recording plays by the page's inline script alone (app/src/first-press.js). On such a page the WebAssembly
// waits until the page has loaded and the sound, if it was started, has data: it must not compete with them.

import { parsed } from "./times.js";

const { script, wasm } = document.getElementById("hydrate").dataset;
const SOUND_FIRST = 5000; // milliseconds, at most

const event = (target, ...names) => new Promise((done) => names.forEach((name) => target.addEventListener(name, done, { once: true })));
const timeout = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function quiet() {
  if (!document.querySelector(".recording source")) return;
  if (document.readyState !== "complete") await event(window, "load");
  const started = [...document.querySelectorAll("audio")].find((audio) => !audio.paused);
  const hasData = !started || started.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  if (!hasData) await Promise.race([event(started, "canplay", "error", "pause"), timeout(SOUND_FIRST)]);
}

await parsed;
await quiet();
try {
  const module = fetch(wasm);
  const islands = await import(script);
  await islands.default({ module_or_path: module });
  islands.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    islands[island.dataset.component]?.(island);
  }
  // From here on the islands handle every event; the inline script stops.
  self.alive = true;
  document.documentElement.classList.add("is-alive");
  for (const player of document.querySelectorAll("[data-asked]")) player.removeAttribute("data-asked");
  self.pressed?.click();
} catch (error) {
  // No WebAssembly, or it did not arrive. A ready recording gets the browser's controls; for any other, the text for
  // browsers without scripts applies.
  document.documentElement.classList.add("is-static");
  for (const plain of document.querySelectorAll("noscript")) {
    const audio = plain.parentElement.querySelector("audio:has(source)");
    if (audio) audio.controls = true;
    else plain.outerHTML = `<div class="plain">${plain.textContent}</div>`;
  }
  throw error;
}
