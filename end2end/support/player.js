// The player of one call on a page, and the page's requests to the file route.

import { expect } from "@playwright/test";

const FILE = "/api/recordings/file/";

export class Player {
  constructor(page, callSid) {
    this.page = page;
    this.root = page.locator(`[data-player="${callSid}"]`);
    // Beside the island, which adopts it.
    this.audio = page.locator(`[id="audio-${callSid}"]`);
    this.headline = this.root.getByRole("status");
    this.toggle = this.root.locator(".player__toggle");
    this.track = this.root.locator(".track");
    this.slider = this.root.locator(".track__slider");
  }

  /** Waits until the page's WebAssembly has started. */
  async expectAlive() {
    await expect(this.page.locator("html")).toHaveClass(/is-alive/);
  }

  async play() {
    await this.root.getByRole("button", { name: "Play", exact: true }).click();
  }

  /** Records each headline from now on; returns a function that lists them in order. */
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
    return this.audio.evaluate((audio) => audio.currentTime);
  }

  /** Waits until it plays and the position advances. */
  async expectToPlay() {
    await expect(this.root).toHaveAttribute("data-state", "playing", { timeout: 30_000 });
    await this.expectToAdvance();
  }

  async expectToAdvance() {
    const from = await this.position();
    await expect.poll(() => this.position()).toBeGreaterThan(from + 0.5);
  }

  /** Goes to a second of the recording, without the timeline. */
  async goTo(seconds) {
    await this.audio.evaluate(
      (audio, seconds) =>
        new Promise((resolve) => {
          audio.addEventListener("seeked", resolve, { once: true });
          audio.currentTime = seconds;
        }),
      seconds,
    );
  }

  /** Clicks on the timeline; `share` is 0 at its left end and 1 at its right. */
  async seek(share) {
    const box = await this.slider.boundingBox();
    await this.slider.click({ position: { x: box.width * share, y: box.height / 2 } });
  }
}

/** A page's requests to the file route, from now on. */
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

  /** Status and first requested byte of each answered request. */
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
