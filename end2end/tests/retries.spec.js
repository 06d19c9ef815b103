// How often it asks, and for how long, with a clock that the test moves: of our answers 202 alone is
// retried, twelve times over three minutes.

import { answerWith, BAD_GATEWAY, preparing, problem } from "../support/answers.js";
import { runUntil, setClock, stopClock } from "../support/clock.js";
import { expect, test } from "../support/fixtures.js";
import { trackPending } from "../support/pending.js";
import { Player } from "../support/player.js";

/** The page's seconds since Play was pressed. */
async function clockOf(page) {
  const pressed = await page.evaluate(() => performance.now());
  return async () => ((await page.evaluate(() => performance.now())) - pressed) / 1000;
}

async function open(page, harness, answer) {
  await setClock(page);
  await trackPending(page);
  const asked = [];
  await answerWith(page, (request, before) => {
    asked.push(request.headers());
    return answer(request, before);
  });
  await page.goto(harness.server.callPage("CA-state"));
  const player = new Player(page, "CA-state");
  await player.expectAlive();
  await stopClock(page);
  return { player, asked };
}

const stopped = (player) => async () => (await player.root.getAttribute("data-state")) === "error";

/** Half an hour later nobody has asked again. */
async function expectSilence(page, asked) {
  const { length } = asked;
  await page.clock.runFor("30:00");
  await page.evaluate(() => fetch("/healthz"));
  expect(asked.length, "requests after it stopped").toBe(length);
}

for (const [workersOnline, error, words] of [
  [1, "timed_out", /^Recording still being prepared \(waited (\d+) seconds\)\. Can take up to 3 minutes for long recordings\.$/],
  [0, "worker_offline", /^Recording worker not responding\. Please try again later or contact support\.$/],
]) {
  test(`${workersOnline} workers, requests not held: twelve retries, three minutes, ${error}`, async ({ page, harness }) => {
    const { player, asked } = await open(page, harness, () => preparing({ workers_online: workersOnline }));
    const seconds = await clockOf(page);
    await player.play();

    await runUntil(page, stopped(player));

    await expect(player.root).toHaveAttribute("data-error", error);
    await expect(player.headline).toHaveText(words);
    expect(asked.length, "the first ask and its retries").toBe(1 + 12);
    expect(await seconds()).toBeGreaterThanOrEqual(180);
    const said = words.exec(await player.headline.textContent())?.[1];
    if (said) expect(Math.abs(Number(said) - (await seconds()))).toBeLessThanOrEqual(5);
    await expectSilence(page, asked);
  });
}

/** A server that holds each request as long as it asks, by the page's clock. */
class Holding {
  /** Seconds that each request offered to be held. */
  waits = [];
  #held = [];

  get held() {
    return this.#held.length;
  }

  answer = (request) => {
    const wait = Number(/wait=(\d+)/.exec(request.headers().prefer ?? "")?.[1] ?? 0);
    if (wait === 0) return preparing();
    this.waits.push(wait);
    return new Promise((resolve) => this.#held.push({ wait, left: wait, resolve }));
  };

  /** A second has gone by. */
  tick = () => {
    for (const request of this.#held) request.left -= 1;
    const due = this.#held.filter(({ left }) => left <= 0);
    this.#held = this.#held.filter(({ left }) => left > 0);
    for (const { wait, resolve } of due) resolve(preparing({}, { "preference-applied": `wait=${wait}` }));
  };
}

test("requests held for their full time: twelve retries, three minutes, no request twice", async ({ page, harness }) => {
  const server = new Holding();
  const { player, asked } = await open(page, harness, server.answer);
  const seconds = await clockOf(page);
  await player.play();

  await runUntil(page, stopped(player), { step: 1, held: () => server.held, afterStep: server.tick });

  await expect(player.root).toHaveAttribute("data-error", "timed_out");
  expect(server.waits, "each retry is a held request").toHaveLength(12);
  expect(asked, "the first ask and its retries").toHaveLength(1 + 12);
  expect(Math.max(...server.waits)).toBeLessThanOrEqual(30);
  expect(await seconds()).toBeGreaterThanOrEqual(180);
  await expectSilence(page, asked);
});

test("Retry-After is a minimum", async ({ page, harness }) => {
  const { player, asked } = await open(page, harness, () => preparing({ retry_after: 25 }));
  const seconds = await clockOf(page);
  await player.play();
  // The second ask is the offer to be held, which this server declines.
  await runUntil(page, () => asked.length === 2, { step: 1 });
  const declined = await seconds();

  await runUntil(page, () => asked.length === 3, { step: 1 });

  expect((await seconds()) - declined).toBeGreaterThanOrEqual(24);
});

for (const [status, code, error] of [
  [404, "no_recording_url", "not_found"],
  [404, "call_not_found", "unknown_call"],
  [404, "recording_deleted", "deleted"],
  [500, "worker_not_processing_queue", "worker_offline"],
  [500, "recording_failed", "recording_failed"],
  [500, "database_unavailable", "server_error"],
]) {
  test(`${status} ${code} is requested once`, async ({ page, harness }) => {
    const { player, asked } = await open(page, harness, () => problem(status, code));
    await player.play();
    await expect(player.root).toHaveAttribute("data-error", error);
    expect(asked).toHaveLength(1);
    await expectSilence(page, asked);
  });
}

test("a proxy's 502: a few quick retries, then the server can't be reached", async ({ page, harness }) => {
  const { player, asked } = await open(page, harness, () => BAD_GATEWAY);
  const seconds = await clockOf(page);
  await player.play();

  await runUntil(page, stopped(player));

  await expect(player.root).toHaveAttribute("data-error", "unreachable");
  expect(asked.length).toBeGreaterThan(2);
  expect(asked.length).toBeLessThanOrEqual(5);
  expect(await seconds()).toBeLessThan(30);
  await expectSilence(page, asked);
});

test("a proxy's 502 in between does not count: the wait continues when the server is back", async ({ page, harness }) => {
  const { player } = await open(page, harness, (_, before) => (before === 1 ? BAD_GATEWAY : preparing()));
  await player.play();

  await runUntil(page, stopped(player));

  await expect(player.root).toHaveAttribute("data-error", "timed_out");
});
