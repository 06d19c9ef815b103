// The demo: a list with a call in each state, and pages that everybody can use.

import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../support/fixtures.js";
import { FileRequests, Player } from "../support/player.js";

test("the demo lists its calls, asks for none by itself, and plays one that has to be fetched", async ({ page, start }) => {
  const deck = await start({ args: ["--demo"] });
  const requests = new FileRequests(page);
  await page.goto(deck.url);

  const calls = await deck.calls();
  expect(calls.length).toBeGreaterThanOrEqual(6);
  await expect(page.locator("li.call")).toHaveCount(calls.length);
  const states = new Set(calls.map(({ recording }) => recording.state));
  expect(states).toContain("ready");
  expect(states).toContain("not_requested");
  expect(states).toContain("no_recording_url");
  expect(requests.count, "requests before anyone presses Play").toBe(0);

  const { call_sid } = calls.find(({ recording }) => recording.state === "ready");
  const ready = new Player(page, call_sid);
  await ready.play();
  await ready.expectToPlay();
});

for (const lang of ["en", "he"]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`the pages in ${lang}, ${colorScheme}, pass axe`, async ({ page, start }) => {
      const deck = await start({ args: ["--demo"] });
      await page.emulateMedia({ colorScheme });
      const [{ call_sid }] = await deck.calls();
      for (const path of ["/", `/calls/${call_sid}`]) {
        await page.goto(`${deck.url}${path}?lang=${lang}`);
        const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
        expect(found, path).toEqual([]);
      }
    });
  }
}
