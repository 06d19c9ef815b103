// Whoever leaves, cancels or is told to stop leaves nothing behind: no timer, no request, no stream.

import { answerWith, CUT, HELD, preparing, problem } from "../support/answers.js";
import { expect, test } from "../support/fixtures.js";
import { trackPending, NONE_PENDING, pending } from "../support/pending.js";
import { Player } from "../support/player.js";

/** A wait spent as a held request, and one spent by a timer, where the server declines. */
const WAITS = {
  "a held request": (_, before) => (before === 0 ? preparing() : HELD),
  "a timer": () => preparing({ retry_after: 20 }),
};

/** Ways to end it. */
const ENDS = {
  Cancel: (player) => player.root.getByRole("button", { name: "Cancel" }).click(),
  "leaving the page": (player) =>
    player.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))),
};

const STOPS = {
  not_found: problem(404, "no_recording_url"),
  worker_offline: problem(500, "worker_not_processing_queue"),
  recording_failed: problem(500, "recording_failed"),
  unauthorized: problem(401, "unauthorized"),
};

async function open(page, harness, answer) {
  await trackPending(page);
  await answerWith(page, answer);
  await page.goto(harness.server.callPage("CA-state"));
  const player = new Player(page, "CA-state");
  await player.expectAlive();
  await expectNothing(page);
  await player.play();
  return player;
}

/** The page itself may follow what happens by a stream; the player has none. */
function expectNothing(page) {
  return expect.poll(async () => ({ ...(await pending(page)), streams: 0 })).toEqual(NONE_PENDING);
}

for (const [wait, answer] of Object.entries(WAITS)) {
  for (const [end, act] of Object.entries(ENDS)) {
    test(`${end} ends ${wait}`, async ({ page, harness }) => {
      const player = await open(page, harness, answer);
      await expect(player.root).toHaveAttribute("data-state", "preparing");
      await expect.poll(async () => (await pending(page)).timeouts).toBeGreaterThan(0);

      await act(player);

      await expect(player.root).toHaveAttribute("data-state", "idle");
      await expectNothing(page);
    });
  }
}

test("leaving the list ends its requests", async ({ page, harness }) => {
  await trackPending(page);
  await page.goto(harness.server.url);
  await new Player(page, "CA-ready").expectAlive();

  await ENDS["leaving the page"]({ page });

  await expect.poll(() => pending(page)).toEqual(NONE_PENDING);
});

test("leaving for another page aborts the held request", async ({ page, harness }) => {
  const player = await open(page, harness, WAITS["a held request"]);
  await expect(player.root).toHaveAttribute("data-state", "preparing");
  const cut = page.waitForEvent("requestfailed", (request) => request.url().includes("/api/recordings/file/"));

  await page.goto(harness.server.url);

  expect((await cut).failure().errorText).toBe("net::ERR_ABORTED");
});

for (const [error, answer] of Object.entries(STOPS)) {
  test(`${error} leaves nothing pending`, async ({ page, harness }) => {
    const player = await open(page, harness, () => answer);
    await expect(player.root).toHaveAttribute("data-error", error);
    await expectNothing(page);
  });
}

test("an unreachable server leaves nothing pending", async ({ page, harness }) => {
  const player = await open(page, harness, () => CUT);
  await expect(player.root).toHaveAttribute("data-error", "unreachable", { timeout: 20_000 });
  await expectNothing(page);
});

test("a paused recording leaves nothing pending", async ({ page, harness }) => {
  await trackPending(page);
  await page.goto(harness.server.callPage("CA-ready"));
  const player = new Player(page, "CA-ready");
  await player.play();
  await player.expectToPlay();
  await player.toggle.click();
  await expect(player.root).toHaveAttribute("data-state", "ready");
  await expectNothing(page);
});
