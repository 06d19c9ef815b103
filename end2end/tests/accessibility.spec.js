// Pages that everybody can use: what axe finds against WCAG 2.2 AA, in both languages and colour schemes.

import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../support/fixtures.js";
import { Player } from "../support/player.js";
import { wav } from "../support/wav.js";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function expectNoViolations(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

for (const lang of ["en", "he"]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`list, waiting, stopped and playing, in ${lang}, ${colorScheme}`, async ({ page, provider, start }) => {
      const deck = await start();
      await deck.put("CA-none", { recording_url: null });
      await deck.put("CA-slow", { recording_url: provider.serve("/slow.wav", wav(30), { seconds: 4 }) });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(`${deck.url}/?lang=${lang}`);
      await expect(page.locator("html")).toHaveAttribute("dir", lang === "he" ? "rtl" : "ltr");
      await expectNoViolations(page);

      for (const [callSid, states] of [["CA-none", ["error"]], ["CA-slow", ["preparing", "playing"]]]) {
        await page.goto(`${deck.callPage(callSid)}?lang=${lang}`);
        const player = new Player(page, callSid);
        await player.toggle.click();
        for (const state of states) {
          await expect(player.root).toHaveAttribute("data-state", state);
          await expectNoViolations(page);
        }
      }
    });
  }
}
