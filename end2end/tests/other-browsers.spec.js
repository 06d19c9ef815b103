// The player's main job in Firefox and in WebKit: says why it can't play, waits, plays, seeks, stops
// waiting. BROWSERS.md says how they are driven, and what was found.

import { expect, test } from "../support/fixtures.js";
import { BROWSERS, OtherBrowser } from "../support/other-browsers.js";
import { conversation, wav } from "../support/wav.js";

/** The player of a page that is driven over WebDriver. */
class DrivenPlayer {
  constructor(page) {
    this.page = page;
  }

  async press(selector) {
    await this.page.findElement({ css: `[data-player] ${selector}` }).click();
  }

  async pressNamed(name) {
    const path = `//*[@data-player]//button[normalize-space()="${name}"]`;
    await this.page.findElement({ xpath: path }).click();
  }

  attribute(name) {
    return this.page.executeScript(`return document.querySelector("[data-player]").dataset.${name} ?? null`);
  }

  text(selector) {
    return this.page.executeScript(`return document.querySelector("[data-player] ${selector}").textContent.trim()`);
  }

  position() {
    return this.page.executeScript(`return document.querySelector(".recording audio").currentTime`);
  }

  async expectState(state) {
    await expect.poll(() => this.attribute("state"), { timeout: 30_000 }).toBe(state);
  }

  async expectToAdvance() {
    const from = await this.position();
    await expect.poll(() => this.position(), { timeout: 30_000 }).toBeGreaterThan(from + 0.5);
  }
}

for (const name of Object.keys(BROWSERS)) {
  test.describe(name, () => {
    let browser;
    test.beforeAll(async () => {
      browser = await OtherBrowser.start(name);
    });
    test.afterAll(() => browser?.stop());

    /** The choice of a language stays: so each names its own. */
    async function open(address, query = "lang=en") {
      await browser.page.get(`${address}?${query}`);
      return new DrivenPlayer(browser.page);
    }

    test(`waits for a slow recording, plays it, seeks, pauses`, async ({ provider, start }) => {
      const server = await start();
      await server.put("CA-slow", { recording_url: provider.serve("/slow.wav", conversation(600), { seconds: 3 }) });
      const player = await open(server.callPage("CA-slow"));

      await player.press(".player__toggle");
      await player.expectState("preparing");
      await player.expectState("playing");
      await player.expectToAdvance();

      // The 9 on the keyboard: nine tenths of the whole.
      await browser.page.findElement({ css: "[data-player] .player__toggle" }).sendKeys("9");
      await expect.poll(() => player.position()).toBeGreaterThan(500);
      await player.expectToAdvance();

      await player.press(".player__toggle");
      await player.expectState("ready");
      expect((await server.call("CA-slow")).runs).toHaveLength(1);
    });

    test(`starts at ?t=, plays one side alone, and recalls the position, in Hebrew`, async ({ provider, start }) => {
      const server = await start();
      await server.put("CA-he", { recording_url: provider.serve("/he.wav", conversation(60)) });
      await server.ready("CA-he");
      const player = await open(server.callPage("CA-he"), "t=20&lang=he");
      expect(await browser.page.executeScript("return document.dir")).toBe("rtl");
      await expect.poll(() => browser.page.executeScript(`return document.querySelector(".track").dataset.waveform`)).toBe("");

      await player.press(".player__toggle");
      await player.expectState("playing");
      expect(await player.position()).toBeGreaterThanOrEqual(20);
      // The first press plays before the player's own code has arrived; the lanes' buttons need it.
      await expect.poll(() => browser.page.executeScript("return self.alive === true")).toBe(true);
      await player.press(".lane[data-lane='0'] button:last-child");
      const isAlone = `return document.querySelector(".lane[data-lane='0'] button:last-child").ariaPressed`;
      await expect.poll(() => browser.page.executeScript(isAlone)).toBe("true");
      await player.expectToAdvance();
      await player.press(".player__toggle");
      await player.expectState("ready");
      const left = Math.floor(await player.position());

      await open(server.callPage("CA-he"), "lang=he");
      const place = `return Math.floor(document.querySelector(".track__slider").valueAsNumber)`;
      await expect.poll(() => browser.page.executeScript(place)).toBe(left);
    });

    test(`reports at once that there is no recording`, async ({ start }) => {
      const server = await start();
      await server.put("CA-none", { recording_url: null });
      const player = await open(server.callPage("CA-none"));

      await player.press(".player__toggle");

      await player.expectState("error");
      expect(await player.attribute("error")).toBe("not_found");
      expect(await player.text(".player__headline")).toBe(
        "Recording not found - no recording URL for this call",
      );
    });

    test(`reports that no worker is online, and Cancel ends the wait`, async ({ provider, start }) => {
      const server = await start({ args: ["--no-worker"] });
      await server.put("CA-wait", { recording_url: provider.serve("/wait.wav", wav(1)) });
      const player = await open(server.callPage("CA-wait"));

      await player.press(".player__toggle");
      await player.expectState("preparing");
      expect(await player.text("")).toContain("No worker is online right now.");
      await player.pressNamed("Cancel");

      await player.expectState("idle");
    });
  });
}
