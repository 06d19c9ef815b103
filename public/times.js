// The server writes times in UTC; here the visitor's own zone is known.

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

localize(document);
