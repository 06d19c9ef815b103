// The player of one call on a page, and what the page asked the file route for.

import { expect } from "@playwright/test";

const FILE = "/api/recordings/file/";

export class Player {
  constructor(page, callSid) {
    this.page = page;
    this.root = page.locator(`[data-player="${callSid}"]`);
    this.headline = this.root.getByRole("status");
    this.toggle = this.root.locator(".player__toggle");
    this.slider = this.root.locator(".track__slider");
  }

  /** Waits until the page's WebAssembly runs. */
  async expectAlive() {
    await expect(this.page.locator("html")).toHaveClass(/is-alive/);
  }

  async play() {
    await this.root.getByRole("button", { name: "Play", exact: true }).click();
  }

  /** Notes each headline from now on; gives a function that tells them, in order. */
  async watch() {
    await this.root.evaluate((root) => {
      const status = root.querySelector("[role=status]");
      window.headlines = [];
      const note = () => {
        const text = status.textContent.trim();
        if (text && text !== window.headlines.at(-1)) window.headlines.push(text);
      };
      new MutationObserver(note).observe(status, { childList: true, characterData: true, subtree: true });
    });
    return () => this.page.evaluate(() => window.headlines);
  }

  /** Seconds from the start. */
  position() {
    return this.root.locator("audio").evaluate((audio) => audio.currentTime);
  }

  /** Waits until it plays and gets on. */
  async expectToPlay() {
    await expect(this.root).toHaveAttribute("data-state", "playing", { timeout: 30_000 });
    await this.expectToGetOn();
  }

  async expectToGetOn() {
    const from = await this.position();
    await expect.poll(() => this.position()).toBeGreaterThan(from + 0.5);
  }

  /** Clicks on the timeline; `share` is 0 at its left end and 1 at its right. */
  async seek(share) {
    const box = await this.slider.boundingBox();
    await this.slider.click({ position: { x: box.width * share, y: box.height / 2 } });
  }
}

/** What a page asks the file route, from now on. */
export class FileRequests {
  #requests = [];

  constructor(page) {
    page.on("request", (request) => {
      if (request.url().includes(FILE)) this.#requests.push(request);
    });
  }

  get count() {
    return this.#requests.length;
  }

  /** Status and first byte asked for, of each that was answered. */
  async answers() {
    const answers = await Promise.all(
      this.#requests.map(async (request) => {
        const response = await request.response().catch(() => null);
        const { range } = await request.allHeaders();
        const from = /^bytes=(\d+)-/.exec(range ?? "")?.[1];
        return response && { status: response.status(), from: from === undefined ? undefined : Number(from) };
      }),
    );
    return answers.filter(Boolean);
  }
}
