// A worker is there: the job is made, the recording fetched, and it plays by ranges.

import { expect, test } from "../support/fixtures.js";
import { FileRequests, Player } from "../support/player.js";
import { wav } from "../support/wav.js";

const MINUTES = 30;

test("worker online: fetched once, plays, and seeking far ahead asks for a range", async ({ page, provider, start }) => {
  const server = await start();
  // Long enough that Chromium does not have all of it before anyone seeks: 29 MB.
  const recording_url = provider.serve("/long.wav", wav(MINUTES * 60), { seconds: 1 });
  await server.put("CA-long", { recording_url });
  const requests = new FileRequests(page);
  await page.goto(server.callPage("CA-long"));
  const player = new Player(page, "CA-long");
  const headlines = await player.watch();

  await player.play();
  await player.expectToPlay();

  expect(await headlines()).toContain("Recording is being prepared");
  const { recording, runs } = await server.call("CA-long");
  expect(recording).toMatchObject({ state: "ready", bytes: 44 + MINUTES * 60 * 16_000 });
  expect(runs.map(({ status }) => status)).toEqual(["ready"]);
  expect(provider.downloads("/long.wav")).toBe(1);

  await player.seek(0.9);
  await expect.poll(() => player.position()).toBeGreaterThan(0.85 * MINUTES * 60);
  await player.expectToAdvance();
  const ranges = (await requests.answers()).filter(({ status, from }) => status === 206 && from > 20_000_000);
  expect(ranges.length, "answers with bytes from far ahead").toBeGreaterThan(0);
});

test("a recording plays from the list by keyboard alone", async ({ page, provider, start }) => {
  const server = await start();
  await server.put("CA-keys", { recording_url: provider.serve("/keys.wav", wav(20)) });
  await page.goto(server.url);
  const player = new Player(page, "CA-keys");

  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press("Tab");
    if (await player.toggle.evaluate((button) => button === document.activeElement)) break;
  }
  await expect(player.toggle).toBeFocused();
  await page.keyboard.press("Enter");
  await player.expectToPlay();

  await page.keyboard.press("Space");
  await expect(player.root).toHaveAttribute("data-state", "ready");
  await page.keyboard.press("k");
  await expect(player.root).toHaveAttribute("data-state", "playing");
});

test("one player of a list plays at a time", async ({ page, provider, start }) => {
  const server = await start();
  for (const callSid of ["CA-one", "CA-two"]) {
    await server.put(callSid, { recording_url: provider.serve(`/${callSid}.wav`, wav(30)) });
    await server.ready(callSid);
  }
  await page.goto(server.url);
  const [one, two] = ["CA-one", "CA-two"].map((callSid) => new Player(page, callSid));

  await one.play();
  await one.expectToPlay();
  await two.play();
  await two.expectToPlay();

  await expect(one.root).toHaveAttribute("data-state", "ready");
});

test("two tabs on one slow recording: one run, one download, both play", async ({ context, provider, start }) => {
  const server = await start();
  await server.put("CA-slow", { recording_url: provider.serve("/slow.wav", wav(60), { seconds: 5 }) });
  const tabs = [await context.newPage(), await context.newPage()];
  const players = tabs.map((tab) => new Player(tab, "CA-slow"));
  for (const tab of tabs) await tab.goto(server.callPage("CA-slow"));

  for (const player of players) {
    await player.play();
    await expect(player.root).toHaveAttribute("data-state", "preparing");
  }
  for (const player of players) await player.expectToPlay();

  expect((await server.call("CA-slow")).runs).toHaveLength(1);
  expect(provider.downloads("/slow.wav")).toBe(1);
});
