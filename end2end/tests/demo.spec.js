// The demo: what someone sees who has just started it.

import { expect, test } from "../support/fixtures.js";
import { FileRequests, Player } from "../support/player.js";

test("the demo lists its calls, requests none by itself, and plays", async ({ page, start }) => {
  const server = await start({ args: ["--demo"] });
  const requests = new FileRequests(page);
  await page.goto(server.url);

  // The demo prefetches some of its recordings.
  const states = async () => (await server.calls()).map(({ recording }) => recording.state);
  await expect.poll(states).toContain("ready");
  const calls = await server.calls();
  expect(calls.length).toBeGreaterThanOrEqual(6);
  await expect(page.locator("li.call")).toHaveCount(calls.length);
  expect(await states()).toContain("not_requested");
  expect(await states()).toContain("no_recording_url");
  expect(requests.count, "requests before anyone presses Play").toBe(0);

  const { call_sid } = calls.find(({ recording }) => recording.state === "ready");
  const ready = new Player(page, call_sid);
  await ready.play();
  await ready.expectToPlay();
});
