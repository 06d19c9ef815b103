// Rewrites times in the visitor's zone. The server writes them in UTC.

/** Rewrites the times in `root`. */
export function localize(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const instant = new Date(time.dateTime);
    if (Number.isNaN(instant.getTime())) continue;
    const timeStyle = time.dataset.local === "seconds" ? "medium" : "short";
    const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle });
    time.title = time.textContent;
    time.textContent = format.format(instant);
  }
}

/** Resolves when the document is parsed. */
export const parsed = new Promise((done) => {
  if (document.readyState !== "loading") done();
  else document.addEventListener("DOMContentLoaded", done, { once: true });
});

parsed.then(() => localize(document));
