// Accessibility by axe against WCAG 2.2 AA: every page and every state of the player, in both languages and colour
// schemes.

import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../support/fixtures.js";
import { PAGES } from "../support/pages.js";
import { Player } from "../support/player.js";
import { STATES } from "../support/states.js";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function expectNoViolations(page, part, what) {
  const { violations } = await new AxeBuilder({ page }).include(part).withTags(RULES).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect.soft(found, what).toEqual([]);
}

/** `part` is what of the page is looked at. */
async function expectNoViolationsInBothSchemes(page, what, part = "html") {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expectNoViolations(page, part, `${what}, ${colorScheme}`);
  }
}

async function open(page, address, lang) {
  await page.goto(`${address}${address.includes("?") ? "&" : "?"}lang=${lang}`);
  await expect(page.locator("html")).toHaveAttribute("dir", lang === "he" ? "rtl" : "ltr");
}

for (const lang of ["en", "he"]) {
  test(`every page, in ${lang}`, async ({ page, harness }) => {
    for (const [what, path] of Object.entries(PAGES)) {
      await open(page, harness.server.url + path, lang);
      await expectNoViolationsInBothSchemes(page, what);
    }
  });

  test(`an empty list and the sign-in page, in ${lang}`, async ({ page, start }) => {
    const empty = await start();
    await open(page, `${empty.url}/`, lang);
    await expectNoViolationsInBothSchemes(page, "empty list");

    const closed = await start({ settings: { TAPEDECK_ADMIN_TOKEN: "a-token-that-is-long-enough" } });
    await open(page, `${closed.url}/sign-in`, lang);
    await expectNoViolationsInBothSchemes(page, "sign in");
  });

  test(`the keyboard shortcuts, in ${lang}`, async ({ page, harness }) => {
    await open(page, harness.server.callPage("CA-ready"), lang);
    const player = new Player(page, "CA-ready");
    await player.expectAlive();
    await player.toggle.press("?");
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectNoViolationsInBothSchemes(page, "sheet of keys");
  });

  for (const name of Object.keys(STATES)) {
    test(`${name}, in ${lang}`, async ({ page, harness }) => {
      await harness.arrange(page, name, lang);
      // axe has timers of its own.
      await page.clock.resume();
      await expectNoViolationsInBothSchemes(page, name, "[data-player]");
    });
  }
}
