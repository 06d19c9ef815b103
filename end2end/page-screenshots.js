// Screenshots of whole pages, for review and for the README: `npm run screenshots -- FOLDER`. The list, a call that
// plays, and a call's page in each state, narrow and wide, light and dark, in both languages.
// docs/player.png is demo-call-1200-light-en, at half its size. Not a test; visual.spec.js is.

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chromium } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";
import { Player } from "./support/player.js";
import { StateHarness, STATES } from "./support/states.js";
import { Tapedeck } from "./support/tapedeck.js";

const folder = resolve(process.argv[2] ?? "pictures");
const WIDTHS = [390, 1200];
const SCHEMES = ["light", "dark"];

const browser = await chromium.launch(launchOptions);
await mkdir(folder, { recursive: true });

/** Takes screenshots in each variant; `arrange` brings a page into its state. */
async function capture(name, arrange) {
  for (const lang of ["en", "he"]) {
    const page = await browser.newPage({ deviceScaleFactor: 2 });
    await arrange(page, lang);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        const path = join(folder, `${name}-${width}-${colorScheme}-${lang}.png`);
        await page.screenshot({ path, fullPage: true });
      }
    }
    await page.close();
  }
  console.log(name);
}

const demo = await Tapedeck.start({ args: ["--demo"] });
await capture("list", (page, lang) => page.goto(`${demo.url}/?lang=${lang}`));
const { call_sid } = (await demo.calls()).find(({ recording }) => recording.state === "ready");
await capture("demo-call", async (page, lang) => {
  await page.goto(`${demo.url}/calls/${call_sid}?lang=${lang}`);
  const player = new Player(page, call_sid);
  await player.toggle.click();
  await page.locator("[data-state=playing]").waitFor();
  await player.audio.evaluate((audio) => (audio.currentTime = audio.duration * 0.4));
  await player.expectToAdvance();
});
await demo.stop();

const harness = await StateHarness.start();
for (const name of Object.keys(STATES)) await capture(name, (page, lang) => harness.arrange(page, name, lang));
await harness.stop();
await browser.close();
