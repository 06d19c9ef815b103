// Screenshots of the player in each state, narrow and wide, light and dark, in both languages, compared with
// screenshots/. After an intended change: `npx playwright test visual --update-snapshots`, then review git's diff.

import { expect, test } from "../support/fixtures.js";
import { STATES } from "../support/states.js";

const WIDTHS = { narrow: 360, wide: 1100 };

for (const lang of ["en", "he"]) {
  for (const name of Object.keys(STATES).filter((name) => !STATES[name].moves)) {
    test(`${name} matches its screenshots, in ${lang}`, async ({ page, harness }) => {
      const { root } = await harness.arrange(page, name, lang);
      for (const [width, pixels] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width: pixels, height: 900 });
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          // Lets animation frames run.
          await page.clock.runFor(100);
          await expect.soft(root).toHaveScreenshot(`${name}-${lang}-${width}-${colorScheme}.png`);
        }
      }
    });
  }
}
