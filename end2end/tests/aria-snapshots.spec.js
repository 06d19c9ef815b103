// The accessibility tree of each state's player, compared with aria-snapshots/. After an intended change:
// `npx playwright test aria-snapshots --update-snapshots`.

import { expect, test } from "../support/fixtures.js";
import { STATES } from "../support/states.js";

for (const name of Object.keys(STATES).filter((name) => !STATES[name].moves)) {
  test(`${name} has its accessibility tree`, async ({ page, harness }) => {
    const { root } = await harness.arrange(page, name, "en");
    await expect(root).toMatchAriaSnapshot({ name: `${name}.yml`, timeout: 3000 });
  });
}

test("Tab reaches each control once, in visual order", async ({ page, harness }) => {
  const { root } = await harness.arrange(page, "paused", "en");
  await page.locator("#content").focus();

  const steps = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = root.locator(":focus");
    if ((await focused.count()) > 0) steps.push((await focused.ariaSnapshot()).replace(/^- /, "").split("\n")[0]);
    else if (steps.length > 0) break;
  }

  expect(new Set(steps).size, "no control twice").toBe(steps.length);
  expect(`${steps.join("\n")}\n`).toMatchSnapshot("walk.txt");
});
