// Pictures of the pages, to look at and for the README: `node shoot.js FOLDER`. The list, and a call's
// page in each state, narrow and wide, light and dark, in both languages. docs/player.png is
// demo-call-1200-light-en, at half its size. Not a test.

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chromium } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";
import { Player } from "./support/player.js";
import { Provider } from "./support/provider.js";
import { Tapedeck } from "./support/tapedeck.js";
import { wav } from "./support/wav.js";

const folder = resolve(process.argv[2] ?? "shots");
const NO_WORKER = { args: ["--no-worker"], settings: { TAPEDECK_JOB_TIMEOUT: "2s", TAPEDECK_RETRY_WINDOW: "1m" } };

/** Each state of a call's page: the server it needs, the call, and what to wait for. */
const STATES = {
  idle: { call: (at) => ({ recording_url: at.serve("/idle.wav", wav(90)) }), play: false },
  playing: { call: (at) => ({ recording_url: at.serve("/playing.wav", wav(90)) }), until: "[data-state=playing]" },
  "preparing-running": {
    call: (at) => ({ recording_url: at.serve("/slow.wav", wav(90), { seconds: 60 }) }),
    until: "[data-state=preparing]",
    after: 3000,
  },
  "preparing-no-worker": { server: { args: ["--no-worker"] }, until: "[data-state=preparing]", after: 1500 },
  "preparing-again": { server: NO_WORKER, until: "[data-attempt='2']" },
  "worker-offline": { server: NO_WORKER, until: "[data-error=worker_offline]" },
  "no-recording-url": { call: () => ({ recording_url: null }), until: "[data-error=not_found]" },
  gone: { call: (at) => ({ recording_url: at.fail("/gone.wav") }), until: "[data-state=error]" },
};

const LOOKS = [390, 1200].flatMap((width) =>
  ["light", "dark"].flatMap((colorScheme) => ["en", "he"].map((lang) => ({ width, colorScheme, lang }))),
);

const provider = await Provider.start();
const browser = await chromium.launch(launchOptions);
await mkdir(folder, { recursive: true });

/** Takes a picture in each look; `arrange` brings a page into its state. */
async function shoot(name, arrange) {
  for (const { width, colorScheme, lang } of LOOKS) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, deviceScaleFactor: 2 });
    await arrange(page, `lang=${lang}`);
    await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}-${lang}.png`), fullPage: true });
    await page.close();
  }
  console.log(name);
}

const demo = await Tapedeck.start({ args: ["--demo"], provider });
await shoot("list", async (page, query) => {
  await page.goto(`${demo.url}/?${query}`);
  await page.waitForLoadState("networkidle");
});
const call = (await demo.calls()).find(({ recording }) => recording.state === "ready");
if (call) {
  await shoot("demo-call", async (page, query) => {
    await page.goto(`${demo.url}/calls/${call.call_sid}?${query}`);
    const player = new Player(page, call.call_sid);
    await player.toggle.click();
    await page.locator("[data-state=playing]").waitFor();
    await player.seek(0.4);
    await page.waitForTimeout(1500);
  });
}
await demo.stop();

for (const [name, { server, call, until, after = 0, play = true }] of Object.entries(STATES)) {
  const deck = await Tapedeck.start({ provider, ...server });
  let number = 0;
  await shoot(name, async (page, query) => {
    const callSid = `CA-${name}-${(number += 1)}`;
    await deck.put(callSid, call?.(provider) ?? { recording_url: provider.serve("/any.wav", wav(1)) });
    await page.goto(`${deck.callPage(callSid)}?${query}`);
    await page.waitForLoadState("networkidle");
    if (play) await new Player(page, callSid).toggle.click();
    if (until) await page.locator(until).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(after);
  });
  await deck.stop();
}

await browser.close();
await provider.stop();
