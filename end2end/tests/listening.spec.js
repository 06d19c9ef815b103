// Playback options: the waveform, the two sides, silences, repeating a time span, speed, keys, saved positions.

import { expect, test } from "../support/fixtures.js";
import { Player } from "../support/player.js";
import { SECONDS, SILENCE, turns } from "../support/turns.js";

/** A call whose recording is ready, and its page. */
async function open({ page, provider, start }, callSid, query = "") {
  const server = await start();
  await server.put(callSid, { recording_url: provider.serve(`/${callSid}.wav`, turns()) });
  await server.ready(callSid);
  await page.goto(server.callPage(callSid) + query);
  const player = new Player(page, callSid);
  await player.expectAlive();
  return { server, player };
}

test("the page is sent with the waveform, one lane a side, and asks for no peaks", async ({ page, provider, start }) => {
  let asked = 0;
  page.on("request", (request) => (asked += request.url().includes("/api/recordings/peaks/")));
  const { player } = await open({ page, provider, start }, "CA-waveform");

  await expect(player.track).toHaveAttribute("data-waveform", "");
  // A bar is tall where somebody speaks, in that lane alone, and nowhere in the silence.
  const height = async (seconds, lane) => {
    const shape = await player.root.locator(`[data-path="${lane}"]`).getAttribute("d");
    const bars = [...shape.matchAll(/M\d+ \d+v(\d+)/g)].map(([, height]) => Number(height));
    return bars[Math.floor((seconds / SECONDS) * bars.length)];
  };
  expect(await height(1, 0)).toBeGreaterThan(80);
  expect(await height(1, 1)).toBeLessThan(5);
  expect(await height(4, 0)).toBeLessThan(5);
  expect(await height(4, 1)).toBeGreaterThan(80);
  expect(await height(7, 0)).toBeLessThan(5);
  expect(asked).toBe(0);
});

test("a recording that becomes ready on the page gets its waveform", async ({ page, provider, start }) => {
  const server = await start();
  await server.put("CA-later", { recording_url: provider.serve("/later.wav", turns()) });
  await page.goto(server.callPage("CA-later"));
  const player = new Player(page, "CA-later");
  await player.play();
  await player.expectToPlay();
  await expect(player.track).toHaveAttribute("data-waveform", "");
  await expect(player.root.locator('[data-path="1"]')).toHaveAttribute("d", /^M1 /);
});

test("without a waveform there is a plain slider, and it seeks", async ({ page, provider, start }) => {
  await page.route("**/api/recordings/peaks/**", (route) => route.fulfill({ status: 404, json: { error: "no_peaks" } }));
  const server = await start();
  await server.put("CA-plain", { recording_url: provider.serve("/plain.wav", turns()) });
  await page.goto(server.callPage("CA-plain"));
  const player = new Player(page, "CA-plain");
  await player.play();
  await player.expectToPlay();
  await player.seek(0.8);

  await expect.poll(() => player.position()).toBeGreaterThan(0.75 * SECONDS);
  await expect(player.track).not.toHaveAttribute("data-waveform");
});

test("a click on the waveform before Play sets the start position", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, "CA-begin");

  await player.seek(0.7);
  await expect(player.slider).toHaveAttribute("aria-valuetext", "0:10 of 0:15");
  await player.play();
  await player.expectToPlay();

  expect(await player.position()).toBeGreaterThan(0.65 * SECONDS);
});

test("dragging along the timeline seeks, and the pointer's time is shown", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, "CA-drag");
  await player.play();
  await player.expectToPlay();

  const { x, y, width, height } = await player.slider.boundingBox();
  await page.mouse.move(x + width * 0.23, y + height / 2);
  await expect(player.root.locator(".track__hover")).toBeVisible();
  await expect(player.root.locator(".track__hover")).toHaveText("0:03");
  await page.mouse.down();
  await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 5 });
  await page.mouse.move(x + width * 0.9, y + height / 2, { steps: 5 });
  await page.mouse.up();

  await expect.poll(() => player.position()).toBeGreaterThan(0.85 * SECONDS);
});

test("a drag is one seek and fetches nothing on the way", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, "CA-one-seek");
  await player.play();
  await player.expectToPlay();
  const audio = player.audio;
  await audio.evaluate((audio) => {
    window.seeks = 0;
    audio.addEventListener("seeking", () => (window.seeks += 1));
  });

  const { x, y, width, height } = await player.slider.boundingBox();
  await page.mouse.move(x + width * 0.3, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.8, y + height / 2, { steps: 20 });
  await expect(player.slider).toHaveAttribute("aria-valuetext", "0:12 of 0:15");
  expect(await page.evaluate(() => window.seeks)).toBe(0);
  await page.mouse.up();

  await expect.poll(() => player.position()).toBeGreaterThan(0.79 * SECONDS);
  expect(await page.evaluate(() => window.seeks)).toBe(1);
});

/** What the page's gain nodes are set to, lane by lane: to the left and to the right ear. */
const gains = (page) => page.evaluate(() => window.gains.map((node) => Math.round(node.gain.value * 100) / 100));

test("each side can be muted or played alone, then on both ears", async ({ page, provider, start }) => {
  await page.addInitScript(() => {
    window.gains = [];
    const create = AudioContext.prototype.createGain;
    AudioContext.prototype.createGain = function () {
      const node = create.call(this);
      window.gains.push(node);
      return node;
    };
  });
  const { player } = await open({ page, provider, start }, "CA-lanes");
  await player.play();
  await player.expectToPlay();
  expect(await gains(page), "no graph before anyone wants one").toEqual([]);

  const lane = (name) => player.root.getByRole("group", { name });
  await lane("Agent").getByRole("button", { name: "Solo" }).click();
  await expect.poll(() => gains(page)).toEqual([1, 1, 0, 0]);
  await expect(lane("Agent").getByRole("button", { name: "Solo" })).toHaveAttribute("aria-pressed", "true");
  await lane("Agent").getByRole("button", { name: "Solo" }).click();
  await expect.poll(() => gains(page)).toEqual([1, 0, 0, 1]);
  await lane("Agent").getByRole("button", { name: "Mute" }).click();
  await expect.poll(() => gains(page)).toEqual([0, 0, 1, 1]);
  await player.expectToAdvance();
});

test("silences are skipped, and the saved time is shown", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, "CA-silence");
  const skip = player.root.getByRole("button", { name: "Skip silence" });
  await expect(skip).toContainText("−0:04");

  await skip.click();
  await player.play();
  await player.expectToPlay();
  await player.seek((SILENCE.from - 0.3) / SECONDS);

  await expect.poll(() => player.position()).toBeGreaterThan(SILENCE.from + 1);
  expect(await player.position()).toBeGreaterThan(SILENCE.to - 0.5);
});

test("a time span repeats until the listener ends it", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, "CA-repeat");
  await player.play();
  await player.expectToPlay();

  await player.goTo(1);
  await player.root.getByRole("button", { name: "Repeat from here" }).click();
  await player.goTo(2.5);
  await player.root.getByRole("button", { name: /^Repeat 0:01 to here$/ }).click();
  const repeating = player.root.getByRole("button", { name: /^Repeating 0:01 to 0:0[23]$/ });
  await expect(repeating).toHaveAttribute("aria-pressed", "true");
  await expect.poll(() => player.position()).toBeLessThan(2);

  await repeating.click();
  await expect.poll(() => player.position()).toBeGreaterThan(3.5);
});

test("a time span up to the end repeats, too", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, "CA-to-the-end");
  await player.seek(0.9);
  await player.root.getByRole("button", { name: "Repeat from here" }).click();
  await player.toggle.focus();
  await page.keyboard.press("End");
  await player.root.getByRole("button", { name: /^Repeat 0:13 to here$/ }).click();

  await player.play();
  await player.expectToPlay();
  await expect.poll(() => player.position()).toBeLessThan(14);
  await player.expectToAdvance();
});

test("a copied link opens at its position", async ({ context, page, provider, start }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { server, player } = await open({ page, provider, start }, "CA-link");
  await player.seek(0.5);
  await player.root.getByRole("button", { name: "Copy link to here" }).click();
  await expect(player.root.getByRole("button", { name: "Copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${server.callPage("CA-link")}?t=7`);

  await page.goto(link);
  await player.expectAlive();
  await expect(player.slider).toHaveAttribute("aria-valuetext", "0:07 of 0:15");
  await player.play();
  await player.expectToPlay();
  expect(await player.position()).toBeGreaterThanOrEqual(7);
});

test("position, speed and volume are saved, and the address overrides the position", async ({ page, provider, start }) => {
  const { server, player } = await open({ page, provider, start }, "CA-memory");
  await player.root.getByLabel("Speed").selectOption("1.5×");
  await player.root.getByLabel("Volume").fill("0.4");
  await player.play();
  await player.expectToPlay();
  await player.seek(0.6);
  await expect.poll(() => player.position()).toBeGreaterThan(8);
  await player.root.getByRole("button", { name: "Pause" }).click();
  await expect(player.root).toHaveAttribute("data-state", "ready");

  await page.reload();
  await player.expectAlive();
  await expect(player.slider).toHaveAttribute("aria-valuetext", /^0:(09|10) of 0:15$/);
  await expect(player.root.getByLabel("Speed")).toHaveValue("1.5×");
  await expect(player.root.getByLabel("Volume")).toHaveValue("0.4");
  await player.play();
  await player.expectToPlay();
  const audio = player.audio;
  expect(await audio.evaluate(({ playbackRate, volume, preservesPitch }) => [playbackRate, volume, preservesPitch])).toEqual([
    1.5,
    expect.closeTo(0.4),
    true,
  ]);

  await page.goto(`${server.callPage("CA-memory")}?t=2`);
  await player.expectAlive();
  await expect(player.slider).toHaveAttribute("aria-valuetext", "0:02 of 0:15");
});

test("each key does what the shortcuts list says", async ({ page, provider, start }) => {
  const { player } = await open({ page, provider, start }, "CA-keys");
  await player.toggle.focus();
  await page.keyboard.press("k");
  await player.expectToPlay();
  await page.keyboard.press("k");
  await expect(player.root).toHaveAttribute("data-state", "ready");

  const presses = async (key, seconds) => {
    await page.keyboard.press(key);
    await expect.poll(async () => Math.round((await player.position()) * 10) / 10).toBe(seconds);
  };
  await presses("0", 0);
  await presses("l", 10);
  await presses("j", 0);
  await presses("ArrowRight", 5);
  await presses("ArrowLeft", 0);
  await presses("5", 7.5);
  await presses("End", 15);
  await presses("Home", 0);

  const audio = (read) => player.audio.evaluate(read);
  await page.keyboard.press(">");
  await expect.poll(() => audio(({ playbackRate }) => playbackRate)).toBe(1.25);
  await page.keyboard.press("<");
  await expect.poll(() => audio(({ playbackRate }) => playbackRate)).toBe(1);
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => audio(({ volume }) => volume)).toBeCloseTo(0.9);
  await page.keyboard.press("m");
  await expect.poll(() => audio(({ muted }) => muted)).toBe(true);

  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys of the player" });
  await expect(sheet).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(player.toggle).toBeFocused();
});

test("unused keys are left to the page", async ({ page, provider, start }) => {
  const server = await start();
  await server.put("CA-idle", { recording_url: provider.serve("/idle.wav", turns()) });
  await page.goto(server.callPage("CA-idle"));
  const player = new Player(page, "CA-idle");
  await player.expectAlive();
  await page.setViewportSize({ width: 360, height: 300 });
  await player.toggle.focus();

  await page.keyboard.press("End");
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
  await page.keyboard.press("ArrowDown");
  expect(await player.audio.evaluate(({ volume }) => volume)).toBe(1);
});

test("after Cancel the focus is on the play button", async ({ page, provider, start }) => {
  const server = await start({ args: ["--no-worker"] });
  await server.put("CA-focus", { recording_url: provider.serve("/focus.wav", turns()) });
  await page.goto(server.callPage("CA-focus"));
  const player = new Player(page, "CA-focus");
  await player.play();
  await expect(player.root).toHaveAttribute("data-state", "preparing");

  await player.root.getByRole("button", { name: "Cancel" }).press("Enter");

  await expect(player.root).toHaveAttribute("data-state", "idle");
  await expect(player.toggle).toBeFocused();
});

test("the device's keys play, pause and seek", async ({ page, provider, start }) => {
  await page.addInitScript(() => {
    window.actions = {};
    navigator.mediaSession.setActionHandler = (action, handler) => (window.actions[action] = handler);
  });
  const { player } = await open({ page, provider, start }, "CA-device");
  await player.play();
  await player.expectToPlay();

  expect(await page.evaluate(() => navigator.mediaSession.metadata.title)).toBe("+15550100 → +15550199");
  const act = (details) => page.evaluate((details) => window.actions[details.action](details), details);
  await act({ action: "pause" });
  await expect(player.root).toHaveAttribute("data-state", "ready");
  await act({ action: "seekto", seekTime: 4 });
  await expect.poll(() => player.position()).toBe(4);
  await act({ action: "seekforward", seekOffset: 3 });
  await expect.poll(() => player.position()).toBe(7);
  await act({ action: "seekbackward" });
  await expect.poll(() => player.position()).toBe(0);
  await act({ action: "play" });
  await player.expectToPlay();
});
