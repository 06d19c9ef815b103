// How each state looks: pictures of the player, narrow and wide, light and dark, in both languages,
// compared with those in shots/. After a change of the look that is meant:
// `npx playwright test look --update-snapshots`, and look at what git says has changed.

import { expect, test } from "../support/fixtures.js";
import { STATES } from "../support/states.js";

const WIDTHS = { narrow: 360, wide: 1100 };

for (const lang of ["en", "he"]) {
  for (const name of Object.keys(STATES).filter((name) => !STATES[name].moves)) {
    test(`${name} looks as it should, in ${lang}`, async ({ page, harness }) => {
      const { root } = await harness.arrange(page, name, lang);
      for (const [width, pixels] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width: pixels, height: 900 });
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          // What is drawn by frames is drawn again.
          await page.clock.runFor(100);
          await expect.soft(root).toHaveScreenshot(`${name}-${lang}-${width}-${colorScheme}.png`);
        }
      }
    });
  }
}
