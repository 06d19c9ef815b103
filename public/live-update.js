// Updates the elements of a page that are marked `data-live="NAME"`: follows the queue's events, fetches the page again
// after a change, and morphs those elements. The words stay on the server; focus, open details, scroll positions and
// players are untouched. A hidden page closes its stream.

import { morph } from "./morph.js";
import { localize } from "./times.js";

const INTERVAL = 2000; // milliseconds between fetches, at least
const MAX_AGE = 30_000; // the queue's numbers omit some changes: a deleted recording, a new call
const RECONNECT = 5000; // after an answer that is not 200, where the browser does not reconnect
const { events, follows } = document.getElementById("live-update").dataset;
let stream, fetching, timer, comeback, latest, shown;
let last = performance.now(); // the page itself is the first

function begin() {
  if (stream || document.hidden) return;
  stream = new EventSource(events);
  stream.onopen = () => lost(false);
  stream.onerror = () => {
    lost(true);
    if (stream.readyState !== EventSource.CLOSED) return;
    end();
    comeback = setTimeout(begin, RECONNECT);
  };
  stream.addEventListener("queue", ({ data }) => changed(follows === "time" ? data : changes(JSON.parse(data))));
  stream.addEventListener("problem", () => changed("problem"));
}

/** Ends the connection, the request and the timers. */
function end() {
  stream?.close();
  fetching?.abort();
  clearTimeout(timer);
  clearTimeout(comeback);
  stream = timer = shown = undefined;
}

/** The numbers that may change a call's state; download progress is shown by the player. */
const changes = ({ queued, ready, failed, runs }) => JSON.stringify([queued, ready, failed, runs.map(({ run }) => run)]);

function changed(news) {
  latest = news;
  const isOld = performance.now() - last > MAX_AGE;
  if (latest !== shown || isOld) timer ??= setTimeout(refresh, Math.max(0, last + INTERVAL - performance.now()));
}

async function refresh() {
  const requested = latest;
  fetching = new AbortController();
  const { signal } = fetching;
  try {
    // The redirect of an expired session to the sign-in page is an error.
    const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error", signal });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (signal.aborted) return;
    localize(fresh);
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (now) morph(part, now);
    }
    if (response.ok) {
      document.title = fresh.title;
      shown = requested;
    }
  } catch {
    if (signal.aborted) return; // otherwise the next event retries
  }
  last = performance.now();
  timer = undefined;
  if (shown === requested) changed(latest);
}

function lost(is) {
  for (const line of document.querySelectorAll("[data-stream-lost]")) line.hidden = !is;
}

document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
addEventListener("pagehide", end);
addEventListener("pageshow", begin); // from the back-forward cache too
begin();
