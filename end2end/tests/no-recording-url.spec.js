// What will never exist is said at once.

import { expect, test } from "../support/fixtures.js";
import { FileRequests, Player } from "../support/player.js";

test("no recording URL: 404 at once, its message, exactly one request", async ({ page, start }) => {
  await page.clock.install();
  const server = await start();
  await server.put("CA-none", { recording_url: null });
  const requests = new FileRequests(page);
  await page.goto(server.callPage("CA-none"));
  const player = new Player(page, "CA-none");

  await player.play();

  await expect(player.root).toHaveAttribute("data-error", "not_found");
  await expect(player.headline).toHaveText("Recording not found - no recording URL for this call");
  expect((await requests.answers()).map(({ status }) => status)).toEqual([404]);
  await page.clock.fastForward("30:00");
  await page.waitForTimeout(1000);
  expect(requests.count).toBe(1);

  const problem = await (await server.ask("CA-none")).json();
  expect(problem).toMatchObject({
    status: 404,
    error: "no_recording_url",
    detail: "No recording URL for this call",
    call_sid: "CA-none",
  });
  expect((await server.call("CA-none")).runs).toEqual([]);
});
