// Lighthouse on one page, in a Chromium of its own.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { freePort } from "../support/free-port.js";
import { launchOptions } from "../support/chromium.js";

const CATEGORIES = ["performance", "accessibility", "best-practices"];

/** Scores, 0 to 100, and the layout shift. `form` is `mobile` (slowed down as Lighthouse does) or `desktop`. */
export async function lighthouse(url, form, peers) {
  const require = createRequire(join(peers, "package.json"));
  const main = pathToFileURL(require.resolve("lighthouse"));
  const { default: run, desktopConfig } = await import(main);
  const port = await freePort();
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...launchOptions.args, `--remote-debugging-port=${port}`],
  });
  try {
    const flags = { port, onlyCategories: CATEGORIES, logLevel: "error" };
    const { lhr } = await run(url, flags, form === "desktop" ? desktopConfig : undefined);
    const scores = CATEGORIES.map((name) => [`lighthouse_${name}`, Math.round(lhr.categories[name].score * 100)]);
    for (const { id, score, title } of Object.values(lhr.audits)) {
      if (score !== null && score < 0.9) console.error(`${form}: ${id}: ${title}`);
    }
    return { ...Object.fromEntries(scores), lighthouse_shift: lhr.audits["cumulative-layout-shift"].numericValue };
  } finally {
    await browser.close();
  }
}
