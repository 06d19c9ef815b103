// Keeps the parts of a page that are marked `data-live="NAME"` as the server would write them now: follows the queue,
// fetches this same page when something changed, and carries over what differs. The words stay on the server; what is
// focused, opened, scrolled to or playing stays as it is. Only the page that is looked at asks.

import { mend } from "./morph.js";
import { localize } from "./times.js";

const EVERY = 2000; // milliseconds from one fetch to the next, at least
const SLOWLY = 30_000; // the queue's numbers do not tell of everything: a deleted recording, a call that is new
const AGAIN = 5000; // after a stream that the browser gave up: an answer that was not 200
const { events, follows } = document.getElementById("live").dataset;
let stream, fetching, timer, comeback, told, shown;
let last = performance.now(); // the page itself is the first

function begin() {
  if (stream || document.hidden) return;
  stream = new EventSource(events);
  stream.onopen = () => lost(false);
  stream.onerror = () => {
    lost(true);
    if (stream.readyState !== EventSource.CLOSED) return;
    end();
    comeback = setTimeout(begin, AGAIN);
  };
  stream.addEventListener("queue", ({ data }) => hear(follows === "time" ? data : changes(JSON.parse(data))));
  stream.addEventListener("problem", () => hear("problem"));
}

/** Leaves no connection, no request and no timer behind. */
function end() {
  stream?.close();
  fetching?.abort();
  clearTimeout(timer);
  clearTimeout(comeback);
  stream = timer = shown = undefined;
}

/** What may change a call's state; how far a download is, its player says itself. */
const changes = ({ queued, ready, failed, runs }) => JSON.stringify([queued, ready, failed, runs.map(({ run }) => run)]);

function hear(news) {
  told = news;
  const isOld = performance.now() - last > SLOWLY;
  if (told !== shown || isOld) timer ??= setTimeout(refresh, Math.max(0, last + EVERY - performance.now()));
}

async function refresh() {
  const asked = told;
  fetching = new AbortController();
  const { signal } = fetching;
  try {
    // A session that is over would lead to the sign-in page.
    const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error", signal });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (signal.aborted) return;
    localize(fresh);
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (now) mend(part, now);
    }
    if (response.ok) {
      document.title = fresh.title;
      shown = asked;
    }
  } catch {
    if (signal.aborted) return; // else the next event tries again
  }
  last = performance.now();
  timer = undefined;
  if (shown === asked) hear(told);
}

function lost(is) {
  for (const line of document.querySelectorAll("[data-stream-lost]")) line.hidden = !is;
}

document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
addEventListener("pagehide", end);
addEventListener("pageshow", begin); // from the back-forward cache too
begin();
