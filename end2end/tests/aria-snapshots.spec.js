// What a screen reader is told of each state: the player's part of the accessibility tree, compared with
// the texts in told/. After a change that is meant: `npx playwright test told --update-snapshots`.

import { expect, test } from "../support/fixtures.js";
import { STATES } from "../support/states.js";

for (const name of Object.keys(STATES).filter((name) => !STATES[name].moves)) {
  test(`${name} is told`, async ({ page, harness }) => {
    const { root } = await harness.arrange(page, name, "en");
    await expect(root).toMatchAriaSnapshot({ name: `${name}.yml`, timeout: 3000 });
  });
}

test("a walk by keyboard alone tells each control once, in the order of the eye", async ({ page, harness }) => {
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
