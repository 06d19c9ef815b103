// What a page has under way: timers, requests and event streams that began and have not ended. An init
// script wraps what the page calls, before any script of the page runs; where the clock is moved too,
// `page.clock.install` comes first.

/** Keeps count in every document that the page opens from now on. */
export function trackPending(page) {
  return page.addInitScript(() => {
    const open = { timeouts: new Set(), intervals: new Set(), requests: new Set(), streams: new Set() };
    const { setTimeout, clearTimeout, setInterval, clearInterval, fetch, EventSource } = window;

    window.setTimeout = (callback, ...rest) => {
      const ring = (...values) => {
        open.timeouts.delete(id);
        callback(...values);
      };
      const id = setTimeout(ring, ...rest);
      open.timeouts.add(id);
      return id;
    };
    window.setInterval = (...all) => {
      const id = setInterval(...all);
      open.intervals.add(id);
      return id;
    };
    // Either ends both: the two share their numbers (HTML, "timers").
    const clear = (how) => (id) => {
      open.timeouts.delete(id);
      open.intervals.delete(id);
      how.call(window, id);
    };
    window.clearTimeout = clear(clearTimeout);
    window.clearInterval = clear(clearInterval);

    window.fetch = (...all) => {
      const request = fetch(...all);
      const end = () => open.requests.delete(request);
      open.requests.add(request);
      request.then(end, end);
      return request;
    };
    window.EventSource = class extends EventSource {
      constructor(...all) {
        super(...all);
        open.streams.add(this);
      }

      close() {
        open.streams.delete(this);
        super.close();
      }
    };

    window.pending = () => Object.fromEntries(Object.entries(open).map(([name, { size }]) => [name, size]));
  });
}

export const NONE_PENDING = { timeouts: 0, intervals: 0, requests: 0, streams: 0 };

/** How many of each there are now. */
export function pending(page) {
  return page.evaluate(() => window.pending());
}
