// Nothing is said on the console: no warning of the hydration, no error, on no page.

import { expect, test } from "../support/fixtures.js";
import { PAGES } from "../support/pages.js";
import { Player } from "../support/player.js";

/** Notes what a page complains of from now on. A status that the page answers with is no complaint. */
function complaints(page) {
  const heard = [];
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("console", (message) => {
    const isStatus = message.text().startsWith("Failed to load resource: the server responded with a status");
    if (["warning", "error"].includes(message.type()) && !isStatus) heard.push(message.text());
  });
  return heard;
}

for (const [what, path] of Object.entries(PAGES)) {
  test(`${what}: the console is silent`, async ({ page, harness }) => {
    const heard = complaints(page);
    for (const lang of ["en", "he"]) {
      await page.goto(`${harness.server.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      // Pages without a player have nothing that comes alive.
      if (await page.locator("#hydrate").count()) await new Player(page, "CA-ready").expectAlive();
    }
    expect(heard).toEqual([]);
  });
}
