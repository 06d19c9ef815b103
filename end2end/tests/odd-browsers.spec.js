// Browsers that lack a feature or refuse it: the player works and names the next step.

import { expect, test } from "../support/fixtures.js";
import { Player } from "../support/player.js";
import { turns } from "../support/turns.js";

/** Opens a call with a ready recording, in a browser modified by `change`. */
async function open({ page, provider, start }, change, bytes = turns()) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  if (change) await page.addInitScript(change);
  const server = await start();
  await server.put("CA-odd", { recording_url: provider.serve("/odd.wav", bytes) });
  await server.ready("CA-odd");
  await page.goto(server.callPage("CA-odd"));
  const player = new Player(page, "CA-odd");
  await player.expectAlive();
  return { errors, player };
}

const LACKS = {
  "no Media Session": () => Object.defineProperty(Navigator.prototype, "mediaSession", { value: undefined }),
  "no MediaMetadata and no action": () => {
    delete window.MediaMetadata;
    navigator.mediaSession.setActionHandler = () => {
      throw new TypeError("unknown action");
    };
  },
  "storage that may not be touched": () =>
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    }),
  "storage that is full": () => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  },
};

for (const [lack, change] of Object.entries(LACKS)) {
  test(`${lack}: it plays`, async ({ page, provider, start }) => {
    const { errors, player } = await open({ page, provider, start }, change);
    await player.root.getByLabel("Speed").selectOption("2×");
    await player.play();
    await player.expectToPlay();
    await player.root.getByRole("button", { name: "Pause" }).click();
    await expect(player.root).toHaveAttribute("data-state", "ready");
    expect(errors).toEqual([]);
  });
}

test("a page without a clipboard shows the link, to be copied by hand", async ({ page, provider, start }) => {
  const { errors, player } = await open({ page, provider, start }, () =>
    Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined }),
  );
  await player.root.getByRole("button", { name: "Copy link to here" }).click();
  await expect(player.root.locator(".player__link")).toContainText("/calls/CA-odd?t=0");
  expect(errors).toEqual([]);
});

test("no Web Audio: both sides play, and no mute is shown", async ({ page, provider, start }) => {
  const { errors, player } = await open({ page, provider, start }, () => {
    window.AudioContext = class {
      constructor() {
        throw new DOMException("none left", "NotSupportedError");
      }
    };
  });
  await player.play();
  await player.expectToPlay();
  const mute = player.root.getByRole("group", { name: "Agent" }).getByRole("button", { name: "Mute" });
  await mute.click();
  await expect(mute).toHaveAttribute("aria-pressed", "false");
  await player.expectToAdvance();
  expect(errors).toEqual([]);
});

test("autoplay refused: the player asks for a press, and one is enough", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, () => {
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
      HTMLMediaElement.prototype.play = play;
      return Promise.reject(new DOMException("a gesture is needed", "NotAllowedError"));
    };
  });
  await player.play();
  await expect(player.headline).toHaveText("Ready. Press Play to listen.");
  await player.play();
  await player.expectToPlay();
});

test("a format that the browser can't play: it says so, and offers the file", async ({ page, provider, start }) => {
  // The server says that the bytes are there; they are no sound.
  await page.route("**/api/recordings/file/**", (route) =>
    route.request().headers().range === "bytes=0-0"
      ? route.continue()
      : route.fulfill({ status: 200, contentType: "audio/wav", body: "<!doctype html>" }),
  );
  const { player } = await open({ page, provider, start });
  await player.play();
  await expect(player.root).toHaveAttribute("data-error", "unplayable", { timeout: 15_000 });
  await expect(player.headline).toHaveText("Your browser can't play this recording");
  await expect(player.root.locator(".player__steps").getByRole("link", { name: "Download" })).toHaveAttribute("href", /download=1$/);
});
